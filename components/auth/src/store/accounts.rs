//! Changes of people: new ones, their profile, password, approval, and the end of their sessions.

use sdk::clock::Timestamp;
use sdk::sql::{Error, Transaction};
use serde_json::json;
use uuid::Uuid;

use crate::domain::user::{Approval, User};

/// Notes that somebody changed, and returns the moment of the change. Moments of one person ascend even if the clock
/// stands still or goes back, since others keep the state with the latest.
pub(crate) async fn touch(tx: &Transaction, id: Uuid, now: Timestamp) -> Result<Timestamp, Error> {
    let rows = tx.query("SELECT updated_at FROM users WHERE id = $1", [id.into()]).await?;
    let before: Timestamp = rows.first().ok_or(Error::NoRow)?.get("updated_at")?;
    let at = now.max(Timestamp(before.0.saturating_add(1)));
    let statement = "UPDATE users SET updated_at = $2, row_version = row_version + 1 WHERE id = $1";
    tx.execute(statement, [id.into(), at.into()]).await?;
    Ok(at)
}

/// Adds a person, without roles.
///
/// # Errors
/// [`Error::Conflict`] if somebody has just taken the e-mail address, username, phone or number: look again.
pub(crate) async fn add(tx: &Transaction, user: &User, hash: &str, now: Timestamp) -> Result<(), Error> {
    let statement = "INSERT INTO users (id, email, username, password_hash, user_type, first_name, middle_name, \
         last_name, suffix, phone, company_no, department_id, approval, is_active, is_superuser, otp_enabled, \
         password_changed_at, token_epoch, created_at, updated_at, row_version) VALUES ($1, $2, $3, $4, $5, $6, $7, \
         $8, $9, $10, $11, (SELECT id FROM departments WHERE name = $12), $13, $14, $15, $16, $17, $18, $19, $20, 1)";
    let params = vec![
        user.id.into(),
        (&user.email).into(),
        (&user.username).into(),
        hash.into(),
        user.kind.as_str().into(),
        (&user.first_name).into(),
        user.middle_name.clone().into(),
        (&user.last_name).into(),
        user.suffix.clone().into(),
        user.phone.clone().into(),
        user.company_no.into(),
        user.department.clone().into(),
        user.approval.as_str().into(),
        user.is_active.into(),
        user.is_superuser.into(),
        user.otp_enabled.into(),
        now.into(),
        user.token_epoch.into(),
        now.into(),
        now.into(),
    ];
    tx.execute(statement, params).await.map_err(lost)?;
    Ok(())
}

/// Somebody who was faster has what was free a moment ago.
fn lost(error: Error) -> Error {
    if error.is_unique() { Error::Conflict } else { error }
}

/// Gives a new person a role; false if there is no such role.
pub(crate) async fn give(
    tx: &Transaction,
    user: Uuid,
    (system, role): (&str, &str),
    now: Timestamp,
) -> Result<bool, Error> {
    let statement = "INSERT INTO role_assignments (id, user_id, role_id, is_active, assigned_at, settings) \
         SELECT $1, $2, r.id, $3, $4, $5 FROM roles r JOIN systems s ON s.id = r.system_id \
         WHERE s.slug = $6 AND r.name = $7";
    let settings = json!({ "is_deployed": true });
    let params =
        [sdk::id::new().into(), user.into(), true.into(), now.into(), settings.into(), system.into(), role.into()];
    Ok(tx.execute(statement, params).await? == 1)
}

/// The next free number of the company.
pub(crate) async fn next_company_no(tx: &Transaction) -> Result<i64, Error> {
    let rows = tx.query("SELECT company_no FROM users ORDER BY company_no DESC LIMIT 1", []).await?;
    let last = rows.first().map(|row| row.get::<i64>("company_no")).transpose()?;
    Ok(last.unwrap_or(0).saturating_add(1))
}

