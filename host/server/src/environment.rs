//! The environment variables that an operator's commands read.

/// A host elsewhere, `https://host:port`, where no option says where the host is.
pub const REMOTE: &str = "WHARF_REMOTE";
/// The token for a host elsewhere, where no `--token-file` is given.
pub const TOKEN: &str = "WHARF_TOKEN";

/// What the environment says. It is read once, so that tests can say something else.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// [`REMOTE`].
    pub remote: Option<String>,
    /// [`TOKEN`].
    pub token: Option<String>,
}

impl Environment {
    /// Of this process. An empty variable counts as absent.
    pub fn read() -> Self {
        let value = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self { remote: value(REMOTE), token: value(TOKEN) }
    }
}
