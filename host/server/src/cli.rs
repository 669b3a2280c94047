//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

mod operator;
mod place;
mod queue;

pub use operator::{
    Audit, Deploy, Logs, Plain, Plan, Rollback, Status, Token, TokenCreate, TokenLs, TokenRevoke, What,
};
pub use place::Place;
pub use queue::{Letters, Queue, QueueDiscard, QueuePeek, QueuePlain, QueueRedrive};

/// What a command's exit code says.
const EXIT_CODES: &str = "\
Exit codes:
  0   done
  1   failed, or rolled back
  2   refused: invalid, not approved, unknown, not possible now, not allowed
  64  the command line or the configuration is wrong
  69  the host cannot be reached
  75  another deploy is under way";

/// Longest life of a token: ten years.
const LIFETIME_MAX_D: u64 = 3650;

/// Runs applications made of WASI components, and swaps them while people use them.
#[derive(Debug, Parser)]
#[command(name = "wharf", version, about, disable_help_subcommand = true, after_help = EXIT_CODES)]
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
    /// Say what a deploy would change, and what of it has to be approved. Changes nothing.
    #[command(after_help = EXIT_CODES)]
    Plan(Plan),
    /// Bring a new version to a host that runs, and follow it until it serves.
    #[command(after_help = EXIT_CODES)]
    Deploy(Deploy),
    /// Say what is live, what is on its way, and why.
    #[command(after_help = EXIT_CODES)]
    Status(Status),
    /// List the releases that are kept.
    #[command(after_help = EXIT_CODES)]
    Releases(Plain),
    /// Take the next step of a rollout at once; also out of a pause.
    #[command(after_help = EXIT_CODES)]
    Promote(Plain),
    /// Hold a rollout at its present share. It may still be rolled back.
    #[command(after_help = EXIT_CODES)]
    Pause(Plain),
    /// Let a rollout go on.
    #[command(after_help = EXIT_CODES)]
    Resume(Plain),
    /// End a rollout: everybody goes to the live release at once.
    #[command(after_help = EXIT_CODES)]
    Abort(Plain),
    /// Go back to an earlier release, at once and without a rebuild.
    #[command(after_help = EXIT_CODES)]
    Rollback(Rollback),
    /// Show the last lines of the log.
    #[command(after_help = EXIT_CODES)]
    Logs(Logs),
    /// Show who did what.
    #[command(after_help = EXIT_CODES)]
    Audit(Audit),
    /// Look into queues, pause them, and see to their dead letters.
    #[command(subcommand, after_help = EXIT_CODES)]
    Queue(Queue),
    /// Make, list and revoke tokens for those who come over HTTPS.
    #[command(subcommand, after_help = EXIT_CODES)]
    Token(Token),
    /// Compile one component into the cache. The host runs this for itself.
    #[command(hide = true)]
    Compile(Compile),
}

impl Command {
    /// Whether it is a host; every other is an operator's, beside one.
    pub fn serves(&self) -> bool {
        matches!(self, Self::Up(_) | Self::Serve(_))
    }

    /// Whether machines read the answer.
    pub fn json(&self) -> bool {
        match self {
            Self::Up(_) | Self::Serve(_) | Self::Check(_) | Self::Compile(_) => false,
            Self::Plan(options) => options.json,
            Self::Deploy(options) => options.json,
            Self::Status(options) => options.json,
            Self::Releases(options)
            | Self::Promote(options)
            | Self::Pause(options)
            | Self::Resume(options)
            | Self::Abort(options) => options.json,
            Self::Rollback(options) => options.json,
            Self::Logs(options) => options.json,
            Self::Audit(options) => options.json,
            Self::Queue(queue) => queue.json(),
            Self::Token(Token::Create(options)) => options.json,
            Self::Token(Token::Ls(options)) => options.json,
            Self::Token(Token::Revoke(options)) => options.json,
        }
    }
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
    /// Take only the time that nobody else wants, and give up (code 2) after so many seconds.
    #[arg(long)]
    pub idle_s: Option<u64>,
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

/// How long a token lives: `90d` or `12h`.
fn lifetime(text: &str) -> Result<Duration, &'static str> {
    const REFUSAL: &str = "is a number of days or hours, for example 90d or 12h, at most 3650d";
    let (number, hours) = match (text.strip_suffix('d'), text.strip_suffix('h')) {
        (Some(days), _) => (days, 24),
        (None, Some(hours)) => (hours, 1),
        (None, None) => return Err(REFUSAL),
    };
    let number: u64 = number.parse().map_err(|_| REFUSAL)?;
    let hours = number.checked_mul(hours).filter(|hours| (1..=LIFETIME_MAX_D * 24).contains(hours)).ok_or(REFUSAL)?;
    Ok(Duration::from_hours(hours))
}
