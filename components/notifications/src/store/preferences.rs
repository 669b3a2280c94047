//! The types of notifications, and what people chose for them.

use sdk::sql::{self, Error, Row, Transaction};
use sdk::uuid::Uuid;

use crate::domain::{Choice, Kind};

/// Every type, in the order of their codes; a handful.
pub(crate) async fn kinds() -> Result<Vec<Kind>, Error> {
    let statement = "select code, title, severity, default_in_app, default_email from notification_types order by code";
    let read = |row: &Row| {
        Ok(Kind {
            code: row.get("code")?,
            title: row.get("title")?,
            severity: row.get("severity")?,
            default_in_app: row.get("default_in_app")?,
            default_email: row.get("default_email")?,
        })
    };
    sql::query(statement, []).await?.iter().map(read).collect()
}

/// What somebody chose; at most one row for each type.
pub(crate) async fn chosen(user: Uuid) -> Result<Vec<Choice>, Error> {
    let statement = "select type_code, in_app, email from preferences where user_id = $1";
    let read =
        |row: &Row| Ok(Choice { kind: row.get("type_code")?, in_app: row.get("in_app")?, email: row.get("email")? });
    sql::query(statement, [user.into()]).await?.iter().map(read).collect()
}

/// Keeps somebody's choice for one type.
pub(crate) async fn choose(tx: &Transaction, user: Uuid, choice: &Choice) -> Result<(), Error> {
    let statement = "insert into preferences (user_id, type_code, in_app, email) values ($1, $2, $3, $4) \
                     on conflict (user_id, type_code) do update set in_app = excluded.in_app, email = excluded.email";
    tx.execute(statement, [user.into(), (&choice.kind).into(), choice.in_app.into(), choice.email.into()]).await?;
    Ok(())
}
