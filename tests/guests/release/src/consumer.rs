//! Handles messages and schedules. An effect is a row, in one transaction with the message's id in the inbox.

use sdk::http::Incoming;
use sdk::sql::Error;

use crate::block;
use crate::routes::{Reply, plain};

/// The row names the version that handles the message and the one that sent it, which wrote itself into the subject.
pub(crate) async fn consume(request: &Incoming) -> Reply {
    if block::text("worker") == Some("fail") {
        return plain(503, "this version's worker fails");
    }
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (id, sender) = (header("ce-id"), header("ce-subject"));
    let work = || async move {
        let transaction = sdk::sql::begin().await?;
        if sdk::inbox::once(&transaction, "work", id).await? {
            let row = [id.into(), block::version().into(), sender.into()];
            transaction.execute("INSERT INTO handled (id, handler, sender) VALUES ($1, $2, $3)", row).await?;
        }
        transaction.commit().await
    };
    match sdk::sql::retry(work).await {
        Ok::<(), Error>(()) => plain(204, ""),
        Err(error) => plain(503, &format!("{error:?}")),
    }
}

/// A schedule's request.
pub(crate) async fn tick(request: &Incoming) -> Reply {
    if block::text("worker") == Some("fail") {
        return plain(503, "this version's worker fails");
    }
    let slot = request.headers().get("ce-time").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let row = [slot.into(), block::version().into()];
    match sdk::sql::execute("INSERT INTO ticks (slot, version) VALUES ($1, $2)", row).await {
        Ok(_) => plain(204, ""),
        Err(error) => plain(503, &format!("{error:?}")),
    }
}
