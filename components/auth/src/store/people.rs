//! People as administrators list them, and their names for everybody.

use std::collections::HashMap;

use sdk::clock::Timestamp;
use sdk::page::{Found, Page};
use sdk::sql::{Condition, Error, Row, Transaction};
use uuid::Uuid;

use super::select;
use super::users::{self, COLUMNS, FROM};
use crate::domain::access::Scope;
use crate::domain::user::{Approval, RoleHeld, User};

/// A person with what only administrators see.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) user: User,
    pub(crate) joined_at: Timestamp,
    pub(crate) last_login_at: Option<Timestamp>,
    /// The end of the present or the last lock.
    pub(crate) locked_until: Option<Timestamp>,
    pub(crate) approval_reason: Option<String>,
}

/// Where somebody stands, as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Approval(Approval),
    Inactive,
}

/// Which people are wanted; an absent part does not restrict.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// With an active role in this system.
    pub(crate) system: Option<String>,
    /// With an active role of this name (in `system`, if that is given).
    pub(crate) role: Option<String>,
    pub(crate) standing: Option<Standing>,
    /// With this text in name, e-mail address or username, in any case.
    pub(crate) search: Option<String>,
}

const MORE: &str = "u.created_at, u.last_login_at, u.approval_reason, g.locked_until";
const HELD: &str = "SELECT 1 FROM role_assignments a JOIN roles r ON r.id = a.role_id \
     JOIN systems s ON s.id = r.system_id WHERE a.user_id = u.id";

fn source() -> (String, String) {
    (format!("{COLUMNS}, {MORE}"), format!("{FROM} LEFT JOIN login_guard g ON g.user_id = u.id"))
}

/// A page of people, by family name.
pub(crate) async fn list(tx: &Transaction, scope: &Scope, filter: &Filter, page: Page) -> Result<Found<Listed>, Error> {
    let (columns, from) = source();
    let order = "lower(u.last_name), lower(u.first_name), u.id";
    let found = select(tx, (&columns, &from, order), condition(scope, filter), page, |row| Ok(row.clone())).await?;
    Ok(Found { items: with_roles(tx, &found.items).await?, total: found.total })
}

/// One person.
pub(crate) async fn by_id(tx: &Transaction, id: Uuid) -> Result<Option<Listed>, Error> {
    let (columns, from) = source();
    let rows = tx.query(&format!("SELECT {columns} FROM {from} WHERE u.id = $1"), [id.into()]).await?;
    Ok(with_roles(tx, &rows).await?.pop())
}

/// The systems in which somebody has a role, or had one that is kept.
pub(crate) async fn systems(tx: &Transaction, id: Uuid) -> Result<Vec<String>, Error> {
    let statement = "SELECT DISTINCT s.slug FROM role_assignments a JOIN roles r ON r.id = a.role_id \
         JOIN systems s ON s.id = r.system_id WHERE a.user_id = $1";
    let rows = tx.query(statement, [id.into()]).await?;
    rows.iter().map(|row| row.get("slug")).collect()
}

/// People with these keys; those that nobody has are left out. Their roles are not read.
pub(crate) async fn named(tx: &Transaction, ids: &[Uuid]) -> Result<Vec<User>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut condition = Condition::default();
    let term = format!("u.id IN ({})", condition.bind_all(ids.iter().copied()));
    condition.term(term);
    let statement = format!("SELECT {COLUMNS} FROM {FROM}{}", condition.clause());
    let rows = tx.query(&statement, condition.params()).await?;
    rows.iter().map(|row| users::read(row, Vec::new())).collect()
}

fn condition(scope: &Scope, filter: &Filter) -> Condition {
    let mut condition = Condition::default();
    if let Scope::Systems(systems) = scope {
        // Roles taken away count too, so that those who took one away can give it back.
        let term = format!("EXISTS ({HELD} AND s.slug IN ({}))", condition.bind_all(systems));
        condition.term(term);
    }
    if filter.system.is_some() || filter.role.is_some() {
        let mut held = format!("{HELD} AND a.is_active");
        for (column, value) in [("s.slug", &filter.system), ("r.name", &filter.role)] {
            if let Some(value) = value {
                held = format!("{held} AND {column} = {}", condition.bind(value));
            }
        }
        condition.term(format!("EXISTS ({held})"));
    }
    match filter.standing {
        Some(Standing::Approval(approval)) => condition.equal("u.approval", Some(approval.as_str())),
        Some(Standing::Inactive) => condition.term("NOT u.is_active"),
        None => {}
    }
    let searched = ["u.first_name || ' ' || u.last_name", "u.email", "u.username"];
    condition.search(&searched, filter.search.as_deref());
    condition
}

/// Reads people and, in one statement, the active roles of all of them.
async fn with_roles(tx: &Transaction, rows: &[Row]) -> Result<Vec<Listed>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = rows.iter().map(|row| row.get::<Uuid>("id")).collect::<Result<Vec<_>, _>>()?;
    let mut condition = Condition::default();
    let places = condition.bind_all(ids);
    let statement = format!(
        "SELECT a.user_id, s.slug AS system, r.name AS role FROM role_assignments a \
         JOIN roles r ON r.id = a.role_id JOIN systems s ON s.id = r.system_id \
         WHERE a.is_active AND a.user_id IN ({places}) ORDER BY s.slug, r.name"
    );
    let mut roles: HashMap<Uuid, Vec<RoleHeld>> = HashMap::new();
    for row in tx.query(&statement, condition.params()).await? {
        let held = RoleHeld { system: row.get("system")?, role: row.get("role")? };
        roles.entry(row.get("user_id")?).or_default().push(held);
    }
    let listed = |row: &Row| {
        Ok(Listed {
            user: users::read(row, roles.remove(&row.get::<Uuid>("id")?).unwrap_or_default())?,
            joined_at: row.get("created_at")?,
            last_login_at: row.get("last_login_at")?,
            locked_until: row.get("locked_until")?,
            approval_reason: row.get("approval_reason")?,
        })
    };
    rows.iter().map(listed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_restricts_within_the_scope() {
        assert_eq!(condition(&Scope::Everything, &Filter::default()).clause(), "");
        let scope = Scope::Systems(vec!["tts".to_owned()]);
        let filter = Filter {
            system: Some("hdts".to_owned()),
            role: Some("Employee".to_owned()),
            standing: Some(Standing::Approval(Approval::Pending)),
            search: Some("ada".to_owned()),
        };
        let condition = condition(&scope, &filter);
        let clause = condition.clause();
        for part in
            ["s.slug IN ($1))", "a.is_active AND s.slug = $2 AND r.name = $3)", "u.approval = $4", "like lower($5)"]
        {
            assert!(clause.contains(part), "{clause}");
        }
        assert_eq!(condition.params().len(), 5);
    }
}
