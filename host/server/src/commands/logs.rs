//! `wharf logs`: the last lines of a host's log.

use admin::LogQuery;

use crate::cli::Logs;
use crate::report::{Refusal, stream};
use crate::{describe, reach};

/// Shows lines, and with `--follow` those that come.
///
/// # Errors
/// When the host cannot be asked.
pub fn run(options: &Logs) -> Result<(), Refusal> {
    reach::run(&options.place, async |client| {
        let query = LogQuery {
            component: options.component.clone(),
            level: options.level.clone(),
            lines: Some(options.lines),
            follow: options.follow,
            access: options.access,
        };
        let mut lines = client.logs(&query).await?;
        while let Some(line) = lines.next().await? {
            let shown = if options.json { line } else { describe::log(&line) };
            if !stream(&shown) {
                break;
            }
        }
        Ok(())
    })
}
