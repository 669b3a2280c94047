//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Runs applications made of WASI components.
#[derive(Debug, Parser)]
#[command(name = "wharf", version, about, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run an application for its developer: secrets it lacks are made, the log goes to a file.
    Up(Up),
    /// Run an application for its users: everything is configured beforehand, the log goes to standard output.
    Serve(Run),
    /// Say everything that is wrong with an application and its configuration, and start nothing.
    Check(Run),
    /// Compile one component into the cache. The host runs this for itself.
    #[command(hide = true)]
    Compile(Compile),
}

/// Options of `wharf compile`.
#[derive(Clone, Debug, Args)]
pub struct Compile {
    /// The component's id, for messages.
    #[arg(long)]
    pub id: String,
    /// Where compiled components are kept.
    #[arg(long)]
    pub cache_dir: PathBuf,
    /// The wasm file.
    pub file: PathBuf,
}

/// Which application, and where it runs. Of an option given twice the last counts.
#[derive(Clone, Debug, Args)]
#[command(args_override_self = true)]
pub struct Run {
    /// The application's manifest, or the folder it is in.
    #[arg(short = 'f', long = "from", default_value = "spin.toml")]
    pub manifest: PathBuf,
    /// The operator's configuration.
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Address and port to serve on; port 0 takes a free one.
    #[arg(long)]
    pub listen: Option<SocketAddr>,
    /// Address and port of the probes.
    #[arg(long)]
    pub admin_listen: Option<SocketAddr>,
    /// Where databases, queue, files, mail and secrets are kept.
    #[arg(long)]
    pub state_dir: Option<PathBuf>,
    /// Where compiled components are kept.
    #[arg(long)]
    pub cache_dir: Option<PathBuf>,
    /// Directives for the log, for example `info,access=off`.
    #[arg(long)]
    pub log: Option<String>,
    /// A value for an application variable.
    #[arg(long = "variable", value_name = "NAME=VALUE")]
    pub variables: Vec<String>,
    /// Let the admin listener set the wall clock forward, and begin this many seconds ahead. For tests.
    #[arg(long, hide = true, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "0")]
    pub test_clock: Option<u64>,
}

/// Options of `wharf up`.
#[derive(Clone, Debug, Args)]
#[command(args_override_self = true)]
pub struct Up {
    /// Which application, and where.
    #[command(flatten)]
    pub run: Run,
    /// Fill an empty installation with demonstration data and show its log-ins. A part is what the application calls
    /// so; without one it is everything.
    #[arg(long, value_name = "PART", num_args = 0..=1, require_equals = true, default_missing_value = "", value_parser = part)]
    pub demo: Option<String>,
    /// Print the log instead of writing it to a file.
    #[arg(long)]
    pub follow: bool,
}

/// The name of a part of the demonstration data; empty for all of it.
fn part(text: &str) -> Result<String, &'static str> {
    let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    if plain { Ok(text.to_owned()) } else { Err("is one word of lower-case letters, for example --demo=people") }
}
