//! `[sql]`: which engine the components' databases are on, and how it is reached.

use std::path::PathBuf;

use serde::Deserialize;
use sql::{PostgresConfig, Tls};

/// The environment's place for the password of the host's role.
pub const PASSWORD_VARIABLE: &str = "WHARF_SQL_PASSWORD";

/// Fewest connections: single statements have two of them for themselves.
const POOL_MIN: u32 = 4;

/// Most connections: what a large server offers one of several hosts.
const POOL_MAX: u32 = 400;

/// `[sql]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sql {
    /// `sqlite`, files in the state folder, or `postgres`, a server (15 or newer). Default `sqlite`.
    pub engine: Engine,
    /// `postgres://user@host:port/database`, instead of the four keys below. Without a password.
    pub url: Option<String>,
    /// Name or address of the server, or the folder of its Unix socket. Default `127.0.0.1`.
    pub host: Option<String>,
    /// Default 5432.
    pub port: Option<u16>,
    /// The host's role, with `CREATEDB` and `CREATEROLE`. Default `wharf`.
    pub user: Option<String>,
    /// The database the host logs in to when it makes others. Default `postgres`.
    pub database: Option<String>,
    /// A file with the role's password; without it `WHARF_SQL_PASSWORD` in the environment.
    pub password_file: Option<PathBuf>,
    /// `disable`, `require` (encrypted) or `verify-full` (and the certificate must be the server's). Default `disable`.
    pub sslmode: SslMode,
    /// Authorities to trust (PEM), instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// Connections of all databases together, 4 to 400. Default 20.
    pub pool: Option<u32>,
    /// Put before the names of databases and roles, so that several installations can use one server. Default none.
    pub prefix: String,
}

/// Which engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Files in the state folder.
    #[default]
    Sqlite,
    /// A server.
    Postgres,
}

/// How the way to the server is protected, by PostgreSQL's own words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SslMode {
    /// Not.
    #[default]
    Disable,
    /// Encrypted.
    Require,
    /// Encrypted, to the right server.
    VerifyFull,
}

impl Sql {
    /// How to reach the server; `None` for the embedded engine. Reads the password's file, else takes the one of the
    /// environment.
    ///
    /// # Errors
    /// What is wrong with which key, in words.
    pub fn postgres(&self, environment: Option<String>) -> Result<Option<PostgresConfig>, String> {
        if self.engine == Engine::Sqlite {
            return Ok(None);
        }
        let mut config = match &self.url {
            Some(url) => {
                let doubled =
                    self.host.is_some() || self.port.is_some() || self.user.is_some() || self.database.is_some();
                if doubled {
                    return Err("sql.url says host, port, user and database: leave out those keys, or `url`".to_owned());
                }
                from_url(url)?
            }
            None => PostgresConfig::default(),
        };
        if let Some(host) = &self.host {
            config.host.clone_from(host);
        }
        if let Some(user) = &self.user {
            config.user.clone_from(user);
        }
        if let Some(database) = &self.database {
            config.database.clone_from(database);
        }
        config.port = self.port.unwrap_or(config.port);
        config.connections = self.pool.unwrap_or(config.connections);
        if !(POOL_MIN..=POOL_MAX).contains(&config.connections) {
            return Err(format!("sql.pool must be {POOL_MIN} to {POOL_MAX}"));
        }
        config.password = match &self.password_file {
            Some(file) => {
                let text = std::fs::read_to_string(file);
                let text =
                    text.map_err(|error| format!("sql.password_file: cannot read {}: {error}", file.display()))?;
                Some(text.trim_end_matches(['\r', '\n']).to_owned())
            }
            None => environment,
        };
        config.tls = match self.sslmode {
            SslMode::Disable => Tls::Disable,
            SslMode::Require => Tls::Require,
            SslMode::VerifyFull => Tls::VerifyFull,
        };
        if let Some(file) = &self.ca_file
            && !file.is_file()
        {
            return Err(format!("sql.ca_file: there is no file {}", file.display()));
        }
        config.ca_file.clone_from(&self.ca_file);
        config.prefix.clone_from(&self.prefix);
        Ok(Some(config))
    }
}

fn from_url(url: &str) -> Result<PostgresConfig, String> {
    let refuse = || "sql.url must be postgres://user@host:port/database".to_owned();
    let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://")).ok_or_else(refuse)?;
    if rest.contains(['?', '%', '#']) {
        return Err(format!("{}; other settings have keys of their own in [sql]", refuse()));
    }
    let mut config = PostgresConfig::default();
    let (place, database) = rest.split_once('/').unwrap_or((rest, ""));
    if !database.is_empty() {
        database.clone_into(&mut config.database);
    }
    let place = match place.rsplit_once('@') {
        Some((user, _)) if user.contains(':') => {
            return Err(format!("sql.url may not hold a password: use sql.password_file or {PASSWORD_VARIABLE}"));
        }
        Some((user, place)) => {
            user.clone_into(&mut config.user);
            place
        }
        None => place,
    };
    let (host, port) = match place.rsplit_once(':') {
        // An address of version 6 in brackets has colons of its own.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (place, None),
    };
    if host.is_empty() || config.user.is_empty() {
        return Err(refuse());
    }
    host.trim_start_matches('[').trim_end_matches(']').clone_into(&mut config.host);
    if let Some(port) = port {
        config.port = port.parse().map_err(|_| refuse())?;
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Option<PostgresConfig>, String> {
        toml::from_str::<Sql>(text).map_err(|error| error.to_string())?.postgres(Some("secret".to_owned()))
    }

    #[test]
    fn without_a_word_the_engine_is_embedded() {
        assert_eq!(parse(""), Ok(None));
    }

    #[test]
    fn an_url_and_keys_of_their_own_say_the_same() {
        let by_url = parse("engine = 'postgres'\nurl = 'postgres://host@db.example:6432/main'").unwrap();
        let by_keys =
            parse("engine = 'postgres'\nhost = 'db.example'\nport = 6432\nuser = 'host'\ndatabase = 'main'").unwrap();
        assert_eq!(by_url, by_keys);
        let config = by_url.unwrap();
        assert_eq!((config.password.as_deref(), config.connections, config.tls), (Some("secret"), 20, Tls::Disable));
        let config = parse("engine = 'postgres'\nurl = 'postgres://[::1]'\nsslmode = 'verify-full'").unwrap().unwrap();
        assert_eq!((config.host.as_str(), config.port, config.tls), ("::1", 5432, Tls::VerifyFull));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, named) in [
            ("engine = 'mysql'", "mysql"),
            ("url = 'postgres://a:b@c'\nengine = 'postgres'", "may not hold a password"),
            ("url = 'mysql://a'\nengine = 'postgres'", "sql.url must be"),
            ("url = 'postgres://a?sslmode=require'\nengine = 'postgres'", "keys of their own"),
            ("url = 'postgres://a'\nhost = 'b'\nengine = 'postgres'", "leave out"),
            ("pool = 1\nengine = 'postgres'", "4 to 400"),
            ("sslmode = 'prefer'\nengine = 'postgres'", "prefer"),
            ("password_file = '/nowhere'\nengine = 'postgres'", "/nowhere"),
            ("ca_file = '/nowhere'\nengine = 'postgres'", "/nowhere"),
            ("hst = 'b'", "hst"),
        ] {
            let told = parse(text).unwrap_err();
            assert!(told.contains(named), "{text}: {told}");
        }
    }
}
