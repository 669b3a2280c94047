//! Where the host is that an operator speaks to.

use std::path::PathBuf;

use clap::Args;

/// Where the host is. Without any of these: what `WHARF_REMOTE` says, or else the socket in `.wharf`.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Where the host is")]
pub struct Place {
    /// The host's socket.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["state_dir", "remote"])]
    pub socket: Option<PathBuf>,
    /// The folder in which the host keeps its state, with the socket. Default .wharf.
    #[arg(long, value_name = "FOLDER", conflicts_with = "remote")]
    pub state_dir: Option<PathBuf>,
    /// A host elsewhere, `https://host:port`. Also `WHARF_REMOTE` in the environment.
    #[arg(long, value_name = "URL")]
    pub remote: Option<String>,
    /// A file with the token for it. Also the token itself in `WHARF_TOKEN`.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Certificates to trust in PEM, in place of those of the public web.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}
