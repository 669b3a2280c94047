//! The layers of an exchange. Each is a few functions on a head; `exchange` calls them in order and says why there.

pub(crate) mod access_log;
pub(crate) mod client_address;
pub(crate) mod foreign_headers;
pub(crate) mod host;
pub(crate) mod rate_limit;
pub(crate) mod request_id;
pub(crate) mod security_headers;
