//! What a component may use beside its own memory. Absent means refused.

use std::time::Duration;

use crate::topic_is_valid;

/// Everything granted to one component. The default grants nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grants {
    /// A database.
    pub sql: Option<SqlGrant>,
    /// Topics it may send to.
    pub send: Vec<TopicPattern>,
    /// Queues it consumes.
    pub consume: Vec<Consumer>,
    /// Requests the host makes to it at set times.
    pub cron: Vec<Cron>,
    /// Files.
    pub blob: Option<BlobGrant>,
    /// Outgoing mail.
    pub mail: bool,
    /// Password hashing.
    pub password: bool,
    /// Channels it may publish to and open streams on, exact or with a trailing `*` (`user:*`; `*` alone is every
    /// channel).
    pub events: Vec<String>,
    /// `allowed_outbound_hosts`, as written (they may hold `{{ variables }}`).
    pub outbound: Vec<HostPattern>,
}

/// A database of the component's own, or shared by name with the components that name the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlGrant {
    /// Database name, by default the component's id.
    pub database: String,
    /// Folder of migrations relative to the manifest, where this component owns the schema.
    pub migrations: Option<String>,
}

/// Files of the component's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobGrant {
    /// Largest single file in bytes. Default 25 MiB.
    pub max_bytes: u64,
}

/// A queue and the component that handles its messages.
#[derive(Clone, Debug, PartialEq)]
pub struct Consumer {
    /// Queue name, kebab-case, unique in the application. Default: the component's id.
    pub queue: String,
    /// Topics bound to the queue.
    pub topics: Vec<TopicPattern>,
    /// Path on the component that receives the messages. Default `/messages`.
    pub path: String,
    /// Messages handled at once. Default 4.
    pub concurrency: u32,
    /// Attempts before a message is dead-lettered. Default 8.
    pub max_attempts: u32,
    /// Delay before the second attempt; doubles with each further one. Default 1 s.
    pub backoff: Duration,
    /// Largest delay between attempts. Default 5 min.
    pub backoff_max: Duration,
    /// Time one attempt may take. Default 60 s.
    pub deadline: Duration,
}

/// A request at set times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    /// Kebab-case, unique in the component.
    pub name: String,
    /// Five fields: minute, hour, day of month, month, day of week. Each is a list of `*`, `n`, `a-b`, `*/step` or
    /// `a-b/step`; months and days of the week also by their English three-letter names, Sunday is 0 or 7. Validated,
    /// and known to fire at some time.
    pub schedule: String,
    /// IANA time zone. Default `UTC`.
    pub time_zone: String,
    /// Path on the component that receives a POST.
    pub path: String,
    /// What to do about runs missed while the host was down.
    pub missed: MissedRuns,
}

/// What happens to the runs of a [`Cron`] that were due while the host was down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissedRuns {
    /// Forgotten.
    Skip,
    /// One run for all of them.
    #[default]
    Once,
    /// One run each, at most 100.
    All,
}

/// A topic, or a family of topics ending in `.*` (`ticket.*` matches `ticket.approved` and `ticket.task.done`); `*`
/// matches every topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TopicPattern(pub String);

impl TopicPattern {
    /// Whether this is `*`, a topic, or a topic followed by `.*`.
    pub fn is_valid(&self) -> bool {
        self.0 == "*" || topic_is_valid(self.0.strip_suffix(".*").unwrap_or(&self.0))
    }

    /// Whether the pattern covers the topic.
    pub fn matches(&self, topic: &str) -> bool {
        match self.0.strip_suffix('*') {
            None => self.0 == topic,
            Some(prefix) => topic.len() > prefix.len() && topic.starts_with(prefix),
        }
    }
}

/// An entry of `allowed_outbound_hosts`, syntactically checked, variables not yet filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern(pub String);
