//! Items whose time runs out, and what was told of it.

use sdk::sql::{Error, Transaction};
use uuid::Uuid;

use super::at;
use crate::domain::Alarm;

/// An open item that has reached a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The item.
    pub item: Uuid,
    /// Its task.
    pub task: Uuid,
}

/// Open items that have reached a level by `now`, the longest ago first.
///
/// # Errors
/// Those of [`Transaction::query`].
pub async fn due_items(tx: &Transaction, now: i64, limit: u32) -> Result<Vec<Due>, Error> {
    let statement = "select id, task_id from task_items where state in ('new', 'in_progress') \
         and next_alert_at <= $1 and due_at is not null order by next_alert_at, id limit $2";
    let rows = tx.query(statement, vec![at(now), limit.into()]).await?;
    rows.iter().map(|row| Ok(Due { item: row.get("id")?, task: row.get("task_id")? })).collect()
}

/// The levels of an item that were told.
///
/// # Errors
/// Those of [`Transaction::query`].
pub async fn told(tx: &Transaction, item: Uuid) -> Result<Vec<u32>, Error> {
    let rows = tx.query("select level from sla_alerts where item_id = $1", [item.into()]).await?;
    rows.iter().map(|row| row.get("level")).collect()
}

/// Notes what a look at the clock found.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub async fn settle(tx: &Transaction, item: Uuid, alarm: &Alarm, now: i64) -> Result<(), Error> {
    for level in &alarm.reached {
        let statement = "insert into sla_alerts (item_id, level, fired_at) values ($1, $2, $3) \
             on conflict (item_id, level) do nothing";
        tx.execute(statement, vec![item.into(), (*level).into(), at(now)]).await?;
    }
    let breached_at = alarm.is_breach.then_some(now);
    let statement = "update task_items set next_alert_at = $2, breached_at = coalesce(breached_at, $3) where id = $1";
    tx.execute(statement, vec![item.into(), super::maybe_at(alarm.next_alert_at), super::maybe_at(breached_at)])
        .await?;
    Ok(())
}

/// Flags tasks that are past their own target by `now`; returns how many.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub async fn flag_late_tasks(tx: &Transaction, now: i64, limit: u32) -> Result<u64, Error> {
    let statement = "update tasks set breached_at = $1 where id in (select id from tasks \
         where state in ('pending', 'in_progress', 'on_hold') and breached_at is null and due_at < $1 \
         order by due_at limit $2)";
    tx.execute(statement, vec![at(now), limit.into()]).await
}
