//! Where the book is.

use std::fmt;
use std::path::{Path, PathBuf};

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// Where the host keeps what it knows of messages: attempts, leases, delays, duplicates, dead letters, pauses, schedules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Book {
    /// In a SQLite file of this host alone.
    File(PathBuf),
    /// On a PostgreSQL server, together with other hosts: each takes up what another leaves when it dies. Their clocks
    /// may be some seconds apart, not more: a lease of ten seconds is measured by both.
    Postgres(PostgresConfig),
}

impl<P: AsRef<Path> + ?Sized> From<&P> for Book {
    fn from(path: &P) -> Self {
        Self::File(path.as_ref().to_owned())
    }
}

/// How the way to the server of the book is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PostgresTls {
    /// In plain text: for a server on this machine or in a network of its own.
    #[default]
    Disable,
    /// Encrypted, whoever answers.
    Require,
    /// Encrypted, and the server's certificate must be for its name and from a trusted authority.
    VerifyFull,
}

/// A PostgreSQL server (15 or newer), a database there, and the role the host logs in as.
///
/// That role needs `CREATE` in the database, or a schema of this name that it owns. Each host keeps one connection.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresConfig {
    /// Name or address, or the absolute path of the folder of a Unix socket.
    pub host: String,
    /// TCP port, or the number in the socket's name.
    pub port: u16,
    /// The host's role.
    pub user: String,
    /// Its password, where the server asks for one; never shown.
    pub password: Option<String>,
    /// The database, which has to be there.
    pub database: String,
    /// The schema of the book's tables, made where it is absent: lower-case letters, digits and `_`. Hosts that share a
    /// book say the same here; installations that share a database do not.
    pub schema: String,
    /// How the way there is protected.
    pub tls: PostgresTls,
    /// Authorities to trust (PEM), instead of the public ones.
    pub ca_file: Option<PathBuf>,
}

impl PostgresConfig {
    /// The usual port.
    pub const PORT_DEFAULT: u16 = 5432;
    /// The schema where nothing else is said.
    pub const SCHEMA_DEFAULT: &str = "wharf_queue";

    pub(super) fn place(&self) -> String {
        if self.host.starts_with('/') { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// Whether the schema's name needs no quotes and no thought.
    pub(super) fn is_plain(&self) -> bool {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let name = self.schema.as_bytes();
        name.first().is_some_and(u8::is_ascii_lowercase)
            && name.len() <= 63
            && name.iter().copied().all(plain)
            && !name.starts_with(b"pg_")
    }

    /// All that the environment could say otherwise is said here.
    pub(super) fn options(&self, settings: &[(&str, String)]) -> PgConnectOptions {
        let mode = match self.tls {
            PostgresTls::Disable => PgSslMode::Disable,
            PostgresTls::Require => PgSslMode::Require,
            PostgresTls::VerifyFull => PgSslMode::VerifyFull,
        };
        let options = PgConnectOptions::new_without_pgpass()
            .host(&self.host)
            .port(self.port)
            .username(&self.user)
            .password(self.password.as_deref().unwrap_or_default())
            .database(&self.database)
            .ssl_mode(mode)
            .application_name("wharf queue")
            .options(settings.iter().map(|(name, value)| (*name, value.as_str())))
            .disable_statement_logging();
        match &self.ca_file {
            Some(file) => options.ssl_root_cert(file),
            None => options,
        }
    }
}

impl Default for PostgresConfig {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: Self::PORT_DEFAULT,
            user: "wharf".to_owned(),
            password: None,
            database: "wharf".to_owned(),
            schema: Self::SCHEMA_DEFAULT.to_owned(),
            tls: PostgresTls::Disable,
            ca_file: None,
        }
    }
}

impl fmt::Debug for PostgresConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresConfig")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("user", &self.user)
            .field("database", &self.database)
            .field("schema", &self.schema)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}
