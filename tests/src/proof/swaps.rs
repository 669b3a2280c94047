//! Experiment 1: deploys in a row while people work.

use std::time::{Duration, Instant};

use crate::load::{Histogram, Kind, Load, Phase, Plan, Tally};
use crate::operator::Operator;
use crate::release;
use crate::versions::Version;

use super::accounts::settle;
use super::{Builds, Claim, Claims, largest, median, pause};

// The phases of the load. The steady state is the one before the deploys. The one after them is told beside it, since the
// machine's own speed drifts within these minutes.
const BEFORE: &str = "steady";
const AFTER: &str = "steady again";
const NEW: &str = "deploys of new builds";
const COMPILED: &str = "deploys of compiled ones";

/// How large.
#[derive(Clone, Debug)]
pub struct Size {
    /// Deploys in a row.
    pub builds: Builds,
    /// Requests a second.
    pub rate: f64,
    /// Open event streams.
    pub streams: usize,
    /// How long the steady state is measured, before the deploys and after them.
    pub steady: Duration,
    /// Ways back, whose time is measured.
    pub rollbacks: usize,
    /// Factor on the holds of a rollout.
    pub pace: f64,
    /// Most that p99 may grow by; at a small size chance is larger than the promise.
    pub p99_ratio: f64,
}

/// Runs it.
pub fn run(size: &Size) -> Vec<Claim> {
    let host = release::builder(&Version::good("v0")).with_config(&release::rollout(size.pace, 10));
    let host = host.with("--log").with("info,access=off").start();
    let operator = Operator::of(&host.state());
    let load = Load::start(host.http(), "swaps", &plan(size));
    load.phase("warm");
    pause(size.steady / 4);
    load.phase(BEFORE);
    pause(size.steady);
    let (mut times, mut refused) = (Vec::new(), Vec::new());
    for (phase, numbers) in [(NEW, 1..=size.builds.new), (COMPILED, size.builds.new + 1..=size.builds.deploys)] {
        load.phase(phase);
        for number in numbers {
            let label = size.builds.label(number);
            let wasm = Version::good(&label).wasm();
            let begun = Instant::now();
            let told = operator.deploy_both(&wasm, "now");
            times.push(begun.elapsed().as_secs_f64());
            if told.code != 0 {
                refused.push(format!("{label}: {} {}{}", told.code, told.out.trim(), told.errors.trim()));
            }
        }
    }
    load.phase("rollbacks");
    let rollbacks = way_back(&operator, &load, size);
    load.phase(AFTER);
    pause(size.steady);
    let tally = load.stop();
    let mut claims = Claims::of(1);
    let deploys = u64::try_from(refused.len()).unwrap();
    let Builds { deploys: all, new } = size.builds;
    claims.none(&format!("{all} deploys in a row ({new} of new builds), not done"), deploys, &refused);
    let again = times.split_off(new.min(times.len()));
    for (what, times) in [("a new build", times), ("a build that is compiled", again)] {
        if !times.is_empty() {
            let seen = format!("median {:.2} s, longest {:.2} s", median(times.clone()), largest(&times));
            claims.tell(&format!("time of a deploy of {what}"), seen);
        }
    }
    judge(&mut claims, size, &tally);
    let account = settle(&host.state(), &tally);
    let (lost, double) = (account.lost_writes + account.lost_messages, account.double_writes + account.double_messages);
    claims.none("writes and messages lost", lost, &account.examples);
    claims.none("writes and messages done twice", double, &account.examples);
    let stray: Vec<_> = account.handled.iter().filter(|((handler, sender), _)| handler != sender).collect();
    let count = stray.iter().map(|(_, count)| **count).sum::<u64>();
    claims.tell("messages handled by another generation than sent them", format!("{count} of {}", tally.sent.len()));
    let slowest = largest(&rollbacks);
    let seen = format!("longest {:.0} ms of {}", slowest * 1000.0, rollbacks.len());
    claims.add(
        "`wharf rollback`, from the command to the last request to the old release",
        "< 1 s",
        seen,
        slowest < 1.0,
    );
    claims.list()
}

