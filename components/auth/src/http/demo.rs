//! `POST /internal/demo`: fills an empty database with people to try the system with. A private route: the host calls
//! it, prints the log-ins and keeps them; they are nowhere else.

use std::fmt::Write;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CACHE_CONTROL;
use sdk::sql::{self, Isolation};
use sdk::{Problem, clock, password};

use crate::domain::demo::{PASSWORD_LEN, label, password as chosen, people};
use crate::domain::user::User;
use crate::events::user_changed;
use crate::store::{demo, users};

/// Somebody new: the person, the password and its hash.
struct Newcomer {
    user: User,
    password: String,
    hash: String,
}

/// Creates the demo's people and answers with one line each, `email  password  roles`; 204 if there is anybody. Every
/// part of the demo needs all of them.
pub(super) async fn seed() -> Result<Response, Problem> {
    if somebody().await? {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let newcomers = newcomers().await?;
    if !sql::retry(|| save(&newcomers)).await? {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let mut table = String::new();
    for Newcomer { user, password, .. } in &newcomers {
        writeln!(table, "{}  {password}  {}", user.email, label(user)).map_err(Problem::internal)?;
    }
    Ok(([(CACHE_CONTROL, "no-store")], table).into_response())
}

async fn somebody() -> Result<bool, Problem> {
    let tx = sql::begin_with(Isolation::ReadCommitted, true).await?;
    let exist = users::exist(&tx).await?;
    tx.rollback().await?;
    Ok(exist)
}

/// Hashing takes a second for all, so it is done before the transaction.
async fn newcomers() -> Result<Vec<Newcomer>, Problem> {
    let mut newcomers = Vec::new();
    for user in people() {
        let password = chosen(sdk::id::random::<PASSWORD_LEN>()?);
        let hash = password::hash(&password).await?;
        newcomers.push(Newcomer { user, password, hash });
    }
    Ok(newcomers)
}

/// Saves all of it, with a message for each person, or nothing; false if somebody else was first.
async fn save(newcomers: &[Newcomer]) -> Result<bool, Problem> {
    let tx = sql::begin().await?;
    if users::exist(&tx).await? {
        tx.rollback().await?;
        return Ok(false);
    }
    let now = clock::now();
    demo::add_structure(&tx).await?;
    for Newcomer { user, hash, .. } in newcomers {
        demo::add_user(&tx, user, hash, now).await?;
        tx.send(&user_changed(user, now)?).await?;
    }
    tx.commit().await?;
    Ok(true)
}
