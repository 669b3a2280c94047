//! What happened and who did it: rows that are only ever added.

use sdk::sql::{self, Error, Row, Transaction};
use uuid::Uuid;

use super::at;
use super::rows::moment;
use crate::domain::{Audit, ItemEvent, ItemState, Person};

/// What stands for the name of nobody.
const SYSTEM: &str = "system";

/// Where a request came from, for the audit log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// The address of who asked.
    pub actor_ip: Option<String>,
    /// Their browser.
    pub user_agent: Option<String>,
    /// The request, or the message.
    pub correlation_id: Option<String>,
}

/// Adds a line to the audit log.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub async fn audit(tx: &Transaction, line: &Audit, trace: &Trace) -> Result<(), Error> {
    let (target_type, target_id) = &line.target;
    let params = vec![
        sdk::id::new().into(),
        at(line.at),
        line.actor.as_ref().map(|actor| actor.id).into(),
        line.actor.as_ref().map_or(SYSTEM, |actor| &actor.name).into(),
        trace.actor_ip.clone().into(),
        trace.user_agent.clone().into(),
        line.action.into(),
        (*target_type).into(),
        target_id.into(),
        line.changes.clone().into(),
        trace.correlation_id.clone().into(),
    ];
    let statement = "insert into audit_log (id, at, actor_id, actor_name, actor_ip, user_agent, action, target_type, \
         target_id, changes, correlation_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    tx.execute(statement, params).await?;
    Ok(())
}

/// Adds a line to an item's history.
pub(super) async fn append(tx: &Transaction, event: &ItemEvent) -> Result<(), Error> {
    let params = vec![
        sdk::id::new().into(),
        event.item.into(),
        at(event.at),
        event.from.map(ItemState::code).into(),
        event.to.code().into(),
        event.actor.as_ref().map(|actor| actor.id).into(),
        event.actor.as_ref().map_or(SYSTEM, |actor| &actor.name).into(),
        event.reason.clone().into(),
    ];
    let statement = "insert into task_item_events (id, item_id, at, from_state, to_state, actor_id, actor_name, \
         reason) values ($1, $2, $3, $4, $5, $6, $7, $8)";
    tx.execute(statement, params).await?;
    Ok(())
}

/// The histories of all items of a task, the oldest line first. People have no address here.
///
/// # Errors
/// Those of [`sql::query`].
pub async fn item_events(task: Uuid) -> Result<Vec<ItemEvent>, Error> {
    let statement = "select e.item_id, e.at, e.from_state, e.to_state, e.actor_id, e.actor_name, e.reason \
         from task_item_events e join task_items i on i.id = e.item_id where i.task_id = $1 order by e.at, e.id";
    sql::query(statement, [task.into()]).await?.iter().map(event).collect()
}

fn event(row: &Row) -> Result<ItemEvent, Error> {
    let from: Option<String> = row.get("from_state")?;
    let actor_id: Option<Uuid> = row.get("actor_id")?;
    let name: String = row.get("actor_name")?;
    Ok(ItemEvent {
        item: row.get("item_id")?,
        at: moment(row, "at")?,
        from: from.and_then(|code| ItemState::read(&code)),
        to: row.word("to_state", ItemState::read)?,
        actor: actor_id.map(|id| Person { id, name, email: String::new() }),
        reason: row.get("reason")?,
    })
}