fn plan(size: &Size) -> Plan {
    let mix = vec![
        (Kind::Read, 44),
        (Kind::Write, 20),
        (Kind::Work, 5),
        (Kind::Mix, 25),
        (Kind::Slow, 2),
        (Kind::Upload(64), 4),
    ];
    Plan { rate: size.rate, mix, streams: size.streams, ..Plan::default() }
}

fn judge(claims: &mut Claims, size: &Size, tally: &Tally) {
    let what = format!("failed or reset of {} requests at {}/s", tally.requests, size.rate);
    claims.none(&what, tally.failed, &tally.examples());
    claims.none("answers by a mix of generations", tally.mixed(), &tally.mixes.keys().cloned().collect::<Vec<_>>());
    let streams = &tally.streams;
    let bad = u64::try_from(streams.dropped).unwrap() + streams.missing + streams.again;
    let what = format!("of {} event streams dropped, of {} events missing or twice", streams.opened, streams.events);
    claims.none(&what, bad, &[format!("{streams:?}")]);
    let answering = tally.versions.iter().filter(|(version, _)| !version.is_empty()).count();
    let seen = format!("{answering} of {}", size.builds.new + 1);
    claims.tell("versions that answered people", seen);
    latencies(claims, size, tally);
}

fn latencies(claims: &mut Claims, size: &Size, tally: &Tally) {
    let phases = [BEFORE, NEW, COMPILED, AFTER].map(|phase| tally.phase(phase));
    let [before, mut during, compiled, after] = phases.map(Phase::all);
    during.merge(&compiled);
    let ratio = during.quantile_ms(990) / before.quantile_ms(990);
    let wanted = format!("<= {}", size.p99_ratio);
    let seen = format!("{ratio:.2}: {} -> {}", shown(&before), shown(&during));
    claims.add("p99 during deploys / p99 in steady state", wanted, seen, ratio <= size.p99_ratio);
    claims.tell("steady state after the deploys", shown(&after));
    let (reads, writes): (Part, Part) = (|phase| &phase.reads, |phase| &phase.writes);
    for (what, part) in [("reads", reads), ("writes", writes)] {
        let name = format!("{what}: {BEFORE}, {NEW}, {COMPILED}, {AFTER}");
        claims.tell(&name, phases.map(|phase| shown(part(phase))).join(" -> "));
    }
}

/// Some of a phase's latencies.
type Part = fn(&Phase) -> &Histogram;

/// p50, p99 and the longest, in milliseconds.
fn shown(histogram: &Histogram) -> String {
    let [middle, most, longest] = [500, 990, 1000].map(|share| histogram.quantile_ms(share));
    format!("p50 {middle:.1}, p99 {most:.1}, longest {longest:.0} ms")
}

/// Goes back and forth, and tells how long each way took in seconds.
fn way_back(operator: &Operator, load: &Load, size: &Size) -> Vec<f64> {
    let Builds { deploys, .. } = size.builds;
    let mut times = Vec::new();
    for turn in 0..size.rollbacks {
        // The first goes from the last to the one before it, the second back again.
        let old = size.builds.label(if turn % 2 == 0 { deploys } else { deploys - 1 });
        let begun_us = now_us();
        let told = operator.run(&["rollback", "--accept-loss"]);
        if told.code != 0 {
            times.push(f64::INFINITY);
            continue;
        }
        let last_us = load.seen(|tally| tally.versions.get(&old).map_or(0, |seen| seen.last_us));
        let us = u32::try_from(last_us.saturating_sub(begun_us)).unwrap_or(u32::MAX);
        times.push(f64::from(us) / 1e6);
    }
    times
}

fn now_us() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_micros()).unwrap()
}
