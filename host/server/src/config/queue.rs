//! `[queue]`: which engine carries messages, and how it is reached.

use std::path::PathBuf;

use ::queue::{BrokerTls, RabbitmqConfig};
use serde::Deserialize;

/// The environment's place for the password of the host's user.
pub const PASSWORD_VARIABLE: &str = "WHARF_QUEUE_PASSWORD";

/// Longest prefix: it goes before names of up to 68 bytes, of 255 that a broker allows.
const PREFIX_BYTES_MAX: usize = 64;

/// `[queue]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Queue {
    /// `embedded`, a file in the state folder, or `rabbitmq`, a broker (3.10 or newer). Default `embedded`.
    pub engine: QueueEngine,
    /// `amqp://user@host:port/virtual-host`, or `amqps://` for TLS. Without a password. Default
    /// `amqp://wharf@127.0.0.1:5672/`.
    pub url: Option<String>,
    /// A file with the user's password; without it `WHARF_QUEUE_PASSWORD` in the environment.
    pub password_file: Option<PathBuf>,
    /// Authorities to trust (PEM), instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// Put before the names of queues, so that several installations can use one virtual host. Default `wharf.`.
    pub prefix: Option<String>,
}

/// Which engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QueueEngine {
    /// A file in the state folder.
    #[default]
    Embedded,
    /// A broker.
    Rabbitmq,
}

impl Queue {
    /// How to reach the broker; `None` for the embedded engine. Reads the password's file, else takes the one of the
    /// environment.
    ///
    /// # Errors
    /// What is wrong with which key, in words.
    pub fn rabbitmq(&self, environment: Option<String>) -> Result<Option<RabbitmqConfig>, String> {
        if self.engine == QueueEngine::Embedded {
            return Ok(None);
        }
        let mut config = self.url.as_deref().map_or_else(|| Ok(RabbitmqConfig::default()), from_url)?;
        config.password = match &self.password_file {
            Some(file) => {
                let text = std::fs::read_to_string(file);
                let text =
                    text.map_err(|error| format!("queue.password_file: cannot read {}: {error}", file.display()))?;
                text.trim_end_matches(['\r', '\n']).to_owned()
            }
            None => environment.unwrap_or_default(),
        };
        if let Some(file) = &self.ca_file {
            if config.tls == BrokerTls::Disable {
                return Err("queue.ca_file has no use without amqps:// in queue.url".to_owned());
            }
            if !file.is_file() {
                return Err(format!("queue.ca_file: there is no file {}", file.display()));
            }
        }
        config.ca_file.clone_from(&self.ca_file);
        if let Some(prefix) = &self.prefix {
            checked(prefix)?.clone_into(&mut config.prefix);
        }
        Ok(Some(config))
    }
}

fn checked(prefix: &str) -> Result<&str, String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if prefix.is_empty() || prefix.len() > PREFIX_BYTES_MAX || !prefix.bytes().all(fits) || prefix.starts_with("amq.") {
        return Err(format!(
            "queue.prefix must be 1 to {PREFIX_BYTES_MAX} letters, digits, `.`, `_` and `-`, and not begin with `amq.`"
        ));
    }
    Ok(prefix)
}

fn from_url(url: &str) -> Result<RabbitmqConfig, String> {
    let refuse = || "queue.url must be amqp://user@host:port/virtual-host, or amqps://".to_owned();
    let (tls, rest) = match (url.strip_prefix("amqp://"), url.strip_prefix("amqps://")) {
        (Some(rest), _) => (BrokerTls::Disable, rest),
        (_, Some(rest)) => (BrokerTls::Verify, rest),
        _ => return Err(refuse()),
    };
    let mut config = RabbitmqConfig { tls, ..RabbitmqConfig::default() };
    if tls == BrokerTls::Verify {
        config.port = RabbitmqConfig::PORT_TLS_DEFAULT;
    }
    let (place, virtual_host) = rest.split_once('/').unwrap_or((rest, ""));
    // The usual name of the first one is a slash, which is written so.
    let virtual_host = virtual_host.replace("%2f", "/").replace("%2F", "/");
    if rest.contains(['?', '#']) || virtual_host.contains('%') {
        return Err(format!("{}; other settings have keys of their own in [queue]", refuse()));
    }
    if !virtual_host.is_empty() {
        config.virtual_host = virtual_host;
    }
    let place = match place.rsplit_once('@') {
        Some((user, _)) if user.contains(':') => {
            return Err(format!("queue.url may not hold a password: use queue.password_file or {PASSWORD_VARIABLE}"));
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

    fn parse(text: &str) -> Result<Option<RabbitmqConfig>, String> {
        toml::from_str::<Queue>(text).map_err(|error| error.to_string())?.rabbitmq(Some("secret".to_owned()))
    }

    #[test]
    fn without_a_word_the_engine_is_embedded() {
        assert_eq!(parse(""), Ok(None));
    }

    #[test]
    fn an_url_says_where_the_broker_is_and_what_it_leaves_out_is_usual() {
        let config = parse("engine = 'rabbitmq'").unwrap().unwrap();
        assert_eq!((config.host.as_str(), config.port, config.virtual_host.as_str()), ("127.0.0.1", 5672, "/"));
        assert_eq!((config.user.as_str(), config.password.as_str()), ("wharf", "secret"));
        let text = "engine = 'rabbitmq'\nurl = 'amqps://host@[::1]/%2f'\nprefix = 'one.'";
        let config = parse(text).unwrap().unwrap();
        assert_eq!((config.host.as_str(), config.port, config.tls), ("::1", 5671, BrokerTls::Verify));
        assert_eq!((config.user.as_str(), config.virtual_host.as_str(), config.prefix.as_str()), ("host", "/", "one."));
        let config = parse("engine = 'rabbitmq'\nurl = 'amqp://mq.example:5673/tickets'").unwrap().unwrap();
        assert_eq!((config.host.as_str(), config.port, config.virtual_host.as_str()), ("mq.example", 5673, "tickets"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, named) in [
            ("engine = 'kafka'", "kafka"),
            ("url = 'amqp://a:b@c'\nengine = 'rabbitmq'", "may not hold a password"),
            ("url = 'http://a'\nengine = 'rabbitmq'", "queue.url must be"),
            ("url = 'amqp://a@b:x'\nengine = 'rabbitmq'", "queue.url must be"),
            ("url = 'amqp://a?heartbeat=1'\nengine = 'rabbitmq'", "keys of their own"),
            ("prefix = 'amq.x'\nengine = 'rabbitmq'", "queue.prefix"),
            ("prefix = ''\nengine = 'rabbitmq'", "queue.prefix"),
            ("password_file = '/nowhere'\nengine = 'rabbitmq'", "/nowhere"),
            ("ca_file = '/nowhere'\nengine = 'rabbitmq'", "no use without amqps"),
            ("ca_file = '/nowhere'\nurl = 'amqps://a@b'\nengine = 'rabbitmq'", "no file /nowhere"),
            ("ulr = 'b'", "ulr"),
        ] {
            let told = parse(text).unwrap_err();
            assert!(told.contains(named), "{text}: {told}");
        }
    }
}
