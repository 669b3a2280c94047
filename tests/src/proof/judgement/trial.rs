//! One release on one host.

use std::fmt;
use std::time::Instant;

use crate::load::{Kind, Load, Plan};
use crate::operator::Operator;
use crate::release;
use crate::versions::{Version, migrations};

use super::Nature;
use super::nature::ROUTE;

/// Label of what is live before.
pub(super) const BASE: &str = "base";

/// What came of it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What it was.
    pub nature: Nature,
    /// Requests a second.
    pub rate: f64,
    /// `live`, `rolled-back`, `failed` and so on, as the host says.
    pub outcome: String,
    /// Its reason.
    pub why: String,
    /// Seconds from the command to its end.
    pub decided_s: f64,
    /// Answers by the new version.
    pub exposed: f64,
    /// Of these, failed ones.
    pub failed: f64,
    /// Requests that failed though the release was good.
    pub failed_of_base: u64,
    /// The first of these.
    pub examples: Vec<String>,
    /// Seconds from the decision to roll back to the last request that reached the bad version; 0 where none did.
    pub after_decision: Option<f64>,
}

impl Seen {
    /// Whether it ended as it should.
    pub fn is_right(&self) -> bool {
        if self.nature.is_good() {
            self.outcome == "live"
        } else {
            matches!(self.outcome.as_str(), "rolled-back" | "failed")
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { nature, rate, outcome, why, decided_s, .. } = self;
        write!(f, "{nature} at {rate}/s: {outcome} after {decided_s:.0} s: {why}")
    }
}

pub(super) fn run(nature: Nature, rate: f64, pace: f64, begun: &(dyn Fn() + Sync)) -> Seen {
    let builder = release::builder(&Version::good(BASE)).with_config(&release::rollout(pace, 10));
    let host = builder.with("--log").with("info,access=off").start();
    let operator = Operator::of(&host.state());
    let load = Load::start(host.http(), "judgement", &plan(rate));
    begun();
    let began = Instant::now();
    let wasm = nature.version().wasm();
    let told = match nature {
        Nature::Migration => operator.deploy_with_migrations(&wasm, &[migrations::FIRST, migrations::BROKEN], "canary"),
        _ => operator.deploy(nature.component(), &wasm, "canary"),
    };
    let decided_s = began.elapsed().as_secs_f64();
    let status = operator.status();
    let ended = |name: &str| status["ended"][name].as_str().unwrap_or_default().to_owned();
    let (mut outcome, mut why) = (ended("outcome"), ended("why"));
    if outcome.is_empty() || told.code == 0 {
        // It never began, or its end is not written down yet: what the command said.
        outcome = match told.code {
            0 => "live".to_owned(),
            1 => "failed".to_owned(),
            code => format!("exit code {code}"),
        };
        why = format!("{}{}", told.out.trim(), told.errors.trim());
    }
    let tally = load.stop();
    let candidate = tally.versions.get("candidate").copied().unwrap_or_default();
    let float = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let after_decision = (outcome == "rolled-back").then(|| {
        let at_us = status["ended"]["at_us"].as_u64().unwrap_or_default();
        float(candidate.last_us.saturating_sub(at_us)) / 1e6
    });
    // What the host answers in the place of a version that trapped has no label; with a good version beside it, nothing
    // else fails.
    let unlabelled = tally.failed.saturating_sub(candidate.failed);
    Seen {
        nature,
        rate,
        outcome,
        why,
        decided_s,
        exposed: float(candidate.answers.saturating_add(unlabelled)),
        failed: float(tally.failed),
        failed_of_base: if nature.is_good() { tally.failed } else { 0 },
        examples: if nature.is_good() { tally.examples() } else { Vec::new() },
        after_decision,
    }
}

fn plan(rate: f64) -> Plan {
    let mix = vec![(Kind::Read, 50), (Kind::Write, 10), (Kind::Work, 20), (Kind::Mix, 10), (Kind::Page(ROUTE), 10)];
    Plan { rate, clients: 400, mix, ..Plan::default() }
}
