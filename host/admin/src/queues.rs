//! What an operator can ask about queues and do to them, and what is answered.

use control::Answer;
use rollout::ReleaseId;
use serde::{Deserialize, Serialize};

/// The operator's side of the queues. `who` names the person or token in the audit log.
///
/// A queue that is not there is refused with [`control::Kind::Unknown`] and the names of those that are.
///
/// Futures may be dropped: what has begun goes on, and is in the audit log afterwards.
pub trait Queues: Send + Sync + 'static {
    /// Every queue that the host works, and those that still hold messages nobody handles, in order of name.
    fn list(&self) -> Answer<Vec<QueueView>>;

    /// The oldest dead letters of a queue, at most `limit`, and with `bodies` what they carry.
    fn peek(&self, queue: String, limit: u32, bodies: bool) -> Answer<Vec<DeadLetterView>>;

    /// Makes dead letters ordinary messages again, due now, with every attempt before them.
    fn redrive(&self, queue: String, which: Which, who: String) -> Answer<Changed>;

    /// Forgets dead letters for good.
    fn discard(&self, queue: String, which: Which, who: String) -> Answer<Changed>;

    /// Has the messages of a queue wait, or go on; across restarts.
    fn set_paused(&self, queue: String, paused: bool, who: String) -> Answer<Paused>;
}

/// Which dead letters are meant. In JSON `"all"` or `{"ids": ["..."]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Which {
    /// All of the queue.
    All,
    /// Those with these message ids, at most 1,000.
    Ids(Vec<String>),
}

/// A queue at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueueView {
    /// Its name; `cron:<component>` for schedules.
    pub queue: String,
    /// The component that handles it; `None`: none does, the messages are left over.
    pub component: Option<String>,
    /// Whether an operator paused it.
    pub paused: bool,
    /// Messages not handled yet: `ready`, `delayed` and `in_flight` together.
    pub depth: u64,
    /// Due, or waiting for an earlier message of their group.
    pub ready: u64,
    /// Waiting for a time: sent with a delay, or between attempts.
    pub delayed: u64,
    /// Being handled.
    pub in_flight: u64,
    /// Of `ready`, those in a broker that has not brought them to this host; which release sent them is known when they
    /// come, and they are in none of `releases` before.
    pub away: u64,
    /// Dead letters.
    pub dead: u64,
    /// Seconds since the oldest message not handled yet could first have been delivered.
    pub oldest_age_s: u64,
    /// How fast it is worked.
    pub rate: Rate,
    /// Messages handled since the host started.
    pub handled_total: u64,
    /// Attempts that were followed by another since the host started.
    pub retried_total: u64,
    /// What each release has sent of it and done with it; releases of which there is nothing to say are left out.
    pub releases: Vec<QueueRelease>,
}

/// Messages handled per minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// On average over the window.
    pub per_minute: f64,
    /// The last so many seconds: 300, or since the host started where that is less, at least 60.
    pub window_s: u64,
}

/// What one release has to do with a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueRelease {
    /// The release; `None`: nobody said which one sent them, as with schedules.
    pub release: Option<ReleaseId>,
    /// Messages that it sent and that are not handled yet.
    pub waiting: u64,
    /// Dead letters that it sent.
    pub dead: u64,
    /// Deliveries that its component took since the host started.
    pub handled: u64,
    /// Deliveries that its component failed or refused since the host started.
    pub failed: u64,
}

/// A message that was given up. Times are microseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetterView {
    /// Its id.
    pub id: String,
    /// Its topic.
    pub topic: String,
    /// The component that sent it.
    pub source: String,
    /// The release of that component, where it is known.
    pub release: Option<ReleaseId>,
    /// When it was sent.
    pub sent_at_us: u64,
    /// Attempts made.
    pub attempts: u32,
    /// Why it was given up.
    pub reason: String,
    /// Status of the last response, where there was one.
    pub status: Option<u16>,
    /// Beginning of the last response, at most 1 KiB.
    pub response: String,
    /// When it was given up.
    pub dead_at_us: u64,
    /// Media type of its body.
    pub content_type: String,
    /// Length of its body.
    pub body_bytes: u64,
    /// The beginning of its body as text, at most 4 KiB, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// What became of dead letters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// The queue.
    pub queue: String,
    /// How many were redriven or discarded.
    pub count: u64,
    /// Ids that were asked for and are no dead letters of the queue.
    pub absent: Vec<String>,
    /// Whether the queue is paused, so that what was redriven waits.
    pub paused: bool,
}

/// What a queue is after it was paused or resumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    /// The queue.
    pub queue: String,
    /// Whether it is paused now.
    pub paused: bool,
    /// Messages that wait in it.
    pub depth: u64,
}
