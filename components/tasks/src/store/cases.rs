//! A task with all that decisions about it need, as one consistent read.

use sdk::sql::{self, Error, Isolation, Transaction, Value};
use uuid::Uuid;

use super::plans::plan;
use super::rows::{ITEM_COLUMNS, TASK_COLUMNS, TICKET_COLUMNS, item, task, ticket};
use crate::domain::Case;

/// By what a task is known.
#[derive(Debug, Clone, Copy)]
pub enum Key<'a> {
    /// Its own key.
    Task(Uuid),
    /// The key of one of its items.
    Item(Uuid),
    /// The number of its ticket: the task that lives, else the last one.
    Number(&'a str),
}

/// A task, in a transaction of its own that only reads.
///
/// # Errors
/// Those of [`Transaction::query`].
pub async fn case(key: Key<'_>) -> Result<Option<Case>, Error> {
    let tx = sql::begin_with(Isolation::RepeatableRead, true).await?;
    let case = case_in(&tx, key).await?;
    tx.rollback().await?;
    Ok(case)
}

/// A task.
///
/// # Errors
/// Those of [`Transaction::query`].
pub async fn case_in(tx: &Transaction, key: Key<'_>) -> Result<Option<Case>, Error> {
    let (condition, param): (_, Value) = match key {
        Key::Task(id) => ("t.id = $1", id.into()),
        Key::Item(id) => ("t.id = (select task_id from task_items where id = $1)", id.into()),
        Key::Number(number) => ("k.number = $1", number.into()),
    };
    let statement = format!(
        "select t.version_id, {TASK_COLUMNS}, {TICKET_COLUMNS} from tasks t \
         join ticket_snapshots k on k.ticket_id = t.ticket_id where {condition} \
         order by case when t.state in ('pending', 'in_progress', 'on_hold') then 0 else 1 end, t.started_at desc, \
         t.id desc limit 1"
    );
    let rows = tx.query(&statement, [param]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let task = task(row)?;
    let plan = plan(tx, row.get("version_id")?).await?.ok_or(Error::NoRow)?;
    let statement =
        format!("select {ITEM_COLUMNS} from task_items i where i.task_id = $1 order by i.assigned_at, i.id");
    let items = tx.query(&statement, [task.id.into()]).await?;
    let items = items.iter().map(item).collect::<Result<_, _>>()?;
    Ok(Some(Case { ticket: ticket(row)?, plan, task, items }))
}
