//! The mirror of people and their roles, fed by `user.changed`, and the rotation over it.

use std::collections::BTreeSet;

use sdk::sql::{self, Error, Row, Transaction};
use uuid::Uuid;

use crate::domain::{Member, Person, Pool, Turn, pool_key};

use super::at;

/// Members of one role that are looked at; a role with more is one that needs no rotation.
const MEMBERS_MAX: i64 = 1_000;

/// Takes over a person's state, unless the same or a newer one is known; false if so.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub async fn mirror(tx: &Transaction, member: &Member) -> Result<bool, Error> {
    let user = member.person.id;
    let params = vec![
        user.into(),
        (&member.person.name).into(),
        (&member.person.email).into(),
        member.is_active.into(),
        member.source_version.into(),
    ];
    let statement = "insert into people_ref (user_id, full_name, email, is_active, source_version) \
         values ($1, $2, $3, $4, $5) on conflict (user_id) do update set full_name = excluded.full_name, \
         email = excluded.email, is_active = excluded.is_active, source_version = excluded.source_version \
         where people_ref.source_version < excluded.source_version";
    if tx.execute(statement, params).await? == 0 {
        return Ok(false);
    }
    tx.execute("delete from role_members_ref where user_id = $1", [user.into()]).await?;
    for (system, role) in &member.roles {
        let statement = "insert into role_members_ref (system, role, user_id, source_version) \
             values ($1, $2, $3, $4) on conflict (system, role, user_id) do nothing";
        let params = vec![system.into(), role.into(), user.into(), member.source_version.into()];
        tx.execute(statement, params).await?;
    }
    Ok(true)
}

/// The active holders of a role and who of them had the last turn.
///
/// # Errors
/// Those of [`Transaction::query`].
pub async fn pool(tx: &Transaction, system: &str, role: &str, purpose: &str) -> Result<Pool, Error> {
    let key = pool_key(system, role, purpose);
    let statement = format!(
        "select p.user_id, p.full_name, p.email from role_members_ref m join people_ref p on p.user_id = m.user_id \
         where m.system = $1 and m.role = $2 and p.is_active order by p.user_id limit {MEMBERS_MAX}"
    );
    let rows = tx.query(&statement, [system.into(), role.into()]).await?;
    let members = rows.iter().map(person).collect::<Result<_, _>>()?;
    let turn = tx.query("select last_user_id from rotation where pool_key = $1", [(&key).into()]).await?;
    let last = turn.first().map(|row| row.get("last_user_id")).transpose()?;
    Ok(Pool { key, last, members })
}

/// Notes a turn.
pub(super) async fn take_turn(tx: &Transaction, turn: &Turn, now: i64) -> Result<(), Error> {
    let statement = "insert into rotation (pool_key, last_user_id, last_at) values ($1, $2, $3) \
         on conflict (pool_key) do update set last_user_id = excluded.last_user_id, last_at = excluded.last_at";
    tx.execute(statement, vec![(&turn.pool_key).into(), turn.user.into(), at(now)]).await?;
    Ok(())
}

/// An active person with any role in `tts`.
///
/// # Errors
/// Those of [`Transaction::query`].
pub async fn staff(tx: &Transaction, user: Uuid) -> Result<Option<Person>, Error> {
    let statement = "select p.user_id, p.full_name, p.email from people_ref p where p.user_id = $1 and p.is_active \
         and exists (select 1 from role_members_ref m where m.user_id = p.user_id and m.system = 'tts')";
    tx.query(statement, [user.into()]).await?.first().map(person).transpose()
}

/// The roles of `tts` with an active holder.
///
/// # Errors
/// Those of [`sql::query`].
pub async fn staffed_roles() -> Result<BTreeSet<String>, Error> {
    let statement = "select distinct m.role from role_members_ref m join people_ref p on p.user_id = m.user_id \
         where m.system = 'tts' and p.is_active";
    sql::query(statement, []).await?.iter().map(|row| row.get("role")).collect()
}

fn person(row: &Row) -> Result<Person, Error> {
    Ok(Person { id: row.get("user_id")?, name: row.get("full_name")?, email: row.get("email")? })
}
