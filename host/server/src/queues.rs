//! What an operator asks of the queues: the queue's own counts joined with what the host counts beside it, and every
//! change in the audit log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use admin::{Changed, DeadLetterView, Paused, QueueRelease, QueueView, Queues, Which};
use control::{Answer, Engine, Kind, Refusal};
use queue::{DeadLetter, QueueProvider, QueueStatus, ReleaseCounts, Selection};
use rollout::{AuditLine, ReleaseId};

use crate::background::Tasks;
use crate::describe::number;
use crate::report::Finding;
use crate::tally::Tally;

/// What is shown of a body: enough to know a message by.
const BODY_SHOWN: usize = 4 << 10;

/// The operator's side of the queues.
#[derive(Clone)]
pub struct Desk {
    /// Where messages are.
    pub queue: QueueProvider,
    /// What the host counts of deliveries.
    pub tally: Arc<Tally>,
    /// The audit log is its.
    pub engine: Engine,
    /// Changes are finished here when whoever asked for them has gone away.
    pub tasks: Tasks,
}

/// What becomes of dead letters.
#[derive(Clone, Copy)]
enum Fate {
    Redrive,
    Discard,
}

impl Queues for Desk {
    fn list(&self) -> Answer<Vec<QueueView>> {
        let desk = self.clone();
        Box::pin(async move { desk.views().await })
    }

    fn peek(&self, queue: String, limit: u32, bodies: bool) -> Answer<Vec<DeadLetterView>> {
        let desk = self.clone();
        Box::pin(async move {
            desk.status(&queue).await?;
            let letters = desk.queue.peek_dead(&queue, limit).await.map_err(|error| unavailable(&error))?;
            Ok(letters.into_iter().map(|letter| dead_letter(letter, bodies)).collect())
        })
    }

    fn redrive(&self, queue: String, which: Which, who: String) -> Answer<Changed> {
        self.detached(self.clone().settled(queue, which, Fate::Redrive, who))
    }

    fn discard(&self, queue: String, which: Which, who: String) -> Answer<Changed> {
        self.detached(self.clone().settled(queue, which, Fate::Discard, who))
    }

    fn set_paused(&self, queue: String, paused: bool, who: String) -> Answer<Paused> {
        self.detached(self.clone().paused(queue, paused, who))
    }
}

impl Desk {
    async fn views(&self) -> Result<Vec<QueueView>, Refusal> {
        let list = self.queue.list().await.map_err(|error| unavailable(&error))?;
        let sent = self.queue.releases().await.map_err(|error| unavailable(&error))?;
        let joined = |status: QueueStatus| QueueView {
            releases: self.by_release(&status.queue, &sent),
            rate: self.tally.rate(&status.queue),
            ..view(status)
        };
        Ok(list.into_iter().map(joined).collect())
    }

    fn by_release(&self, queue: &str, sent: &[ReleaseCounts]) -> Vec<QueueRelease> {
        let mut releases = BTreeMap::<Option<u64>, QueueRelease>::new();
        for counts in sent.iter().filter(|counts| counts.queue == queue) {
            let entry = releases.entry(counts.release).or_default();
            (entry.waiting, entry.dead) = (counts.waiting, counts.dead);
        }
        for (release, done) in self.tally.done(queue) {
            let entry = releases.entry(Some(release)).or_default();
            (entry.handled, entry.failed) = (done.handled, done.failed);
        }
        let named = |(release, counts): (Option<u64>, QueueRelease)| {
            let release = release.map(ReleaseId);
            QueueRelease { release, ..counts }
        };
        releases.into_iter().map(named).collect()
    }

    /// A queue that is there.
    async fn status(&self, queue: &str) -> Result<QueueStatus, Refusal> {
        let mut list = self.queue.list().await.map_err(|error| unavailable(&error))?;
        match list.iter().position(|status| status.queue == queue) {
            Some(place) => Ok(list.swap_remove(place)),
            None => Err(unknown(queue, list.into_iter().map(|status| status.queue).collect())),
        }
    }

    async fn settled(self, queue: String, which: Which, fate: Fate, who: String) -> Result<Changed, Refusal> {
        let status = self.status(&queue).await?;
        if matches!(fate, Fate::Redrive) {
            worked(&status)?;
        }
        let (selection, absent) = self.selection(&queue, which).await?;
        let change = async {
            match fate {
                Fate::Redrive => self.queue.redrive(&queue, selection).await,
                Fate::Discard => self.queue.discard(&queue, selection).await,
            }
        };
        let changed = self.tasks.stop_others.run_until_cancelled(change).await;
        let (what, detail) = (fate.name(), told(changed.as_ref()));
        self.record(who, what, &queue, detail).await;
        let stopping = || Refusal::new(Kind::Unavailable, "the host is stopping; a part may have been done");
        let count = changed.ok_or_else(stopping)?.map_err(|error| {
            let Refusal { kind, message, .. } = unavailable(&error);
            Refusal::new(kind, format!("{message}; a part may have been done, `wharf queue ls` says what is left"))
        })?;
        Ok(Changed { queue, count, absent, paused: status.paused })
    }

