//! The components' databases, on the engine that `[sql]` names.

use anyhow::Context;
use sql::{Bound, Complaint, PostgresConfig, SqlProvider};
use tokio::runtime::Builder;

use crate::app::Options;
use crate::clock::WallClock;
use crate::config::{Config, PASSWORD_VARIABLE};
use crate::report::{Finding, Refusal};

/// Opens the engine. Databases are made when they are declared.
///
/// # Errors
/// [`Refusal::Invalid`] for keys that are not as described; [`Refusal::Failed`] when a folder cannot be made.
pub fn open(options: &Options, clock: &WallClock, bound: Bound) -> Result<SqlProvider, Refusal> {
    let (config, state) = (&options.config, &options.config.state.dir);
    let shared = options.records.as_ref().map(|records| records.database.clone());
    let server = server(config)?;
    let opened = match server {
        None => SqlProvider::open(state.join("sql"), clock.shared(), bound),
        Some(server) => SqlProvider::open_postgres(&server, (state.join("sql-roles"), shared), clock.shared(), bound),
    };
    Ok(opened.context("databases cannot be opened")?)
}

/// Logs in to the server, where there is one, and looks whether it will do.
///
/// # Errors
/// [`Refusal::Invalid`] with everything that is wrong with it.
pub fn examine(config: &Config) -> Result<(), Refusal> {
    let Some(server) = server(config)? else { return Ok(()) };
    let threads = Builder::new_current_thread().enable_all().build().context("cannot start a thread")?;
    let complaints = threads.block_on(server.probe(&WallClock::default().shared()));
    if complaints.is_empty() { Ok(()) } else { Err(Refusal::Invalid(complaints.iter().map(finding).collect())) }
}

/// The server of `[sql]`, where that is the engine.
///
/// # Errors
/// [`Refusal::Invalid`] for keys that are not as described.
pub fn server(config: &Config) -> Result<Option<PostgresConfig>, Refusal> {
    let password = std::env::var(PASSWORD_VARIABLE).ok();
    let hint = "see [sql] in deploy/host.toml";
    config.sql.postgres(password).map_err(|message| Refusal::invalid(Finding::new(message, hint)))
}

fn finding(complaint: &Complaint) -> Finding {
    let hint = match complaint {
        Complaint::Unreachable { .. } => "start the server, or correct sql.host and sql.port".to_owned(),
        Complaint::Tls { .. } => "correct sql.sslmode and sql.ca_file, or the server's certificate".to_owned(),
        Complaint::LogIn { .. } => {
            format!("correct sql.user, sql.database and the password (sql.password_file or {PASSWORD_VARIABLE})")
        }
        Complaint::Version { .. } => "upgrade the server".to_owned(),
        Complaint::Right { user, right } => format!("as a superuser: ALTER ROLE \"{user}\" {right}"),
        Complaint::Clock { .. } => "synchronise both clocks, for example with chrony".to_owned(),
        Complaint::Other { .. } => "see the server's log".to_owned(),
    };
    Finding::new(complaint.to_string(), hint)
}
