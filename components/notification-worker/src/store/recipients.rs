//! Who can be told and how they want it: the mirror of people and their roles, fed by `user.changed`, and preferences.

use events::{Person, UserChangedV1};
use sdk::clock::Timestamp;
use sdk::sql::{Error, Row, Transaction};
use sdk::uuid::Uuid;

use crate::domain::{Channels, Circle, Recipient};

/// Members of a circle told of one event. One transaction writes a row for each; a help desk has a handful.
const MEMBERS_MAX: i64 = 200;

/// Takes over a person's state unless a newer or the same one is known; false if so.
pub(crate) async fn upsert(tx: &Transaction, user: Uuid, event: &UserChangedV1, now: Timestamp) -> Result<bool, Error> {
    let full_name = format!("{} {}", event.first_name.trim(), event.last_name.trim());
    let changed = tx
        .execute(
            "insert into recipients_ref (user_id, email, full_name, is_active, source_version, synced_at) \
             values ($1, $2, $3, $4, $5, $6) on conflict (user_id) do update set email = excluded.email, \
             full_name = excluded.full_name, is_active = excluded.is_active, \
             source_version = excluded.source_version, synced_at = excluded.synced_at \
             where recipients_ref.source_version < excluded.source_version",
            vec![
                user.into(),
                (&event.email).into(),
                full_name.trim().into(),
                event.is_active.into(),
                event.changed_at.into(),
                now.into(),
            ],
        )
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    tx.execute("delete from recipient_roles_ref where user_id = $1", [user.into()]).await?;
    for held in &event.roles {
        let statement = "insert into recipient_roles_ref (user_id, system, role) values ($1, $2, $3) \
                         on conflict (user_id, system, role) do nothing";
        tx.execute(statement, [user.into(), (&held.system).into(), (&held.role).into()]).await?;
    }
    Ok(true)
}

/// What is known of a person.
pub(crate) async fn recipient(tx: &Transaction, user: Uuid) -> Result<Option<Recipient>, Error> {
    let statement = "select email, full_name, is_active from recipients_ref where user_id = $1";
    let rows = tx.query(statement, [user.into()]).await?;
    rows.first()
        .map(|row| {
            Ok(Recipient {
                email: row.get("email")?,
                full_name: row.get("full_name")?,
                is_active: row.get("is_active")?,
            })
        })
        .transpose()
}

/// The active members of a circle, at most 200.
pub(crate) async fn members(tx: &Transaction, circle: Circle) -> Result<Vec<Person>, Error> {
    let statement = format!(
        "select r.user_id, r.full_name, r.email from recipient_roles_ref h \
         join recipients_ref r on r.user_id = h.user_id \
         where h.system = $1 and h.role = $2 and r.is_active order by r.user_id limit {MEMBERS_MAX}"
    );
    let (system, role) = circle.role();
    let rows = tx.query(&statement, [system.into(), role.into()]).await?;
    let read = |row: &Row| {
        let id = row.get::<Uuid>("user_id")?.to_string();
        Ok(Person { id, name: row.get("full_name")?, email: row.get("email")? })
    };
    rows.iter().map(read).collect()
}

/// How a person wants to be told of things of this type; where they did not say, as the type has it.
pub(crate) async fn channels(tx: &Transaction, user: Uuid, kind: &str) -> Result<Channels, Error> {
    let statement = "select coalesce(p.in_app, t.default_in_app) as in_app, \
                     coalesce(p.email, t.default_email) as email from notification_types t \
                     left join preferences p on p.type_code = t.code and p.user_id = $1 where t.code = $2";
    let rows = tx.query(statement, [user.into(), kind.into()]).await?;
    let row = rows.first().ok_or(Error::NoRow)?;
    Ok(Channels { in_app: row.get("in_app")?, email: row.get("email")? })
}
