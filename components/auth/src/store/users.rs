//! People and their active roles.

use sdk::clock::Timestamp;
use sdk::sql::{Error, Row, Transaction, Value};
use uuid::Uuid;

use crate::domain::user::{Approval, RoleHeld, User, UserType};

/// What [`read`] reads, from [`FROM`].
pub(super) const COLUMNS: &str = "u.id, u.email, u.username, u.user_type, u.first_name, u.middle_name, u.last_name, \
     u.suffix, u.phone, u.company_no, u.approval, u.is_active, u.is_superuser, u.otp_enabled, u.token_epoch, \
     u.password_hash, d.name AS department";

/// People, `u`, with their departments.
pub(super) const FROM: &str = "users u LEFT JOIN departments d ON d.id = u.department_id";

/// A person with the hash of their password, in PHC form; absent until they chose one.
pub(crate) struct Credentials {
    pub(crate) user: User,
    pub(crate) password_hash: Option<String>,
}

/// The person with this address (in normal form).
pub(crate) async fn by_email(tx: &Transaction, email: &str) -> Result<Option<Credentials>, Error> {
    one(tx, "u.email = $1", email.into()).await
}

/// The person with this key, and the hash of their password.
pub(crate) async fn credentials(tx: &Transaction, id: Uuid) -> Result<Option<Credentials>, Error> {
    one(tx, "u.id = $1", id.into()).await
}

/// The person with this key.
pub(crate) async fn by_id(tx: &Transaction, id: Uuid) -> Result<Option<User>, Error> {
    Ok(credentials(tx, id).await?.map(|found| found.user))
}

async fn one(tx: &Transaction, condition: &str, key: Value) -> Result<Option<Credentials>, Error> {
    let rows = tx.query(&format!("SELECT {COLUMNS} FROM {FROM} WHERE {condition}"), [key]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let password_hash = row.get("password_hash")?;
    let roles = roles(tx, row.get("id")?).await?;
    Ok(Some(Credentials { user: read(row, roles)?, password_hash }))
}

async fn roles(tx: &Transaction, user: Uuid) -> Result<Vec<RoleHeld>, Error> {
    let statement = "SELECT s.slug AS system, r.name AS role FROM role_assignments a \
         JOIN roles r ON r.id = a.role_id JOIN systems s ON s.id = r.system_id \
         WHERE a.user_id = $1 AND a.is_active ORDER BY s.slug, r.name";
    let rows = tx.query(statement, [user.into()]).await?;
    rows.iter().map(|row| Ok(RoleHeld { system: row.get("system")?, role: row.get("role")? })).collect()
}

/// A row as a person with these roles.
pub(super) fn read(row: &Row, roles: Vec<RoleHeld>) -> Result<User, Error> {
    Ok(User {
        id: row.get("id")?,
        email: row.get("email")?,
        username: row.get("username")?,
        kind: row.word("user_type", UserType::parse)?,
        first_name: row.get("first_name")?,
        middle_name: row.get("middle_name")?,
        last_name: row.get("last_name")?,
        suffix: row.get("suffix")?,
        phone: row.get("phone")?,
        company_no: row.get("company_no")?,
        department: row.get("department")?,
        approval: row.word("approval", Approval::parse)?,
        is_active: row.get("is_active")?,
        is_superuser: row.get("is_superuser")?,
        otp_enabled: row.get("otp_enabled")?,
        token_epoch: row.get("token_epoch")?,
        roles,
    })
}

/// Notes when somebody signed in.
pub(crate) async fn signed_in(tx: &Transaction, id: Uuid, at: Timestamp) -> Result<(), Error> {
    let statement = "UPDATE users SET last_login_at = $2 WHERE id = $1";
    tx.execute(statement, [id.into(), at.into()]).await?;
    Ok(())
}

/// Whether there is anybody.
pub(crate) async fn exist(tx: &Transaction) -> Result<bool, Error> {
    Ok(!tx.query("SELECT id FROM users LIMIT 1", []).await?.is_empty())
}
