//! The operator's hook: a program that is told of every event of a rollout, beside it and never in its way.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use control::{Control, Ended, Outcome, Phase, RolloutView, Status};
use rollout::ReleaseId;
use serde::Serialize;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

/// How long the program may take for one event.
const LIMIT: Duration = Duration::from_secs(10);
/// Events that wait for the program. Beyond it the oldest is dropped: the newest says more.
const WAITING_MAX: usize = 64;
/// What the program finds its own programs with. It gets nothing else of the host's environment, which has secrets.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What the program reads from standard input, as JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// What happened.
    pub event: What,
    /// The application's name.
    pub application: String,
    /// The release on its way.
    pub release: ReleaseId,
    /// The release that is live, which is the other one until this one is.
    pub live: Option<ReleaseId>,
    /// Where the rollout is; absent once it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// Percent of clients that get the release; absent once it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<u8>,
    /// The reason in a sentence; empty where there is none.
    pub why: String,
}

/// Kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A rollout began.
    Started,
    /// It is in another phase, or has another weight.
    Step,
    /// It serves, and was seen serving.
    Live,
    /// The analysis found it worse.
    RolledBack,
    /// An operator ended it.
    Aborted,
    /// It never got that far, or the host stopped.
    Failed,
}

/// Tells the program of every event until `shutdown`. A rollout never waits for it.
///
/// One program runs at a time, for at most ten seconds; at most 64 events wait for it, and what does not fit or what
/// fails is a line in the log.
pub async fn run(control: Arc<dyn Control>, program: PathBuf, shutdown: CancellationToken) {
    let mut changes = control.changes();
    changes.mark_unchanged();
    let mut before = control.status();
    let mut waiting = VecDeque::new();
    let mut running = None;
    loop {
        if running.is_none() {
            running = waiting.pop_front().map(|event| Box::pin(tell(program.clone(), event)));
        }
        let told = async {
            match running.as_mut() {
                Some(telling) => telling.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = told => running = None,
            changed = changes.changed() => {
                if changed.is_err() {
                    return;
                }
                changes.borrow_and_update();
                let now = control.status();
                waiting.extend(events(&before, &now));
                before = now;
                while waiting.len() > WAITING_MAX {
                    waiting.pop_front();
                    tracing::warn!(program = %program.display(), "an event of a rollout was dropped: the hook is slow");
                }
            }
        }
    }
}

/// What happened between two statuses, in order.
fn events(before: &Status, now: &Status) -> Vec<Event> {
    let mut events = Vec::new();
    let ended = now.ended.as_ref().filter(|ended| before.ended.as_ref() != Some(*ended));
    let known = |release| before.rollout.as_ref().is_some_and(|rollout| rollout.candidate == release);
    if let Some(ended) = ended {
        // One that was live already goes back; it does not begin.
        let was_live = before.live.as_ref().is_some_and(|live| live.release.id == ended.release);
        if !known(ended.release) && !was_live {
            events.push(event(now, What::Started, ended.release, String::new()));
        }
        let what = match ended.outcome {
            Outcome::Live => What::Live,
            Outcome::RolledBack => What::RolledBack,
            Outcome::Aborted => What::Aborted,
            Outcome::Failed | Outcome::Interrupted => What::Failed,
        };
        events.push(event(now, what, ended.release, ended.why.clone()));
    }
    if let Some(rollout) = now.rollout.as_ref().filter(|rollout| over(ended) != Some(rollout.candidate)) {
        let place = |rollout: &RolloutView| (rollout.phase, rollout.weight);
        let former = before.rollout.as_ref().filter(|former| former.candidate == rollout.candidate);
        let what = match former {
            None => Some(What::Started),
            Some(former) if place(former) != place(rollout) => Some(What::Step),
            Some(_) => None,
        };
        let why = rollout.verdict.clone();
        events.extend(what.map(|what| event(now, what, rollout.candidate, why)));
    }
    events
}

fn over(ended: Option<&Ended>) -> Option<ReleaseId> {
    ended.map(|ended| ended.release)
}

fn event(now: &Status, event: What, release: ReleaseId, why: String) -> Event {
    let rollout = now.rollout.as_ref().filter(|rollout| rollout.candidate == release);
    let rollout = rollout.filter(|_| matches!(event, What::Started | What::Step));
    Event {
        event,
        application: now.application.clone(),
        release,
        live: now.live.as_ref().map(|live| live.release.id),
        phase: rollout.map(|rollout| rollout.phase),
        weight: rollout.map(|rollout| rollout.weight),
        why,
    }
}

async fn tell(program: PathBuf, event: Event) {
    let failed = match tokio::time::timeout(LIMIT, start(&program, &event)).await {
        Ok(Ok(())) => return,
        Ok(Err(why)) => why,
        Err(_) => format!("it took longer than {} s and was ended", LIMIT.as_secs()),
    };
    tracing::warn!(program = %program.display(), event = ?event.event, release = %event.release, failed, "the hook failed");
}

/// Dropping the future ends the program.
async fn start(program: &Path, event: &Event) -> Result<(), String> {
    let mut document = serde_json::to_vec(event).map_err(|error| error.to_string())?;
    document.push(b'\n');
    let mut command = Command::new(program);
    command.env_clear().env("PATH", PATH).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    if let Some(mut input) = child.stdin.take() {
        // A program that does not read is as good as any other.
        drop(input.write_all(&document).await);
    }
    let status = child.wait().await.map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("it ended with {status}")) }
}

#[cfg(test)]
mod tests;
