//! The mirror of people and their roles.

use events::{Person, UserChangedV1};
use sdk::sql::{Error, Transaction, Value};
use uuid::Uuid;

use super::{at, places};
use crate::domain::{Known, username};

/// Holders of one name; auth gives a name once, but its news may come in any order.
const NAMESAKES_MAX: i64 = 100;

/// Takes over a person's state unless the same or a newer one is known.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn upsert(tx: &Transaction, user: Uuid, event: &UserChangedV1, now: i64) -> Result<(), Error> {
    let full_name = format!("{} {}", event.first_name.trim(), event.last_name.trim());
    let changed = tx
        .execute(
            "insert into users_ref (user_id, email, username, full_name, is_active, source_version, synced_at) \
             values ($1, $2, $3, $4, $5, $6, $7) on conflict (user_id) do update set email = excluded.email, \
             username = excluded.username, full_name = excluded.full_name, is_active = excluded.is_active, \
             source_version = excluded.source_version, synced_at = excluded.synced_at \
             where users_ref.source_version < excluded.source_version",
            vec![
                user.into(),
                (&event.email).into(),
                username(&event.email).into(),
                full_name.trim().into(),
                event.is_active.into(),
                event.changed_at.into(),
                at(now),
            ],
        )
        .await?;
    if changed == 0 {
        return Ok(());
    }
    tx.execute("delete from user_roles_ref where user_id = $1", [user.into()]).await?;
    for held in &event.roles {
        let statement = "insert into user_roles_ref (user_id, system, role) values ($1, $2, $3) \
                         on conflict (user_id, system, role) do nothing";
        tx.execute(statement, [user.into(), (&held.system).into(), (&held.role).into()]).await?;
    }
    Ok(())
}

/// Notes what a ticket's message calls somebody of whom nothing is known yet.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn remember(tx: &Transaction, user: Uuid, person: &Person, now: i64) -> Result<(), Error> {
    tx.execute(
        "insert into users_ref (user_id, email, username, full_name, is_active, source_version, synced_at) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (user_id) do nothing",
        vec![
            user.into(),
            (&person.email).into(),
            username(&person.email).into(),
            person.name.trim().into(),
            true.into(),
            0_i64.into(),
            at(now),
        ],
    )
    .await?;
    Ok(())
}

/// The active people with these usernames, and whether their roles let them see every ticket's comments.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn called(tx: &Transaction, usernames: &[String]) -> Result<Vec<Known>, Error> {
    if usernames.is_empty() {
        return Ok(Vec::new());
    }
    let statement = format!(
        "select u.user_id, exists (select 1 from user_roles_ref r where r.user_id = u.user_id \
         and (r.role = 'Ticket Coordinator' or r.role = 'Admin') and (r.system = 'hdts' or r.system = 'tts')) \
         as oversees from users_ref u where u.is_active and u.username in ({}) order by u.user_id \
         limit {NAMESAKES_MAX}",
        places(1, usernames.len())
    );
    let rows = tx.query(&statement, usernames.iter().map(Value::from).collect::<Vec<_>>()).await?;
    rows.iter().map(|row| Ok(Known { user: row.get("user_id")?, oversees: row.get("oversees")? })).collect()
}

/// What these people are called, in the order of the keys; those unknown are left out.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn people(tx: &Transaction, keys: &[Uuid]) -> Result<Vec<Person>, Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let statement =
        format!("select user_id, full_name, email from users_ref where user_id in ({})", places(1, keys.len()));
    let rows = tx.query(&statement, keys.iter().map(|key| Value::from(*key)).collect::<Vec<_>>()).await?;
    let mut people = Vec::with_capacity(rows.len());
    for row in &rows {
        let id: Uuid = row.get("user_id")?;
        people.push((id, Person { id: id.to_string(), name: row.get("full_name")?, email: row.get("email")? }));
    }
    people.sort_by_key(|(id, _)| keys.iter().position(|key| key == id));
    Ok(people.into_iter().map(|(_, person)| person).collect())
}
