//! Following a rollout until it is over: success is what was seen serving, nothing less.

use std::time::Duration;

use admin::Client;
use control::{Ended, Outcome, Phase, Status};
use rollout::ReleaseId;
use tokio::time::Instant;

use crate::describe;
use crate::report::{Progress, Refusal};

/// Longest wait for one change of the status.
const WAIT: Duration = Duration::from_secs(25);
/// How long a release may be live without being seen, and how long a host may say nothing of it at all.
const UNSEEN_LIMIT: Duration = Duration::from_secs(30);
/// The same while somebody waits for it.
const UNSEEN_WAIT: Duration = Duration::from_secs(1);
/// Between two looks at least: counts change all the time, and nobody reads faster.
const PAUSE: Duration = Duration::from_millis(200);
/// How long a host may not answer in the middle of it: it may be starting again.
const AWAY_LIMIT: Duration = Duration::from_secs(30);
/// Pause before it is asked again.
const AWAY_PAUSE: Duration = Duration::from_millis(500);

/// How a rollout ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It is live and was seen serving.
    Seen,
    /// It is live, but nobody has seen it.
    Unseen,
    /// It ended otherwise.
    Ended(Ended),
    /// The host says nothing of it; another release came between, or the host lost it.
    Lost,
}

/// What a status says of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Judgement {
    UnderWay,
    /// It may still be seen.
    Unseen,
    /// It may still turn up.
    Unknown,
    Over(End),
}

/// Follows the release to its end, and shows how it goes.
///
/// # Errors
/// When the host does not answer for half a minute, or not as expected.
pub(super) async fn until_over(client: &Client, release: ReleaseId, progress: &mut Progress) -> Result<End, Refusal> {
    let mut status = client.status().await?;
    let mut doubtful: Option<Instant> = None;
    loop {
        let judgement = judge(&status, release);
        let wait = match &judgement {
            Judgement::Over(end) => return Ok(end.clone()),
            Judgement::UnderWay => {
                doubtful = None;
                WAIT
            }
            Judgement::Unseen | Judgement::Unknown => {
                let since = *doubtful.get_or_insert_with(Instant::now);
                if since.elapsed() >= UNSEEN_LIMIT {
                    return Ok(if judgement == Judgement::Unseen { End::Unseen } else { End::Lost });
                }
                UNSEEN_WAIT
            }
        };
        progress.show(&describe::progress(&status, release), &describe::stage(&status, release));
        status = next(client, status.sequence, wait).await?;
    }
}

/// The next status. A host that is away for a moment is asked again.
pub(super) async fn next(client: &Client, sequence: u64, wait: Duration) -> Result<Status, Refusal> {
    tokio::time::sleep(PAUSE).await;
    let began = Instant::now();
    loop {
        match client.status_after(sequence, wait).await {
            Ok(status) => return Ok(status),
            Err(admin::Error::Unreachable { .. } | admin::Error::Broken { .. }) if began.elapsed() < AWAY_LIMIT => {
                tokio::time::sleep(AWAY_PAUSE).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn judge(status: &Status, release: ReleaseId) -> Judgement {
    let live = status.live.as_ref().is_some_and(|live| live.release.id == release);
    let rollout = status.rollout.as_ref().filter(|rollout| rollout.candidate == release);
    if rollout.is_some_and(|rollout| !live || rollout.phase != Phase::Retire) {
        return Judgement::UnderWay;
    }
    if live {
        let seen = status.observed == Some(release);
        return if seen { Judgement::Over(End::Seen) } else { Judgement::Unseen };
    }
    match status.ended.as_ref().filter(|ended| ended.release == release) {
        Some(ended) if ended.outcome != Outcome::Live => Judgement::Over(End::Ended(ended.clone())),
        // It was live, and something else is now.
        Some(_) => Judgement::Over(End::Lost),
        None => Judgement::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(live: u64, observed: u64, ended: Option<(u64, Outcome)>) -> Status {
        let live: control::ReleaseView = serde_json::from_value(serde_json::json!({
            "version": 1, "id": format!("r{live}"), "created_at_us": 1, "manifest": "0".repeat(64), "components": {},
            "changed": [], "live": true,
        }))
        .unwrap();
        let end = |(id, outcome)| Ended { release: ReleaseId(id), outcome, why: String::new(), at_us: 1 };
        let ended = ended.map(end);
        Status { live: Some(live), observed: Some(ReleaseId(observed)), ended, ..Status::default() }
    }

    #[test]
    fn live_alone_is_no_success() {
        let went_live = Some((2, Outcome::Live));
        assert_eq!(judge(&status(2, 1, went_live), ReleaseId(2)), Judgement::Unseen);
        assert_eq!(judge(&status(2, 2, went_live), ReleaseId(2)), Judgement::Over(End::Seen));
        // Seen while another is live: that was a client of a canary.
        assert_eq!(judge(&status(1, 2, None), ReleaseId(2)), Judgement::Unknown);
    }

    #[test]
    fn what_came_between_is_no_success() {
        assert_eq!(judge(&status(3, 3, Some((3, Outcome::Live))), ReleaseId(2)), Judgement::Unknown);
        assert_eq!(judge(&status(1, 1, Some((2, Outcome::Live))), ReleaseId(2)), Judgement::Over(End::Lost));
        let rolled_back = judge(&status(1, 1, Some((2, Outcome::RolledBack))), ReleaseId(2));
        assert!(matches!(rolled_back, Judgement::Over(End::Ended(_))), "{rolled_back:?}");
    }
}
