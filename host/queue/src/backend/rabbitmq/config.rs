//! Where the broker is and how it is reached.

use std::fmt;
use std::path::PathBuf;

use lapin::types::ShortString;

use super::complaint::Complaint;

/// How the way to the broker is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BrokerTls {
    /// Not: for a broker on this machine or in a network of its own.
    #[default]
    Disable,
    /// Encrypted, and the broker's certificate must be for its name and from a trusted authority.
    Verify,
}

/// A RabbitMQ broker (3.10 or newer) and the user the host logs in as.
///
/// That user needs, in the virtual host, to configure, write and read what begins with `prefix`, and to write to
/// `amq.default`. No plugin is needed.
#[derive(Clone, PartialEq, Eq)]
pub struct RabbitmqConfig {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The host's user.
    pub user: String,
    /// Its password; never shown.
    pub password: String,
    /// The virtual host.
    pub virtual_host: String,
    /// How the way there is protected.
    pub tls: BrokerTls,
    /// Authorities to trust (PEM), instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// Put before the names of queues, so that several installations can use one virtual host.
    pub prefix: String,
}

impl RabbitmqConfig {
    /// The usual port.
    pub const PORT_DEFAULT: u16 = 5672;
    /// The usual port with TLS.
    pub const PORT_TLS_DEFAULT: u16 = 5671;
    /// What queue names begin with where nothing else is said.
    pub const PREFIX_DEFAULT: &str = "wharf.";

    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// What the broker calls a queue of this host.
    pub(super) fn name(&self, queue: &str) -> Result<ShortString, Complaint> {
        let long = |_| Complaint::Other { reason: format!("the name of queue {queue} is too long with its prefix") };
        ShortString::try_new(format!("{}{queue}", self.prefix)).map_err(long)
    }
}

impl Default for RabbitmqConfig {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: Self::PORT_DEFAULT,
            user: "wharf".to_owned(),
            password: String::new(),
            virtual_host: "/".to_owned(),
            tls: BrokerTls::Disable,
            ca_file: None,
            prefix: Self::PREFIX_DEFAULT.to_owned(),
        }
    }
}

impl fmt::Debug for RabbitmqConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RabbitmqConfig")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("user", &self.user)
            .field("virtual_host", &self.virtual_host)
            .field("tls", &self.tls)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_not_shown() {
        let config = RabbitmqConfig { password: "s3cret".into(), ..RabbitmqConfig::default() };
        assert!(!format!("{config:?}").contains("s3cret"));
    }
}
