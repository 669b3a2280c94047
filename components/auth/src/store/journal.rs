//! What happened and who did it: rows that are only ever added.

use sdk::clock::Timestamp;
use sdk::sql::{Error, Transaction};
use uuid::Uuid;

/// Where a request came from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller {
    pub(crate) address: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) request_id: Option<String>,
}

/// An attempt to sign in. `outcome` is a word of the schema.
pub(crate) struct LoginEvent<'a> {
    pub(crate) user_id: Option<Uuid>,
    pub(crate) email: &'a str,
    pub(crate) outcome: &'a str,
}

/// Adds an attempt to sign in.
pub(crate) async fn login(
    tx: &Transaction,
    event: &LoginEvent<'_>,
    caller: &Caller,
    at: Timestamp,
) -> Result<(), Error> {
    let statement = "INSERT INTO login_events (id, at, user_id, email, outcome, ip, user_agent) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let (address, agent) = (caller.address.clone(), caller.user_agent.clone());
    let params = [
        sdk::id::new().into(),
        at.into(),
        event.user_id.into(),
        event.email.into(),
        event.outcome.into(),
        address.into(),
        agent.into(),
    ];
    tx.execute(statement, params).await?;
    Ok(())
}

/// Something that was done to somebody's account; by nobody if the system did it.
pub(crate) struct Audit<'a> {
    pub(crate) actor: Option<(Uuid, &'a str)>,
    pub(crate) action: &'a str,
    pub(crate) target: (&'a str, String),
    pub(crate) changes: serde_json::Value,
}

/// Adds an entry to the audit log.
pub(crate) async fn audit(tx: &Transaction, entry: &Audit<'_>, caller: &Caller, at: Timestamp) -> Result<(), Error> {
    let statement = "INSERT INTO audit_log (id, at, actor_id, actor_name, actor_ip, user_agent, action, target_type, \
         target_id, changes, correlation_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let (actor_id, actor_name) = entry.actor.map_or((None, "system"), |(id, name)| (Some(id), name));
    let (target_type, target_id) = &entry.target;
    let params = [
        sdk::id::new().into(),
        at.into(),
        actor_id.into(),
        actor_name.into(),
        caller.address.clone().into(),
        caller.user_agent.clone().into(),
        entry.action.into(),
        (*target_type).into(),
        target_id.into(),
        entry.changes.clone().into(),
        caller.request_id.clone().into(),
    ];
    tx.execute(statement, params).await?;
    Ok(())
}