    /// What is meant, and which of the ids that were named are not there.
    async fn selection(&self, queue: &str, which: Which) -> Result<(Selection, Vec<String>), Refusal> {
        let Which::Ids(ids) = which else { return Ok((Selection::All, Vec::new())) };
        let ids: Vec<_> = ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let absent = self.queue.absent(queue, ids.clone()).await.map_err(|error| unavailable(&error))?;
        if absent.len() == ids.len() {
            let message =
                format!("that is no dead letter of `{queue}`; `wharf queue peek {queue}` shows those that are");
            return Err(Refusal::new(Kind::Unknown, message).with(absent));
        }
        Ok((Selection::Ids(ids), absent))
    }

    async fn paused(self, queue: String, paused: bool, who: String) -> Result<Paused, Refusal> {
        let status = self.status(&queue).await?;
        worked(&status)?;
        let (what, done) = if paused {
            ("queue pause", self.queue.pause(&queue).await)
        } else {
            ("queue resume", self.queue.resume(&queue).await)
        };
        done.map_err(|error| unavailable(&error))?;
        self.record(who, what, &queue, format!("{} in it", number(status.depth, "message"))).await;
        Ok(Paused { queue, paused, depth: status.depth })
    }

    async fn record(&self, who: String, what: &str, queue: &str, detail: String) {
        let (what, queue) = (what.to_owned(), Some(queue.to_owned()));
        self.engine.record(AuditLine { who, what, queue, detail, ..AuditLine::default() }).await;
    }

    /// Work that is not cut off in the middle, before its line in the audit log, when whoever asked for it goes away.
    fn detached<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Refusal>> + Send + 'static,
    ) -> Answer<T> {
        let work = self.tasks.others.spawn(work);
        Box::pin(async move {
            let panicked = |_| Refusal::new(Kind::Unavailable, "the host failed while it did that; see its log");
            work.await.map_err(panicked)?
        })
    }
}

impl Fate {
    fn name(self) -> &'static str {
        match self {
            Self::Redrive => "queue redrive",
            Self::Discard => "queue discard",
        }
    }
}

/// How many, for the audit log; `None`: the host stopped meanwhile.
fn told(changed: Option<&Result<u64, queue::Error>>) -> String {
    match changed {
        Some(Ok(count)) => number(*count, "dead letter"),
        Some(Err(error)) => format!("a part of the dead letters at most: {}", unavailable(error).message),
        None => "a part of the dead letters at most: the host stopped".to_owned(),
    }
}

fn view(status: QueueStatus) -> QueueView {
    let QueueStatus { depth, in_flight, delayed, .. } = status;
    QueueView {
        component: status.component,
        paused: status.paused,
        depth,
        ready: depth.saturating_sub(delayed).saturating_sub(in_flight),
        delayed,
        in_flight,
        away: status.away,
        dead: status.dead,
        oldest_age_s: status.oldest_age_s,
        handled_total: status.handled_total,
        retried_total: status.retried_total,
        queue: status.queue,
        ..QueueView::default()
    }
}

fn dead_letter(letter: DeadLetter, bodies: bool) -> DeadLetterView {
    let DeadLetter { message, attempts, reason, status, response, dead_at_us } = letter;
    DeadLetterView {
        body: bodies.then(|| beginning(&message.body)),
        body_bytes: u64::try_from(message.body.len()).unwrap_or(u64::MAX),
        content_type: message.content_type,
        id: message.id,
        topic: message.topic,
        source: message.source,
        release: message.release.map(ReleaseId),
        sent_at_us: u64::try_from(message.sent_at_us).unwrap_or_default(),
        attempts,
        reason,
        status,
        response,
        dead_at_us: u64::try_from(dead_at_us).unwrap_or_default(),
    }
}

/// The beginning of a body as text. What is no text has marks in its place.
fn beginning(body: &[u8]) -> String {
    let shown = body.get(..BODY_SHOWN);
    let mut text = String::from_utf8_lossy(shown.unwrap_or(body)).into_owned();
    if shown.is_some() {
        // Half a character at the cut.
        text.truncate(text.trim_end_matches(char::REPLACEMENT_CHARACTER).len());
    }
    text
}

/// Whether somebody would handle what is put back or held.
fn worked(status: &QueueStatus) -> Result<(), Refusal> {
    if status.component.is_some() {
        return Ok(());
    }
    let message = format!(
        "no component handles `{}`, its messages are left over; deploy one that does, or discard its dead letters",
        status.queue
    );
    Err(Refusal::new(Kind::Conflict, message))
}

/// The refusal of a queue that is not there, with those that are.
pub fn unknown(queue: &str, names: Vec<String>) -> Refusal {
    let message = if names.is_empty() {
        format!("there is no queue `{queue}`, nor any other")
    } else {
        format!("there is no queue `{queue}`; there are:")
    };
    Refusal::new(Kind::Unknown, message).with(names)
}

fn unavailable(error: &queue::Error) -> Refusal {
    Refusal::new(Kind::Unavailable, Finding::from_error(error).message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_cut_between_characters_and_never_refused() {
        assert_eq!(beginning(b"{}"), "{}");
        assert_eq!(beginning(b"a\xffb"), "a\u{fffd}b");
        let long = "x".to_owned() + &"é".repeat(3000);
        assert_eq!(beginning(long.as_bytes()).len(), 4095);
    }
}
