//! `wharf releases` and `wharf audit`: what there was.

use crate::cli::{Audit, Plain};
use crate::report::{Refusal, document, say};
use crate::{describe, reach};

/// Lists the releases that are kept.
///
/// # Errors
/// When the host cannot be asked.
pub fn run(options: &Plain) -> Result<(), Refusal> {
    reach::run(&options.place, async |client| {
        let releases = client.releases().await?;
        if options.json {
            return document(&releases);
        }
        say(&describe::releases(&releases));
        Ok(())
    })
}

/// Shows who did what.
///
/// # Errors
/// When the host cannot be asked.
pub fn audit(options: &Audit) -> Result<(), Refusal> {
    reach::run(&options.place, async |client| {
        let lines = client.audit(options.count).await?;
        if options.json {
            return document(&lines);
        }
        say(&describe::audit(&lines));
        Ok(())
    })
}
