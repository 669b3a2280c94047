//! The way back to a release that has served before.

use rollout::{ReleaseId, RollbackVerdict, rollback_verdict};

use crate::{Ended, Engine, Kind, Outcome, Refusal, RollbackView, Verb};

impl Engine {
    /// What it would mean, and with `dry_run` off the way back itself.
    pub(crate) async fn roll_back(
        self,
        target: Option<ReleaseId>,
        dry_run: bool,
        accept_loss: bool,
        who: String,
    ) -> Result<RollbackView, Refusal> {
        let state = self.ledger.state();
        if let (Some(rollout), None, false) = (&state.rollout, target, dry_run) {
            let (from, to) = (Some(rollout.candidate), state.live.unwrap_or(rollout.candidate));
            self.command(Verb::Abort, who).await?;
            return Ok(RollbackView { from, to, verdict: RollbackVerdict::Safe, done: true });
        }
        let to = match target {
            Some(target) => target,
            None => *state.previous.first().ok_or_else(|| {
                Refusal::new(Kind::Conflict, "there is no earlier release to go back to; `wharf releases` lists them")
            })?,
        };
        if state.live == Some(to) {
            return Err(Refusal::new(Kind::Conflict, format!("{to} is live already")));
        }
        let verdict = self.verdict(to).await?;
        let view = RollbackView { from: state.live, to, verdict, done: false };
        if dry_run {
            return Ok(view);
        }
        match &view.verdict {
            RollbackVerdict::Refused(why) => {
                return Err(Refusal::new(Kind::Conflict, format!("no way back to {to}: {why}")));
            }
            RollbackVerdict::Loses(_) if !accept_loss => {
                let message = format!("going back to {to} {}; add --accept-loss if that is wanted", view.verdict);
                return Err(Refusal::new(Kind::Unapproved, message));
            }
            RollbackVerdict::Loses(_) | RollbackVerdict::Safe => {}
        }
        self.go_back(to, &format!("{who} went back to it"), &who).await?;
        self.audit(&who, "rollback", (state.live, Some(to)), view.verdict.to_string()).await;
        if let Some(left) = state.live {
            let why = format!("{who} went back to {to}");
            let at_us = self.ledger.now_us();
            self.ledger.ended(Ended { release: left, outcome: Outcome::RolledBack, why, at_us });
        }
        Ok(RollbackView { done: true, ..view })
    }

    /// What a way back means for the data.
    pub(crate) async fn verdict(&self, to: ReleaseId) -> Result<RollbackVerdict, Refusal> {
        let release = self.ledger.release(to).await?;
        Ok(rollback_verdict(&release, &self.ledger.platform.applied().await?))
    }

    /// Goes back, whatever it means. Everything that the release needs is compiled already.
    pub(crate) async fn go_back(&self, to: ReleaseId, why: &str, who: &str) -> Result<(), Refusal> {
        self.lock(who).await?;
        let gone = async {
            let release = self.ledger.release(to).await?;
            self.ledger.platform.stage(release.clone()).await?;
            self.go_live(&release, why).await
        };
        let gone = gone.await;
        if gone.is_err() {
            self.unlock().await;
            // Where it was made ready and does not serve, nobody needs it.
            if self.live() != Some(to) {
                self.retire(to, None);
            }
        }
        gone
    }
}
