//! The clock closes what nobody closed.

use sdk::http::Json;
use sdk::{Problem, clock, sql};
use serde_json::{Value, json};

use crate::domain::{By, Catalogue, Command, REOPEN_WINDOW_US, decide};
use crate::{events, store};

/// Tickets closed in one transaction: few enough that nobody who writes waits long.
const BATCH_MAX: i64 = 50;
/// Transactions in one run; what is left waits an hour more.
const BATCHES_MAX: u32 = 20;

/// `POST /internal/auto-close` (private, by cron): closes what was resolved 72 hours ago. Safe to repeat, and to run
/// twice at once: a ticket that is closed or reopened meanwhile is none of those that are found.
pub(super) async fn auto_close() -> Result<Json<Value>, Problem> {
    let catalogue = store::catalogue().await?;
    let mut closed = 0;
    for _ in 0..BATCHES_MAX {
        let batch = sql::retry(|| batch(&catalogue)).await?;
        closed += batch;
        if batch < BATCH_MAX {
            break;
        }
    }
    Ok(Json(json!({ "closed": closed })))
}

/// Closes some of them; how many.
async fn batch(catalogue: &Catalogue) -> Result<i64, Problem> {
    let now = clock::now().0;
    let tx = sql::begin().await?;
    let mut closed = 0;
    for ticket in store::resolved_until(&tx, now - REOPEN_WINDOW_US, BATCH_MAX).await? {
        let change = decide(&ticket, Command::AutoClose, By::System, now);
        let change = change.map_err(|refusal| Problem::internal(format!("{}: {refusal:?}", ticket.number)))?;
        if !events::record(&tx, &change, catalogue).await? {
            return Err(sql::Error::Conflict.into());
        }
        closed += 1;
    }
    tx.commit().await?;
    Ok(closed)
}
