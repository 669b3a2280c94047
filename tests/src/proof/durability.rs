//! Messages on real servers that are killed, stopped, cut off and full, again and again, while people send.
//!
//! Each message has an effect in the database. What was accepted is handled, and once, whatever happens meanwhile.

mod disturbance;
mod engines;
mod onlooker;

use std::time::{Duration, Instant};

use crate::host::Host;
use crate::load::{Kind, Load, Plan, Tally};

use super::{Claim, Claims, largest, median, within};

pub use disturbance::Disturbance;
use engines::Engines;

/// How large.
#[derive(Clone, Debug)]
pub struct Size {
    /// Messages that are accepted before it ends, at least.
    pub messages: usize,
    /// Messages a second, about.
    pub rate: f64,
    /// Messages that are sent in one transaction; beside three of these, one is sent by itself.
    pub batch: u32,
    /// What happens, in this order, spread evenly over the messages.
    pub disturbances: Vec<Disturbance>,
    /// Whether times are claims too. Beside other work they say nothing.
    pub timed: bool,
}

/// What came of one disturbance.
#[derive(Clone, Debug)]
struct Seen {
    what: Disturbance,
    /// Seconds from its end to the first message that was sent after it and handled within a second.
    steady_s: f64,
    /// Seconds from the start of a host to the last message that its predecessor left behind; 0 for other disturbances.
    resumed_s: f64,
}

/// Longest wait for the servers and the host to work again.
const LIMIT: Duration = Duration::from_mins(2);
/// A message that is sent while nothing is wrong is handled within this time.
const QUICK: Duration = Duration::from_secs(1);
/// Messages accepted last that a killed host may have left behind: those of some seconds.
const LEFT_MAX: usize = 1_000;

/// Runs it.
pub fn run(size: &Size) -> Vec<Claim> {
    let engines = Engines::start();
    let mut host = Some(engines.host());
    let a_request = f64::from(3 * size.batch + 1) / 4.0;
    let mix = vec![(Kind::Batch(size.batch), 3), (Kind::Send, 1)];
    let plan = Plan { rate: size.rate / a_request, mix, ..Plan::default() };
    let load = Load::start(engines.address(), "durability", &plan);
    let mut seen = Vec::new();
    for (number, disturbance) in size.disturbances.iter().enumerate() {
        let share = size.messages * number / size.disturbances.len();
        within(LIMIT, || accepted(&load) >= share);
        seen.push(disturb(&engines, &mut host, &load, *disturbance));
    }
    let enough = within(LIMIT.mul_f64(10.0), || accepted(&load) >= size.messages);
    let tally = load.stop();
    let settled = Instant::now();
    let account = engines.account(&tally);
    let mut claims = Claims::of(1);
    claims.add("messages accepted", format!(">= {}", size.messages), tally.sent.len(), enough);
    claims.none("of these lost", account.lost, &account.examples);
    claims.none("effects of a message more than once", account.double, &account.examples);
    claims.tell("seconds until the last one was handled", settled.elapsed().as_secs());
    judge(&mut claims, &seen, &tally, size.timed);
    claims.list()
}

fn accepted(load: &Load) -> usize {
    load.seen(|tally| tally.sent.len())
}

fn disturb(engines: &Engines, host: &mut Option<Host>, load: &Load, what: Disturbance) -> Seen {
    let mut resumed_s = 0.0;
    if what == Disturbance::HostKilled {
        let builder = host.take().unwrap().kill();
        let left = load.seen(|tally| tally.sent[tally.sent.len().saturating_sub(LEFT_MAX)..].to_vec());
        *host = Some(builder.start());
        let begun = Instant::now();
        within(LIMIT, || engines.handled(&left) == left.len());
        resumed_s = begun.elapsed().as_secs_f64();
    } else {
        engines.disturb(what);
    }
    let ended = Instant::now();
    let mut probe = 0;
    within(LIMIT, || {
        probe += 1;
        engines.is_quick(&format!("probe-{probe}-{}", accepted(load)), QUICK)
    });
    Seen { what, steady_s: ended.elapsed().as_secs_f64(), resumed_s }
}

fn judge(claims: &mut Claims, seen: &[Seen], tally: &Tally, timed: bool) {
    let mut bound = |what: &str, limit_s: f64, seen: String, longest_s: f64| {
        if timed {
            claims.add(what, format!("<= {limit_s} s"), seen, longest_s <= limit_s);
        } else {
            claims.tell(what, seen);
        }
    };
    let mut kinds: Vec<Disturbance> = Vec::new();
    for one in seen {
        if !kinds.contains(&one.what) {
            kinds.push(one.what);
        }
    }
    for what in kinds {
        let of: Vec<_> = seen.iter().filter(|seen| seen.what == what).collect();
        let steady: Vec<_> = of.iter().map(|seen| seen.steady_s).collect();
        let longest = largest(&steady);
        let text = format!("median {:.1} s, longest {longest:.1} s", median(steady));
        bound(&format!("{} x {what}: steady again after", of.len()), 30.0, text, longest);
    }
    let resumed: Vec<_> = seen.iter().map(|seen| seen.resumed_s).filter(|seconds| *seconds > 0.0).collect();
    if !resumed.is_empty() {
        let longest = largest(&resumed);
        let text = format!("median {:.1} s, longest {longest:.1} s", median(resumed));
        bound("what a killed host left behind, all handled after its start", 10.0, text, longest);
    }
    let longest = tally.sending.quantile_ms(1000) / 1000.0;
    let text = format!(
        "p50 {:.0} ms, p99 {:.0} ms, longest {longest:.2} s of {}",
        tally.sending.quantile_ms(500),
        tally.sending.quantile_ms(990),
        tally.sending.total(),
    );
    bound("time to send a message, whatever happens", 2.0, text, longest);
    claims.tell("requests refused or cut off meanwhile (senders try again)", tally.failed);
    for reason in tally.examples().iter().take(6) {
        claims.tell("of these", reason);
    }
}
