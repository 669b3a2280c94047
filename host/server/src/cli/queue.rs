//! What an operator says about queues.

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

use super::{Place, Plain};

/// What is asked about queues, and done to them.
#[derive(Clone, Debug, Subcommand)]
pub enum Queue {
    /// List the queues: what waits in them, how fast they are worked, what was given up; and by which release.
    #[command(after_help = super::EXIT_CODES)]
    Ls(Plain),
    /// Show the oldest dead letters of a queue, and why they were given up.
    #[command(after_help = super::EXIT_CODES)]
    Peek(QueuePeek),
    /// Make dead letters ordinary messages again: due at once, with every attempt before them.
    #[command(after_help = super::EXIT_CODES)]
    Redrive(QueueRedrive),
    /// Forget dead letters. There is no way back.
    #[command(after_help = super::EXIT_CODES)]
    Discard(QueueDiscard),
    /// Have the messages of a queue wait, across restarts too. What is being handled ends as usual.
    #[command(after_help = super::EXIT_CODES)]
    Pause(QueuePlain),
    /// Let the messages of a queue go on.
    #[command(after_help = super::EXIT_CODES)]
    Resume(QueuePlain),
}

impl Queue {
    /// Whether machines read the answer.
    pub fn json(&self) -> bool {
        match self {
            Self::Ls(options) => options.json,
            Self::Peek(options) => options.json,
            Self::Redrive(options) => options.json,
            Self::Discard(options) => options.json,
            Self::Pause(options) | Self::Resume(options) => options.json,
        }
    }
}

/// Options of `wharf queue peek`.
#[derive(Clone, Debug, Args)]
pub struct QueuePeek {
    /// The queue.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub queue: String,
    /// At most so many, up to 100.
    #[arg(long, value_name = "N", default_value = "10")]
    pub limit: u32,
    /// What they carry too, cut at 4 KiB. It may be personal.
    #[arg(long)]
    pub body: bool,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
    /// Where the host is.
    #[command(flatten)]
    pub place: Place,
}

/// Options of `wharf queue redrive`.
#[derive(Clone, Debug, Args)]
#[command(override_usage = "wharf queue redrive [OPTIONS] <QUEUE> <ID>...|--all")]
pub struct QueueRedrive {
    /// The queue.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub queue: String,
    /// Which of its dead letters.
    #[command(flatten)]
    pub letters: Letters,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
    /// Where the host is.
    #[command(flatten)]
    pub place: Place,
}

/// Options of `wharf queue discard`.
#[derive(Clone, Debug, Args)]
#[command(override_usage = "wharf queue discard [OPTIONS] <QUEUE> <ID>...|--all")]
pub struct QueueDiscard {
    /// The queue.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub queue: String,
    /// Which of its dead letters.
    #[command(flatten)]
    pub letters: Letters,
    /// Yes, all of them.
    #[arg(long)]
    pub yes: bool,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
    /// Where the host is.
    #[command(flatten)]
    pub place: Place,
}

/// Which dead letters.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Letters {
    /// Their ids, as `wharf queue peek` shows them.
    #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub ids: Vec<String>,
    /// All of the queue.
    #[arg(long)]
    pub all: bool,
}

/// Options of `wharf queue pause` and `resume`.
#[derive(Clone, Debug, Args)]
pub struct QueuePlain {
    /// The queue.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub queue: String,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
    /// Where the host is.
    #[command(flatten)]
    pub place: Place,
}
