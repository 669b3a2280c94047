//! Writes the demo's people, into an empty database only.

use scenario::{DEPARTMENTS, ROLES, SYSTEMS};
use sdk::clock::Timestamp;
use sdk::sql::{Error, Transaction};
use serde_json::json;
use uuid::Uuid;

use crate::domain::user::User;

/// Adds the systems, their roles and the departments.
pub(crate) async fn add_structure(tx: &Transaction) -> Result<(), Error> {
    for (slug, name) in SYSTEMS {
        let statement = "INSERT INTO systems (id, slug, name) VALUES ($1, $2, $3)";
        tx.execute(statement, [sdk::id::new().into(), slug.into(), name.into()]).await?;
    }
    for (system, name, description) in ROLES {
        let statement = "INSERT INTO roles (id, system_id, name, description, is_builtin) \
             VALUES ($1, (SELECT id FROM systems WHERE slug = $2), $3, $4, $5)";
        let params = [sdk::id::new().into(), system.into(), name.into(), description.into(), true.into()];
        tx.execute(statement, params).await?;
    }
    for (code, name) in DEPARTMENTS {
        let statement = "INSERT INTO departments (id, code, name, is_active) VALUES ($1, $2, $3, $4)";
        tx.execute(statement, [sdk::id::new().into(), code.into(), name.into(), true.into()]).await?;
    }
    Ok(())
}

/// Adds a person with their roles, which must exist.
pub(crate) async fn add_user(tx: &Transaction, user: &User, hash: &str, now: Timestamp) -> Result<(), Error> {
    let statement = "INSERT INTO users (id, email, username, password_hash, user_type, first_name, last_name, \
         company_no, department_id, approval, is_active, is_superuser, otp_enabled, password_changed_at, token_epoch, \
         created_at, updated_at, row_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, \
         (SELECT id FROM departments WHERE name = $9), $10, $11, $12, $13, $14, $15, $16, $17, $18)";
    let params = [
        user.id.into(),
        (&user.email).into(),
        (&user.username).into(),
        hash.into(),
        user.kind.as_str().into(),
        (&user.first_name).into(),
        (&user.last_name).into(),
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
        1_i64.into(),
    ];
    tx.execute(statement, params).await?;
    for held in &user.roles {
        assign(tx, user.id, &held.system, &held.role, now).await?;
    }
    Ok(())
}

async fn assign(tx: &Transaction, user: Uuid, system: &str, role: &str, now: Timestamp) -> Result<(), Error> {
    let statement = "INSERT INTO role_assignments (id, user_id, role_id, is_active, assigned_at, settings) \
         VALUES ($1, $2, (SELECT r.id FROM roles r JOIN systems s ON s.id = r.system_id \
         WHERE s.slug = $3 AND r.name = $4), $5, $6, $7)";
    let params = [
        sdk::id::new().into(),
        user.into(),
        system.into(),
        role.into(),
        true.into(),
        now.into(),
        json!({ "is_deployed": true }).into(),
    ];
    tx.execute(statement, params).await?;
    Ok(())
}
