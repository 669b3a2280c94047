//! SQL in the common subset of SQLite and PostgreSQL, and its translation to `domain` values. No rules.

pub(crate) mod accounts;
pub(crate) mod assignments;
pub(crate) mod challenges;
pub(crate) mod demo;
pub(crate) mod guard;
pub(crate) mod journal;
pub(crate) mod limits;
pub(crate) mod people;
pub(crate) mod purge;
pub(crate) mod resets;
pub(crate) mod sessions;
pub(crate) mod users;

use sdk::page::{Found, Page};
use sdk::sql::{Condition, Error, Row, Transaction};

/// How many rows there are of `from` (a table or a join), and one page of them in an order.
async fn select<T>(
    tx: &Transaction,
    (columns, from, order): (&str, &str, &str),
    condition: Condition,
    page: Page,
    read: impl Fn(&Row) -> Result<T, Error>,
) -> Result<Found<T>, Error> {
    let from = format!("{from}{}", condition.clause());
    let rows = tx.query(&format!("SELECT count(*) AS total FROM {from}"), condition.params()).await?;
    let total = rows.first().ok_or(Error::NoRow)?.get("total")?;
    let (limits, params) = condition.page(page);
    let rows = tx.query(&format!("SELECT {columns} FROM {from} ORDER BY {order}{limits}"), params).await?;
    Ok(Found { items: rows.iter().map(read).collect::<Result<_, _>>()?, total })
}
