//! What happened and who did it: rows that are only ever added.

use sdk::clock::Timestamp;
use sdk::page::{Found, Page};
use sdk::sql::{Condition, Error, Row, Transaction};
use uuid::Uuid;

use super::select;

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

/// An entry of the audit log.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: Uuid,
    pub(crate) at: Timestamp,
    pub(crate) actor_id: Option<Uuid>,
    pub(crate) actor_name: String,
    pub(crate) actor_ip: Option<String>,
    pub(crate) action: String,
    pub(crate) target_type: String,
    pub(crate) target_id: String,
    pub(crate) changes: serde_json::Value,
}

/// Which entries are wanted; an absent part does not restrict.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) actor_id: Option<Uuid>,
    pub(crate) action: Option<String>,
    /// Type and key, or only the type.
    pub(crate) target: Option<(String, Option<String>)>,
}

/// A page of the audit log, the latest first.
pub(crate) async fn entries(tx: &Transaction, filter: &Filter, page: Page) -> Result<Found<Entry>, Error> {
    let mut condition = Condition::default();
    condition.equal("actor_id", filter.actor_id);
    condition.equal("action", filter.action.as_ref());
    if let Some((kind, id)) = &filter.target {
        condition.equal("target_type", Some(kind));
        condition.equal("target_id", id.as_ref());
    }
    let columns = "id, at, actor_id, actor_name, actor_ip, action, target_type, target_id, changes";
    select(tx, (columns, "audit_log", "at DESC, id DESC"), condition, page, read).await
}

fn read(row: &Row) -> Result<Entry, Error> {
    Ok(Entry {
        id: row.get("id")?,
        at: row.get("at")?,
        actor_id: row.get("actor_id")?,
        actor_name: row.get("actor_name")?,
        actor_ip: row.get("actor_ip")?,
        action: row.get("action")?,
        target_type: row.get("target_type")?,
        target_id: row.get("target_id")?,
        changes: row.get("changes")?,
    })
}
