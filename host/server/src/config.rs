//! Where and how the application runs: `host.toml`, overridden by the command line.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

mod queue;
mod remote;
mod rollout;
mod sql;

pub use self::queue::{PASSWORD_VARIABLE as QUEUE_PASSWORD_VARIABLE, Queue};
pub use self::remote::Remote;
pub use self::rollout::Rollout;
pub use self::sql::{PASSWORD_VARIABLE, Sql};

/// The operator's configuration, with every default filled in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The users' listener.
    pub http: Http,
    /// The operator's listener.
    pub admin: Admin,
    /// Where everything is kept.
    pub state: State,
    /// Databases of the components.
    pub sql: Sql,
    /// What carries messages.
    pub queue: Queue,
    /// The border to the outside.
    pub edge: Edge,
    /// Outgoing mail.
    pub mail: Mail,
    /// How a deploy goes.
    pub rollout: Rollout,
    /// Logs.
    pub log: Log,
    /// The instance pool.
    pub pool: Pool,
    /// Values of application variables that are no secrets.
    pub variables: BTreeMap<String, String>,
}

/// `[http]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Address and port; port 0 takes a free one. Default `127.0.0.1:3000`.
    pub listen: SocketAddr,
    /// Seconds that running requests and messages have to finish after a stop signal. Default 30.
    pub drain_s: u64,
}

impl Default for Http {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 3000)), drain_s: 30 }
    }
}

impl Http {
    /// The drain limit.
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_s)
    }
}

/// `[admin]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Admin {
    /// Address and port of the probes; not to be reached from outside. Default `127.0.0.1:3001`.
    pub listen: SocketAddr,
    /// The operator's verbs over HTTPS, with tokens. Default none.
    pub remote: Option<Remote>,
}

impl Default for Admin {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 3001)), remote: None }
    }
}

/// `[state]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct State {
    /// Databases, queue, files, mail, secrets and compiled components. Default `.wharf` beside the manifest.
    pub dir: PathBuf,
    /// Compiled components, where they are to survive the state. Default `<dir>/cache`.
    pub cache_dir: Option<PathBuf>,
    /// `files`, the folder alone, or `postgres`: journal, releases and the queue's book are also, and first of all, on the
    /// server of `[sql]`. Default `files`.
    pub engine: StateEngine,
}

impl Default for State {
    fn default() -> Self {
        Self { dir: PathBuf::from(".wharf"), cache_dir: None, engine: StateEngine::Files }
    }
}

/// Where the host's own state is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StateEngine {
    /// In the state folder alone.
    #[default]
    Files,
    /// On the server of `[sql]`.
    Postgres,
}

/// `[edge]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Edge {
    /// Requests a second from one client address; 0 switches the limit off. Default 10.
    pub rate: u32,
    /// Requests at once from one client address. Default 20.
    pub burst: u32,
    /// Proxies in front that append to `X-Forwarded-For`; 0 takes the peer's address. Default 0.
    pub trusted_hops: usize,
}

impl Default for Edge {
    fn default() -> Self {
        Self { rate: 10, burst: 20, trusted_hops: 0 }
    }
}

/// `[mail]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// Sender of all mail. Default `Wharf <wharf@localhost.localdomain>`.
    pub from: String,
}

impl Default for Mail {
    fn default() -> Self {
        Self { from: "Wharf <wharf@localhost.localdomain>".to_owned() }
    }
}

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// A file instead of standard output.
    pub file: Option<PathBuf>,
    /// Directives of `tracing`, for example `info,access=off`. Default `info`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { file: None, filter: "info".to_owned() }
    }
}

/// `[pool]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pool {
    /// Component instances alive at once. Default 200.
    pub instances: u32,
    /// Largest linear memory in MiB. Default 256.
    pub max_memory_mib: u64,
    /// Slots whose memory stays mapped after use. Default 50.
    pub warm_slots: u32,
}

impl Default for Pool {
    fn default() -> Self {
        let runtime::Config { instances, max_memory, warm_slots } = runtime::Config::default();
        Self { instances, max_memory_mib: max_memory >> 20, warm_slots }
    }
}

impl From<&Pool> for runtime::Config {
    fn from(pool: &Pool) -> Self {
        Self {
            instances: pool.instances,
            max_memory: pool.max_memory_mib.saturating_mul(1 << 20),
            warm_slots: pool.warm_slots,
        }
    }
}

/// Why `host.toml` is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not as described. The message shows the line.
    #[error("{path}: {reason}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// The parser's words, with the place.
        reason: String,
    },
}

impl Config {
    /// Reads the file.
    ///
    /// # Errors
    /// [`Error::Read`] and [`Error::Parse`]; unknown keys are refused.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error| Error::Parse { path: path.to_owned(), reason: error.to_string() })
    }

    /// Where compiled components are kept.
    pub fn cache_dir(&self) -> PathBuf {
        self.state.cache_dir.clone().unwrap_or_else(|| self.state.dir.join("cache"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_gives_the_defaults() {
        let config = Config::parse(Path::new("host.toml"), "").unwrap();
        assert_eq!(config.http.listen.port(), 3000);
        assert_eq!(config.edge.burst, 20);
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_place() {
        let error = Config::parse(Path::new("host.toml"), "[http]\nlissten = \"x\"\n").unwrap_err().to_string();
        assert!(error.contains("lissten") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn a_wrong_rollout_is_refused_by_the_name_of_its_key() {
        for (key, value) in [
            ("strategy", "\"50,25\""),
            ("pace", "0.001"),
            ("pace", "11"),
            ("pace", "nan"),
            ("drain_s", "3601"),
            ("drain_s", "-1"),
            ("hook", "\"notify.sh\""),
            ("hurry", "true"),
        ] {
            let text = format!("[rollout]\n{key} = {value}\n");
            let error = Config::parse(Path::new("host.toml"), &text).unwrap_err().to_string();
            assert!(error.contains(key) && error.contains("line 2"), "{key} = {value}: {error}");
        }
    }

    #[test]
    fn a_rollout_is_at_once_and_at_the_usual_pace_unless_told_otherwise() {
        let rollout = Config::parse(Path::new("host.toml"), "").unwrap().rollout;
        assert_eq!((rollout.strategy.to_string().as_str(), rollout.drain()), ("now", Duration::from_secs(30)));
        assert_eq!(rollout.paced(Duration::from_mins(1)), Duration::from_mins(1));
        let text = "[rollout]\nstrategy = \"5,100\"\npace = 1\nhook = \"/usr/bin/true\"\n";
        let rollout = Config::parse(Path::new("host.toml"), text).unwrap().rollout;
        assert_eq!(rollout.strategy.weights(), [5, 100]);
        assert_eq!(rollout.hook.as_deref(), Some(Path::new("/usr/bin/true")));
    }

    #[test]
    fn a_door_to_the_outside_has_an_address_a_certificate_and_a_key() {
        let text = "[admin.remote]\nlisten = \"0.0.0.0:8443\"\ncertificate = \"c.pem\"\n";
        let error = Config::parse(Path::new("host.toml"), text).unwrap_err().to_string();
        assert!(error.contains("`key`"), "{error}");
        let config = Config::parse(Path::new("host.toml"), &format!("{text}key = \"k.pem\"\n")).unwrap();
        assert_eq!(config.admin.remote.unwrap().listen.port(), 8443);
        let error = Config::parse(Path::new("host.toml"), "[admin.remote]\ntoken = \"x\"\n").unwrap_err().to_string();
        assert!(error.contains("token") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn the_example_file_is_a_configuration() {
        Config::read(Path::new("../../deploy/host.toml")).unwrap();
    }
}
