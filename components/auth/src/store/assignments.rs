//! Roles, and who holds them.

use sdk::clock::Timestamp;
use sdk::page::{Found, Page};
use sdk::sql::{Condition, Error, Row, Transaction, Value};
use serde_json::json;
use uuid::Uuid;

use super::select;
use crate::domain::access::Scope;

/// A role of a system.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) id: Uuid,
    pub(crate) system: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) is_builtin: bool,
}

/// A role that somebody holds, or held.
#[derive(Debug, Clone)]
pub(crate) struct Assignment {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) user_name: String,
    pub(crate) user_email: String,
    pub(crate) role_id: Uuid,
    pub(crate) system: String,
    pub(crate) role: String,
    pub(crate) is_active: bool,
    pub(crate) assigned_by: Option<Uuid>,
    pub(crate) assigned_at: Timestamp,
    pub(crate) revoked_at: Option<Timestamp>,
}

/// Which roles or assignments are wanted; an absent part does not restrict.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) system: Option<String>,
    /// The name of a role.
    pub(crate) role: Option<String>,
    pub(crate) user_id: Option<Uuid>,
}

const ROLES: &str = "roles r JOIN systems s ON s.id = r.system_id";
const ROLE_COLUMNS: &str = "r.id, s.slug AS system, r.name, r.description, r.is_builtin";
const ASSIGNMENTS: &str = "role_assignments a JOIN roles r ON r.id = a.role_id JOIN systems s ON s.id = r.system_id \
     JOIN users u ON u.id = a.user_id";
const ASSIGNMENT_COLUMNS: &str = "a.id, a.user_id, u.first_name, u.last_name, u.email, a.role_id, s.slug AS system, \
     r.name AS role, a.is_active, a.assigned_by, a.assigned_at, a.revoked_at";

fn restrict(condition: &mut Condition, scope: &Scope, filter: &Filter) {
    if let Scope::Systems(systems) = scope {
        let term = format!("s.slug IN ({})", condition.bind_all(systems));
        condition.term(term);
    }
    condition.equal("s.slug", filter.system.as_ref());
    condition.equal("r.name", filter.role.as_ref());
    condition.equal("a.user_id", filter.user_id);
}

/// A page of roles, by system and name.
pub(crate) async fn roles(
    tx: &Transaction,
    scope: &Scope,
    system: Option<String>,
    page: Page,
) -> Result<Found<Role>, Error> {
    let mut condition = Condition::default();
    restrict(&mut condition, scope, &Filter { system, ..Filter::default() });
    select(tx, (ROLE_COLUMNS, ROLES, "s.slug, r.name"), condition, page, read_role).await
}

/// The role with this key.
pub(crate) async fn role(tx: &Transaction, id: Uuid) -> Result<Option<Role>, Error> {
    let rows = tx.query(&format!("SELECT {ROLE_COLUMNS} FROM {ROLES} WHERE r.id = $1"), [id.into()]).await?;
    rows.first().map(read_role).transpose()
}

/// Whether there is a system with this short name.
pub(crate) async fn is_system(tx: &Transaction, slug: &str) -> Result<bool, Error> {
    Ok(!tx.query("SELECT id FROM systems WHERE slug = $1", [slug.into()]).await?.is_empty())
}

fn read_role(row: &Row) -> Result<Role, Error> {
    Ok(Role {
        id: row.get("id")?,
        system: row.get("system")?,
        name: row.get("name")?,
        description: row.get("description")?,
        is_builtin: row.get("is_builtin")?,
    })
}

/// A page of assignments, by system, role and name.
pub(crate) async fn list(
    tx: &Transaction,
    scope: &Scope,
    filter: &Filter,
    page: Page,
) -> Result<Found<Assignment>, Error> {
    let mut condition = Condition::default();
    restrict(&mut condition, scope, filter);
    let order = "s.slug, r.name, lower(u.last_name), lower(u.first_name), a.id";
    select(tx, (ASSIGNMENT_COLUMNS, ASSIGNMENTS, order), condition, page, read).await
}

/// The assignment with this key.
pub(crate) async fn by_id(tx: &Transaction, id: Uuid) -> Result<Option<Assignment>, Error> {
    one(tx, "a.id = $1", vec![id.into()]).await
}

/// The assignment of a role to somebody, active or not.
pub(crate) async fn of(tx: &Transaction, user: Uuid, role: Uuid) -> Result<Option<Assignment>, Error> {
    one(tx, "a.user_id = $1 AND a.role_id = $2", vec![user.into(), role.into()]).await
}

async fn one(tx: &Transaction, condition: &str, params: Vec<Value>) -> Result<Option<Assignment>, Error> {
    let statement = format!("SELECT {ASSIGNMENT_COLUMNS} FROM {ASSIGNMENTS} WHERE {condition}");
    let rows = tx.query(&statement, params).await?;
    rows.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Assignment, Error> {
    let (first, last): (String, String) = (row.get("first_name")?, row.get("last_name")?);
    Ok(Assignment {
        id: row.get("id")?,
        user_id: row.get("user_id")?,
        user_name: format!("{first} {last}"),
        user_email: row.get("email")?,
        role_id: row.get("role_id")?,
        system: row.get("system")?,
        role: row.get("role")?,
        is_active: row.get("is_active")?,
        assigned_by: row.get("assigned_by")?,
        assigned_at: row.get("assigned_at")?,
        revoked_at: row.get("revoked_at")?,
    })
}

/// Gives somebody a role that they never had; returns the assignment's key.
pub(crate) async fn add(tx: &Transaction, (user, role): (Uuid, Uuid), by: Uuid, at: Timestamp) -> Result<Uuid, Error> {
    let id = sdk::id::new();
    let statement = "INSERT INTO role_assignments (id, user_id, role_id, is_active, assigned_by, assigned_at, \
         settings) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let settings = json!({ "is_deployed": true });
    let params = [id.into(), user.into(), role.into(), true.into(), by.into(), at.into(), settings.into()];
    tx.execute(statement, params).await?;
    Ok(id)
}

/// Gives a role back, at a moment and by somebody.
pub(crate) async fn restore(tx: &Transaction, id: Uuid, by: Uuid, at: Timestamp) -> Result<(), Error> {
    let statement = "UPDATE role_assignments SET is_active = $2, assigned_by = $3, assigned_at = $4, \
         revoked_at = NULL WHERE id = $1";
    tx.execute(statement, [id.into(), true.into(), by.into(), at.into()]).await?;
    Ok(())
}

/// Takes a role away for the time being.
pub(crate) async fn revoke(tx: &Transaction, id: Uuid, at: Timestamp) -> Result<(), Error> {
    let statement = "UPDATE role_assignments SET is_active = $2, revoked_at = $3 WHERE id = $1";
    tx.execute(statement, [id.into(), false.into(), at.into()]).await?;
    Ok(())
}

/// Takes a role away for good.
pub(crate) async fn remove(tx: &Transaction, id: Uuid) -> Result<(), Error> {
    tx.execute("DELETE FROM role_assignments WHERE id = $1", [id.into()]).await?;
    Ok(())
}
