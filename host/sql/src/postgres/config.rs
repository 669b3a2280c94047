//! Where the server is, how it is reached and how much of it may be used.

use std::fmt;
use std::path::PathBuf;

/// How the way to the server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// In plain text: for a socket of the same machine.
    #[default]
    Disable,
    /// Encrypted, whoever answers.
    Require,
    /// Encrypted, and the server's certificate must be for its name and from a trusted authority.
    VerifyFull,
}

/// A PostgreSQL server (15 or newer) and the role the host logs in with.
///
/// That role needs `CREATEDB` and `CREATEROLE`; it makes a database and a log-in role for each named database, and
/// owns the host's own tables in them.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresConfig {
    /// Name or address, or the absolute path of the folder of a Unix socket.
    pub host: String,
    /// TCP port, or the number in the socket's name.
    pub port: u16,
    /// The host's role.
    pub user: String,
    /// Its password, where the server asks for one.
    pub password: Option<String>,
    /// The database the host logs in to when it makes others.
    pub database: String,
    /// How the way there is protected.
    pub tls: Tls,
    /// Authorities to trust (PEM), instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// Connections of all databases together. Deployments and cancellations take at most six more, for moments.
    pub connections: u32,
    /// Put before the names of databases and roles, so that several installations can use one server.
    pub prefix: String,
}

impl PostgresConfig {
    /// Connections of all databases together: what two processors keep busy, and a fifth of what a server offers.
    pub const CONNECTIONS_DEFAULT: u32 = 20;

    /// The server's usual port.
    pub const PORT_DEFAULT: u16 = 5432;
}

impl Default for PostgresConfig {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: Self::PORT_DEFAULT,
            user: "wharf".to_owned(),
            password: None,
            database: "postgres".to_owned(),
            tls: Tls::Disable,
            ca_file: None,
            connections: Self::CONNECTIONS_DEFAULT,
            prefix: String::new(),
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
            .field("tls", &self.tls)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}
