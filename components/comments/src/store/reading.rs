//! Until when somebody has read a ticket's comments.

use sdk::sql::{self, Error, Transaction};
use uuid::Uuid;

use super::at;
use crate::domain::{Standing, Visibility};

/// Notes that somebody has read everything until now.
///
/// # Errors
/// Those of [`sql::execute`].
pub(crate) async fn mark_read(number: &str, user: Uuid, now: i64) -> Result<(), Error> {
    let statement = "insert into read_marks (ticket_number, user_id, last_seen_at) values ($1, $2, $3) \
                     on conflict (ticket_number, user_id) do update set last_seen_at = excluded.last_seen_at \
                     where read_marks.last_seen_at < excluded.last_seen_at";
    sql::execute(statement, [number.into(), user.into(), at(now)]).await?;
    Ok(())
}

/// Comments and answers of others that somebody who stands so to the ticket has not read.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn unread(tx: &Transaction, number: &str, user: Uuid, standing: Standing) -> Result<i64, Error> {
    let hidden = if standing.sees(Visibility::Internal) { "" } else { " and c.visibility = 'public'" };
    let statement = format!(
        "select count(*) as total from comments c where c.ticket_number = $1 and c.author_id <> $2 \
         and c.deleted_at is null{hidden} and not exists (select 1 from read_marks m \
         where m.ticket_number = c.ticket_number and m.user_id = $2 and m.last_seen_at >= c.created_at)"
    );
    tx.query(&statement, [number.into(), user.into()]).await?.first().ok_or(Error::NoRow)?.get("total")
}
