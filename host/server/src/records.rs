//! The host's own records, on the engine that `[state]` names.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use queue::{Book, PostgresTls};
use rollout::{Mirrored, Server, mirror};
use sql::{Error, OwnDatabase, Tls};
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep};

use crate::config::{Config, StateEngine};
use crate::databases;
use crate::report::{Finding, Refusal};

/// The database, after the prefix of `[sql]`.
const DATABASE: &str = "wharf_host";

/// How long a server that is starting is waited for: both may have been started by the same boot.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(500);

/// Where the records are beside the state folder.
#[derive(Clone, Debug)]
pub struct Records {
    /// How to reach the database as the host's own role.
    pub database: OwnDatabase,
    /// Where the queue's book is.
    pub book: Book,
    /// Journal and releases.
    pub server: Arc<Server>,
}

/// Opens the server, if there is to be one. Not to be called in a runtime.
///
/// # Errors
/// [`Refusal::Invalid`] without a server in `[sql]`; [`Refusal::Failed`] when it cannot be reached or used.
pub fn open(config: &Config) -> Result<Option<Records>, Refusal> {
    if config.state.engine == StateEngine::Files {
        return Ok(None);
    }
    let Some(server) = databases::server(config)? else { return Err(lacks_server()) };
    let threads = Builder::new_current_thread().enable_all().build().context("cannot start a thread")?;
    let database = threads.block_on(database(&server)).context("the host's own database cannot be opened")?;
    let records = Server::open(database.clone()).context("the journal cannot be opened")?;
    Ok(Some(Records { database, book: book(&server), server: Arc::new(records) }))
}

/// Looks whether the configuration names a server, where one is needed. What is wrong with a server,
/// [`databases::examine`] says.
///
/// # Errors
/// [`Refusal::Invalid`].
pub fn examine(config: &Config) -> Result<(), Refusal> {
    match config.state.engine {
        StateEngine::Postgres if databases::server(config)?.is_none() => Err(lacks_server()),
        _ => Ok(()),
    }
}

fn lacks_server() -> Refusal {
    let hint = "set [sql] engine = \"postgres\", or leave out state.engine";
    Refusal::invalid(Finding::new("state.engine = \"postgres\" needs a server in [sql]", hint))
}

impl Records {
    /// Brings the state folder, which this host has to itself, up to the server's word.
    ///
    /// # Errors
    /// When either fails.
    pub fn mirror(&self, config: &Config) -> Result<(), Refusal> {
        let mirrored = mirror(&self.server, &config.state.dir).context("the releases cannot be brought here")?;
        if mirrored == Mirrored::FromFolder {
            tracing::info!("the journal and the releases of the state folder are on the server from now on");
        }
        Ok(())
    }
}

/// In the same database, by the same way.
fn book(server: &sql::PostgresConfig) -> Book {
    Book::Postgres(queue::PostgresConfig {
        host: server.host.clone(),
        port: server.port,
        user: server.user.clone(),
        password: server.password.clone(),
        database: format!("{}{DATABASE}", server.prefix),
        tls: match server.tls {
            Tls::Disable => PostgresTls::Disable,
            Tls::Require => PostgresTls::Require,
            Tls::VerifyFull => PostgresTls::VerifyFull,
        },
        ca_file: server.ca_file.clone(),
        ..queue::PostgresConfig::default()
    })
}

async fn database(server: &sql::PostgresConfig) -> Result<OwnDatabase, Error> {
    let begun = Instant::now();
    loop {
        match server.own_database(DATABASE).await {
            Err(Error::Unavailable { .. }) if begun.elapsed() < PATIENCE => sleep(PAUSE).await,
            done => return done,
        }
    }
}
