//! `wharf rollback`: back to an earlier release, and what that means.

use admin::Return;
use control::RollbackView;
use rollout::RollbackVerdict;
use serde_json::json;

use super::follow::{self, End};
use crate::cli::Rollback;
use crate::reach;
use crate::report::{Progress, Refusal, document, say};

/// Goes back, and follows until the earlier release was seen serving; or says what it would mean.
///
/// # Errors
/// Why there is no way back.
pub fn run(options: &Rollback) -> Result<(), Refusal> {
    reach::run(&options.place, async |client| {
        let Rollback { release, dry_run, accept_loss, .. } = *options;
        let view = client.rollback(&Return { release, dry_run, accept_loss }).await?;
        if !view.done {
            return said(&view, options.json);
        }
        let mut progress = Progress::new(options.json);
        let end = follow::until_over(&client, view.to, &mut progress).await;
        progress.end();
        match end? {
            End::Seen if options.json => document(&view),
            End::Seen => {
                say(&format!("{} is live again, and was seen serving; {}", view.to, view.verdict));
                Ok(())
            }
            End::Unseen | End::Ended(_) | End::Lost => {
                let why = "it was not seen serving; `wharf status` says more";
                let document = json!({ "release": view.to, "outcome": "unseen", "why": why });
                Err(Refusal::Ended(format!("{}: {why}", view.to), document))
            }
        }
    })
}

fn said(view: &RollbackView, json: bool) -> Result<(), Refusal> {
    let from = view.from.map_or_else(|| "nothing".to_owned(), |from| from.to_string());
    if json {
        document(view)?;
    } else {
        say(&format!("{from} -> {}: {}", view.to, view.verdict));
    }
    match &view.verdict {
        RollbackVerdict::Safe | RollbackVerdict::Loses(_) => Ok(()),
        RollbackVerdict::Refused(_) => Err(Refusal::Said),
    }
}
