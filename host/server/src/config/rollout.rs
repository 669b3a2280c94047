//! `[rollout]`: how a deploy goes where nobody says otherwise.

use std::path::PathBuf;
use std::time::Duration;

use rollout::Strategy;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

/// Fastest and slowest pace. A hundredth still leaves every step its order; ten times makes an hour of a canary.
const PACE: std::ops::RangeInclusive<f64> = 0.01..=10.0;
/// Longest drain in seconds: an hour. Whoever holds a request longer than that is not coming back.
const DRAIN_MAX_S: u64 = 3600;
/// Default drain in seconds: the default deadline of a request, so that none is cut.
const DRAIN_DEFAULT_S: u64 = 30;

/// `[rollout]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rollout {
    /// How weight goes to a new release: `now`, `canary` or steps in percent. Default `now`.
    #[serde(deserialize_with = "strategy")]
    pub strategy: Strategy,
    /// All hold times of a rollout are multiplied by it. 0.01 to 10, default 1.
    #[serde(deserialize_with = "pace")]
    pub pace: f64,
    /// Seconds that requests and messages of the former release have to finish. 0 to 3,600, default 30.
    #[serde(deserialize_with = "drain_s")]
    pub drain_s: u64,
    /// A program that is told of every event of a rollout; an absolute path. Default none.
    #[serde(deserialize_with = "hook")]
    pub hook: Option<PathBuf>,
}

impl Default for Rollout {
    fn default() -> Self {
        Self { strategy: Strategy::Now, pace: 1.0, drain_s: DRAIN_DEFAULT_S, hook: None }
    }
}

impl Rollout {
    /// The drain limit of a former release.
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_s)
    }

    /// A hold time at this pace.
    pub fn paced(&self, hold: Duration) -> Duration {
        hold.mul_f64(self.pace)
    }
}

fn strategy<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Strategy, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(|error| D::Error::custom(format!("rollout.strategy: {error}")))
}

fn pace<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let pace = f64::deserialize(deserializer)?;
    if PACE.contains(&pace) { Ok(pace) } else { Err(D::Error::custom("rollout.pace is a number from 0.01 to 10")) }
}

fn drain_s<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let seconds = u64::deserialize(deserializer)?;
    let refuse = || D::Error::custom("rollout.drain_s is at most 3600 seconds");
    if seconds <= DRAIN_MAX_S { Ok(seconds) } else { Err(refuse()) }
}

fn hook<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    let path = PathBuf::deserialize(deserializer)?;
    let refuse = || D::Error::custom("rollout.hook is the absolute path of a program");
    if path.is_absolute() { Ok(Some(path)) } else { Err(refuse()) }
}
