//! Mails on their way out, from their records.
//!
//! A record without a time is its message's: it goes out while the message is handled, and the queue's retries are
//! its retries. One with a time is the clock's ([`waiting`]), which claims it before it sends it. No record ever
//! changes sides, so that a message and the clock cannot both send it.

use sdk::clock::Timestamp;
use sdk::uuid::Uuid;
use sdk::{Problem, clock, log, mail};
use serde_json::json;

use crate::domain::{mailbox, pause_after};
use crate::store::{self, Delivered, Open};

/// Waiting mails read in one go.
const BATCH: i64 = 50;
/// Batches of one run; what is left goes the next minute.
const BATCHES_MAX: u32 = 20;
/// No mail is begun later in a run, so that the run is over before its deadline of a minute.
const RUN_S: i64 = 40;
/// A claim outlives every run. A mail whose run was cut off is tried again after it, under the same key.
const CLAIM_S: i64 = 120;

/// What one run of the clock came to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) sent: u32,
    /// To be tried again.
    pub(crate) failed: u32,
    pub(crate) dead: u32,
}

impl Run {
    fn count(&mut self, outcome: &Delivered) {
        let counter = match outcome {
            Delivered::Sent(_) => &mut self.sent,
            Delivered::Failed { .. } => &mut self.failed,
            Delivered::Dead(_) => &mut self.dead,
        };
        *counter = counter.saturating_add(1);
    }
}

/// Sends what is recorded for this event and left to its message.
///
/// # Errors
/// The first failure of the transport: the message is acknowledged only when none of its mails is left. Those after
/// it are tried all the same.
pub(crate) async fn of_event(event_id: &str) -> Result<(), Problem> {
    let mut failure = None;
    let mut last = Uuid::nil();
    loop {
        let mails = store::open(event_id, last).await?;
        let Some(end) = mails.last() else { break };
        last = end.id;
        for open in &mails {
            let answer = mail::send(letter_to(open)).await;
            let outcome = outcome(&answer, |error| Delivered::Failed { error, again: None });
            settle(open, &outcome, None).await?;
            if let (Delivered::Failed { .. }, Err(error)) = (outcome, answer) {
                failure = failure.or_else(|| Some(error.into()));
            }
        }
    }
    failure.map_or(Ok(()), Err)
}

/// Sends mails whose turn or next attempt has come. Safe to repeat, and at the same time as itself.
///
/// # Errors
/// Those of the database; failures of the transport are recorded and counted.
pub(crate) async fn waiting() -> Result<Run, Problem> {
    let end = clock::now().plus_seconds(RUN_S);
    let mut run = Run::default();
    for _ in 0..BATCHES_MAX {
        let mails = store::waiting(clock::now(), BATCH).await?;
        for open in &mails {
            let now = clock::now();
            if now > end {
                return Ok(run);
            }
            let claim = now.plus_seconds(CLAIM_S);
            if store::claim(open, claim).await? {
                let answer = mail::send(letter_to(open)).await;
                let outcome = outcome(&answer, |error| later(error, open.attempts, clock::now()));
                settle(open, &outcome, Some(claim)).await?;
                run.count(&outcome);
            }
        }
        if i64::try_from(mails.len()).is_ok_and(|read| read < BATCH) {
            break;
        }
    }
    Ok(run)
}

/// What the transport's answer means; `passing` says it for a failure that may pass.
fn outcome(answer: &Result<String, mail::Error>, passing: impl FnOnce(String) -> Delivered) -> Delivered {
    match answer {
        Ok(message_id) => Delivered::Sent(message_id.clone()),
        Err(error @ (mail::Error::Invalid(_) | mail::Error::TooLarge(_))) => Delivered::Dead(error.to_string()),
        Err(error) => passing(error.to_string()),
    }
}

/// What a failure that may pass means to the clock, after so many attempts before it.
fn later(error: String, attempts: i64, now: Timestamp) -> Delivered {
    match pause_after(attempts.saturating_add(1)) {
        Some(seconds) => Delivered::Failed { error, again: Some(now.plus_seconds(seconds)) },
        None => Delivered::Dead(error),
    }
}

async fn settle(open: &Open, outcome: &Delivered, claim: Option<Timestamp>) -> Result<(), Problem> {
    if matches!(outcome, Delivered::Dead(_)) {
        log::warn("a mail cannot be sent", &json!({ "delivery.id": open.id.to_string() }));
    }
    Ok(store::settle(open.id, outcome, claim, clock::now()).await?)
}

/// The key makes the transport drop a second copy, should we crash between its acceptance and our record of it.
fn letter_to(open: &Open) -> mail::Message {
    mail::Message {
        to: mailbox(&open.full_name, &open.recipient),
        subject: open.letter.subject.clone(),
        text: open.letter.text.clone(),
        html: Some(open.letter.html.clone()),
        idempotency_key: Some(format!("{}:{}:{}", open.event_id, open.user, open.kind)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(0);

    fn by_the_clock(answer: &Result<String, mail::Error>, attempts: i64) -> Delivered {
        outcome(answer, |error| later(error, attempts, NOW))
    }

    #[test]
    fn the_clock_tries_again_with_growing_pauses_and_then_gives_up() {
        let away = Err(mail::Error::Unavailable("away".to_owned()));
        for (attempts, seconds) in [(0, 30), (4, 21_600)] {
            let outcome = by_the_clock(&away, attempts);
            let Delivered::Failed { again, .. } = outcome else { panic!("{outcome:?}") };
            assert_eq!(again, Some(NOW.plus_seconds(seconds)));
        }
        assert!(matches!(by_the_clock(&away, 5), Delivered::Dead(_)));
    }

    #[test]
    fn what_will_never_be_taken_is_dead_at_once() {
        for error in [mail::Error::Invalid("to".to_owned()), mail::Error::TooLarge(1)] {
            assert!(matches!(by_the_clock(&Err(error), 0), Delivered::Dead(_)));
        }
        assert!(matches!(by_the_clock(&Ok("<id>".to_owned()), 5), Delivered::Sent(id) if id == "<id>"));
    }

    #[test]
    fn a_run_counts_what_became_of_its_mails() {
        let mut run = Run::default();
        run.count(&Delivered::Sent(String::new()));
        run.count(&Delivered::Failed { error: String::new(), again: None });
        run.count(&Delivered::Sent(String::new()));
        run.count(&Delivered::Dead(String::new()));
        assert_eq!(run, Run { sent: 2, failed: 1, dead: 1 });
    }

    #[test]
    fn every_attempt_has_the_same_key() {
        let letter = crate::domain::Letter { subject: "s".to_owned(), text: "t".to_owned(), html: "h".to_owned() };
        let mut open = Open {
            id: Uuid::nil(),
            event_id: "m-1".to_owned(),
            user: Uuid::nil(),
            recipient: "ada@example.org".to_owned(),
            full_name: "Ada".to_owned(),
            kind: "mention".to_owned(),
            letter,
            attempts: 0,
            due: None,
        };
        let first = letter_to(&open).idempotency_key;
        (open.attempts, open.due) = (3, Some(NOW));
        assert_eq!(letter_to(&open).idempotency_key, first);
        assert_eq!(first.as_deref(), Some("m-1:00000000-0000-0000-0000-000000000000:mention"));
    }
}
