//! What only the demo asks of the database.

use sdk::clock::Timestamp;
use sdk::sql::{Error, Transaction};
use sdk::uuid::Uuid;
use tasks::Plan;

/// Whether there is any workflow.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn any_workflow(tx: &Transaction) -> Result<bool, Error> {
    Ok(!tx.query("select id from workflows limit 1", []).await?.is_empty())
}

/// Whether all of these versions are there, with these workflows.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn has_versions(tx: &Transaction, keys: &[(Uuid, Uuid)]) -> Result<bool, Error> {
    let statement = "select id from workflow_versions where id = $1 and workflow_id = $2";
    for (version, workflow) in keys {
        if tx.query(statement, [(*version).into(), (*workflow).into()]).await?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether any ticket is known.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn any_ticket(tx: &Transaction) -> Result<bool, Error> {
    Ok(!tx.query("select ticket_id from ticket_snapshots limit 1", []).await?.is_empty())
}

/// Adds the first draft of a workflow with a key that is given, without a graph and without times.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn add_draft(tx: &Transaction, plan: &Plan, now: i64) -> Result<(), Error> {
    let params =
        vec![plan.version_id.into(), plan.workflow.id.into(), plan.version.into(), true.into(), Timestamp(now).into()];
    let statement = "insert into workflow_versions (id, workflow_id, n, is_draft, created_at) \
         values ($1, $2, $3, $4, $5)";
    tx.execute(statement, params).await?;
    Ok(())
}
