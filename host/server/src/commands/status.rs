//! `wharf status`: what is live, and what is on its way.

use std::time::Duration;

use super::follow;
use crate::cli::Status;
use crate::report::{Refusal, stream};
use crate::{describe, reach};

/// Longest wait for one change.
const WAIT: Duration = Duration::from_secs(25);

/// Shows the status, once or whenever it changes.
///
/// # Errors
/// When the host cannot be asked.
pub fn run(options: &Status) -> Result<(), Refusal> {
    reach::run(&options.place, async |client| {
        let mut status = client.status().await?;
        let mut shown = String::new();
        loop {
            let text = text(&status, options.json)?;
            // A screen that says the same again is only harder to read.
            if text != shown && !stream(&text) {
                return Ok(());
            }
            shown = text;
            if !options.watch {
                return Ok(());
            }
            status = follow::next(&client, status.sequence, WAIT).await?;
        }
    })
}

pub(super) fn show(status: &control::Status, json: bool) -> Result<(), Refusal> {
    stream(&text(status, json)?);
    Ok(())
}

fn text(status: &control::Status, json: bool) -> Result<String, Refusal> {
    if json {
        return serde_json::to_string(status).map_err(|error| Refusal::Failed(error.into()));
    }
    Ok(describe::status(status))
}
