//! A release that was deployed at once has nobody to be compared with. It is watched for a while by its trip wires, and
//! undone when they say so.

use std::collections::BTreeMap;
use std::time::Duration;

use rollout::{Counts, Panel, Release, ReleaseId, Verdict};
use tokio::time::{Instant, interval};

use crate::rolling::changed;
use crate::{Ended, Engine, Outcome, Refusal};

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// For how long, at pace 1: as long as a canary is held at 100 %.
const WATCH: Duration = rollout::analysis::FULL_HOLD;

impl Engine {
    /// Watches over a release that went live at once, until another one does.
    pub(crate) fn watch_over(&self, release: &Release, former: Option<ReleaseId>, who: &str) {
        let Some(former) = former else { return };
        let (engine, release, who) = (self.clone(), release.clone(), who.to_owned());
        let guard = self.new_guard();
        // Counts are taken from before the first request that matters: a rollback must not wait for more.
        self.ledger.platform.begin_counting(release.id, former);
        self.tasks.spawn(async move {
            if let Some(Some(why)) = guard.run_until_cancelled(engine.watched(&release, former)).await {
                engine.undo(release.id, former, why, &who).await;
            }
        });
    }

    /// Why it should be undone; nothing where it should not.
    async fn watched(&self, release: &Release, former: ReleaseId) -> Option<String> {
        let until = Instant::now() + WATCH.mul_f64(self.config.pace);
        let before = self.ledger.release(former).await.ok();
        let mut panel = Panel::new(changed(release, before.as_ref()));
        let mut looks = interval(LOOK);
        while Instant::now() < until {
            looks.tick().await;
            // The one before is gone or going: what it still finishes is nothing to compare with.
            let counts = self.ledger.platform.counts(release.id, former);
            let alone = counts.into_iter().map(|(id, (mine, _))| (id, (mine, Counts::default())));
            if let Verdict::Fail(reason) = panel.observe(&alone.collect::<BTreeMap<_, _>>()) {
                return Some(reason.to_string());
            }
        }
        None
    }

    async fn undo(&self, bad: ReleaseId, former: ReleaseId, why: String, who: &str) {
        tracing::warn!(release = %bad, why, "the release that {who} deployed is undone");
        match self.go_back(former, &format!("{bad} was worse: {why}"), "wharf").await {
            Ok(()) => {
                self.audit("wharf", "automatic rollback", (Some(bad), Some(former)), why.clone()).await;
                let at_us = self.ledger.now_us();
                self.ledger.ended(Ended { release: bad, outcome: Outcome::RolledBack, why, at_us });
            }
            Err(refusal) => self.stuck(bad, &why, refusal).await,
        }
    }

    async fn stuck(&self, bad: ReleaseId, why: &str, refusal: Refusal) {
        let (now, why) = (self.ledger.now_us(), format!("{why}, but there is no way back: {refusal}"));
        tracing::error!(release = %bad, "{why}");
        let noted = self
            .ledger
            .write(move |state| {
                state.decide(now, format!("{bad} stays"), why);
                Ok(())
            })
            .await;
        if let Err(refusal) = noted {
            tracing::error!("not on record: {refusal}");
        }
    }
}
