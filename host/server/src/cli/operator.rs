//! What an operator says to a host that runs.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use rollout::{Digest, ReleaseId, Strategy};

use super::Place;

/// Options of `wharf plan`.
#[derive(Clone, Debug, Args)]
pub struct Plan {
    /// What is new.
    #[command(flatten)]
    pub what: What,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
    /// Where the host is.
    #[command(flatten)]
    pub place: Place,
}

/// Options of `wharf deploy`.
#[derive(Clone, Debug, Args)]
pub struct Deploy {
    /// What is new.
    #[command(flatten)]
    pub what: What,
    /// How it gets its share: now, canary (5, 25, 50, 100 %), or steps such as 10,100; 0 first is for testers. Default: what host.toml says.
    #[arg(long)]
    pub strategy: Option<Strategy>,
    /// A right or a broken export that is wanted, by the name that `wharf plan` gives it. May be repeated.
    #[arg(long, value_name = "NAME")]
    pub approve: Vec<String>,
    /// Why, for those who read `wharf releases` later.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// The digest that the component's wasm must have.
    #[arg(long, value_name = "SHA256", requires = "component")]
    pub expect: Option<Digest>,
    /// Return as soon as the rollout has begun.
    #[arg(long)]
    pub no_wait: bool,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
    /// Where the host is.
    #[command(flatten)]
    pub place: Place,
}

/// What is new: the whole application, a component with its manifest, or one wasm file.
#[derive(Clone, Debug, Args)]
pub struct What {
    /// The component; without one every component of the manifest, and the manifest.
    pub component: Option<String>,
    /// Its wasm file, or the folder of a manifest: then its wasm, its migrations and that manifest.
    #[arg(value_name = "FILE|FOLDER")]
    pub path: Option<PathBuf>,
    /// The folder of its migrations, beside a wasm file.
    #[arg(long, value_name = "FOLDER", requires = "path")]
    pub migrations: Option<PathBuf>,
    /// The application's manifest, or the folder it is in.
    #[arg(short = 'f', long = "from", default_value = "spin.toml", conflicts_with = "path")]
    pub manifest: PathBuf,
}

/// Options of `wharf status`.
#[derive(Clone, Debug, Args)]
pub struct Status {
    /// Go on, and show every change until Ctrl-C.
    #[arg(long)]
    pub watch: bool,
    /// Print one JSON document; one a line with `--watch`.
    #[arg(long)]
    pub json: bool,
    /// Where the host is.
    #[command(flatten)]
    pub place: Place,
}

/// Options of `wharf releases`, `promote`, `pause`, `resume`, `abort` and `queue ls`.
#[derive(Clone, Debug, Args)]
pub struct Plain {
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
    /// Where the host is.
    #[command(flatten)]
    pub place: Place,
}

/// Options of `wharf rollback`.
#[derive(Clone, Debug, Args)]
pub struct Rollback {
    /// The release to go back to, for example r12. Default: the one that was live before.
    pub release: Option<ReleaseId>,
    /// Only say what it means.
    #[arg(long)]
    pub dry_run: bool,
    /// Go, although something is not seen any more afterwards.
    #[arg(long)]
    pub accept_loss: bool,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
    /// Where the host is.
    #[command(flatten)]
    pub place: Place,
}

/// Options of `wharf logs`.
#[derive(Clone, Debug, Args)]
pub struct Logs {
    /// Of this component alone.
    pub component: Option<String>,
    /// Go on, and show lines as they come until Ctrl-C.
    #[arg(long)]
    pub follow: bool,
    /// The last so many lines.
    #[arg(long, value_name = "N", default_value = "100")]
    pub lines: usize,
    /// At least this severe.
    #[arg(long, value_parser = ["error", "warn", "info", "debug", "trace"])]
    pub level: Option<String>,
    /// The access log too.
    #[arg(long)]
    pub access: bool,
    /// Print the lines as they are: one JSON document each.
    #[arg(long)]
    pub json: bool,
    /// Where the host is.
    #[command(flatten)]
    pub place: Place,
}

/// Options of `wharf audit`.
#[derive(Clone, Debug, Args)]
pub struct Audit {
    /// The last so many lines, at most 1000.
    #[arg(long, value_name = "N", default_value = "50")]
    pub count: usize,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
    /// Where the host is.
    #[command(flatten)]
    pub place: Place,
}

/// What is done to tokens. They are kept in the state folder, whether a host runs or not.
#[derive(Clone, Debug, Subcommand)]
pub enum Token {
    /// Make a token, and show its secret this once.
    Create(TokenCreate),
    /// List the tokens.
    Ls(TokenLs),
    /// Make a token useless from now on.
    Revoke(TokenRevoke),
}

/// Options of `wharf token create`.
#[derive(Clone, Debug, Args)]
pub struct TokenCreate {
    /// Stands in the audit log as who did it: lower-case letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// What it is for: read, deploy:<component>, deploy:*, rollback, queue:<queue> or queue:*. May be repeated.
    #[arg(long, required = true)]
    pub scope: Vec<admin::Scope>,
    /// How long it is of use: a number of days (90d) or hours (12h), at most 3650d.
    #[arg(long, value_name = "TIME", default_value = "90d", value_parser = super::lifetime)]
    pub expires: std::time::Duration,
    /// Where the host keeps its state.
    #[arg(long, value_name = "FOLDER", default_value = ".wharf")]
    pub state_dir: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
}

/// Options of `wharf token ls`.
#[derive(Clone, Debug, Args)]
pub struct TokenLs {
    /// Where the host keeps its state.
    #[arg(long, value_name = "FOLDER", default_value = ".wharf")]
    pub state_dir: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
}

/// Options of `wharf token revoke`.
#[derive(Clone, Debug, Args)]
pub struct TokenRevoke {
    /// The token's name.
    pub name: String,
    /// Where the host keeps its state.
    #[arg(long, value_name = "FOLDER", default_value = ".wharf")]
    pub state_dir: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
}