/// Whether somebody else has the e-mail address, the username (in any case) or the phone; the name of the field.
pub(crate) async fn taken(tx: &Transaction, user: &User) -> Result<Option<&'static str>, Error> {
    let tests = [
        ("email", "email = $1", Some(&user.email)),
        ("username", "lower(username) = lower($1)", Some(&user.username)),
        ("phone", "phone = $1", user.phone.as_ref()),
    ];
    for (field, test, value) in tests {
        let Some(value) = value else { continue };
        let statement = format!("SELECT id FROM users WHERE {test} AND id <> $2");
        if !tx.query(&statement, [value.into(), user.id.into()]).await?.is_empty() {
            return Ok(Some(field));
        }
    }
    Ok(None)
}

/// The name of the department with this code or name, in any case.
pub(crate) async fn department(tx: &Transaction, text: &str) -> Result<Option<String>, Error> {
    let statement =
        "SELECT name FROM departments WHERE is_active AND (lower(code) = lower($1) OR lower(name) = lower($1))";
    let rows = tx.query(statement, [text.into()]).await?;
    rows.first().map(|row| row.get("name")).transpose()
}

/// Writes what a profile has, and whether the person is active.
///
/// # Errors
/// [`Error::Conflict`] if somebody has just taken the username or phone: look again.
pub(crate) async fn update(tx: &Transaction, user: &User) -> Result<(), Error> {
    let statement = "UPDATE users SET username = $2, phone = $3, first_name = $4, middle_name = $5, last_name = $6, \
         suffix = $7, department_id = (SELECT id FROM departments WHERE name = $8), is_active = $9 WHERE id = $1";
    let params = vec![
        user.id.into(),
        (&user.username).into(),
        user.phone.clone().into(),
        (&user.first_name).into(),
        user.middle_name.clone().into(),
        (&user.last_name).into(),
        user.suffix.clone().into(),
        user.department.clone().into(),
        user.is_active.into(),
    ];
    tx.execute(statement, params).await.map_err(lost)?;
    Ok(())
}

/// Sets a new password by its hash.
pub(crate) async fn set_password(tx: &Transaction, id: Uuid, hash: &str, at: Timestamp) -> Result<(), Error> {
    let statement = "UPDATE users SET password_hash = $2, password_changed_at = $3 WHERE id = $1";
    tx.execute(statement, [id.into(), hash.into(), at.into()]).await?;
    Ok(())
}

/// Switches one-time codes on or off.
pub(crate) async fn set_codes(tx: &Transaction, id: Uuid, on: bool) -> Result<(), Error> {
    tx.execute("UPDATE users SET otp_enabled = $2 WHERE id = $1", [id.into(), on.into()]).await?;
    Ok(())
}

/// A decision about somebody who registered.
pub(crate) struct Decided<'a> {
    pub(crate) approval: Approval,
    pub(crate) by: Uuid,
    pub(crate) reason: Option<&'a str>,
}

/// Writes the decision.
pub(crate) async fn decide(tx: &Transaction, id: Uuid, decided: &Decided<'_>, at: Timestamp) -> Result<(), Error> {
    let statement =
        "UPDATE users SET approval = $2, approval_by = $3, approval_at = $4, approval_reason = $5 WHERE id = $1";
    let Decided { approval, by, reason } = decided;
    let reason = reason.map(str::to_owned);
    tx.execute(statement, [id.into(), approval.as_str().into(), (*by).into(), at.into(), reason.into()]).await?;
    Ok(())
}

/// Ends everything that somebody could still come in with: sessions, codes on their way, and links for a new password.
pub(crate) async fn end_sessions(tx: &Transaction, id: Uuid, at: Timestamp) -> Result<(), Error> {
    tx.execute("UPDATE users SET token_epoch = token_epoch + 1 WHERE id = $1", [id.into()]).await?;
    let statements = [
        "UPDATE refresh_tokens SET revoked_at = $2, reason = 'ended' WHERE user_id = $1 AND revoked_at IS NULL",
        "UPDATE otp_challenges SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL",
        "UPDATE password_resets SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL",
    ];
    for statement in statements {
        tx.execute(statement, [id.into(), at.into()]).await?;
    }
    Ok(())
}
