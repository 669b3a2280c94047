//! `[admin.remote]`: the operator's door to the outside.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

/// `[admin.remote]`; without it there is no such door.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remote {
    /// Address and port.
    pub listen: SocketAddr,
    /// Certificate chain in PEM.
    pub certificate: PathBuf,
    /// Its private key in PEM.
    pub key: PathBuf,
}
