//! The mirror of people and their roles, fed by `user.changed`.

use events::UserChangedV1;
use sdk::clock::Timestamp;
use sdk::sql::{Error, Transaction};
use sdk::uuid::Uuid;

use crate::domain::Recipient;

/// Coordinators told of one ticket. One transaction writes a row for each; a help desk has a handful.
const COORDINATORS_MAX: i64 = 200;

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

/// The active ticket coordinators of the help desk, at most 200.
pub(crate) async fn coordinators(tx: &Transaction) -> Result<Vec<Uuid>, Error> {
    let statement = format!(
        "select r.user_id from recipient_roles_ref h join recipients_ref r on r.user_id = h.user_id \
         where h.system = 'hdts' and h.role = 'Ticket Coordinator' and r.is_active order by r.user_id \
         limit {COORDINATORS_MAX}"
    );
    let rows = tx.query(&statement, []).await?;
    rows.iter().map(|row| row.get("user_id")).collect()
}
