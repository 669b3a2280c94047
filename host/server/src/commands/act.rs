//! `wharf promote`, `pause`, `resume` and `abort`: what is done to a rollout under way.

use control::Verb;

use super::status;
use crate::cli::Plain;
use crate::reach;
use crate::report::Refusal;

/// Does it, and shows the status afterwards.
///
/// # Errors
/// Why it was not done.
pub fn run(options: &Plain, verb: Verb) -> Result<(), Refusal> {
    reach::run(&options.place, async |client| status::show(&client.act(verb).await?, options.json))
}
