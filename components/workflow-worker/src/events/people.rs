//! Who there is: the mirror that rotation chooses from.

use events::UserChangedV1;
use sdk::message::refuse;
use sdk::{Delivery, Problem, sql};
use tasks::store;

use crate::{clockwork, domain};

/// The mirror takes the newest state, whatever order the messages come in; so it needs no inbox.
///
/// Whoever comes into a role may be the one that tickets waited for. They get their tasks after the mirror's commit;
/// if that fails, the message comes again, and finds the rest still waiting.
pub(super) async fn changed(delivery: &Delivery<UserChangedV1>) -> Result<(), Problem> {
    let member = domain::member(&delivery.data).map_err(refuse)?;
    sql::retry(|| async {
        let tx = sql::begin().await?;
        store::mirror(&tx, &member).await?;
        tx.commit().await
    })
    .await?;
    if domain::can_work(&member) {
        clockwork::allocate_waiting(&delivery.id).await?;
    }
    Ok(())
}
