//! Whether a candidate is any good: compared, while both serve, with the release that is live.
//!
//! [`Meter`]s count on the request path; a [`Panel`] looks at the counts every second; [`pace`] says what to do.
//! Everything but the meters is pure.
//!
//! # How it decides
//! Which side the next failure falls on is a coin whose bias both sides' request counts tell, where the candidate is
//! as good as the baseline. Each failure is a bet against that coin (`evidence`); the capital won is at least `1 / ALPHA`
//! with a probability of `ALPHA` at most, however often one looks, and whatever the failure rate does meanwhile on both
//! sides. That is a mixture sequential probability ratio test; see `evidence` for the papers.

mod evidence;
mod histogram;
mod meter;
mod pacing;
mod panel;
mod trial;

pub use histogram::Histogram;
pub use meter::{Counts, Meter, Outcome};
pub use pacing::{
    Advice, EARLY_HOLD, EARLY_HOLD_MAX, EARLY_REQUESTS_MIN, FULL_HOLD, LAST_HOLD, LAST_HOLD_MAX, Stage, pace,
};
pub use panel::{Panel, Reason, Verdict};
