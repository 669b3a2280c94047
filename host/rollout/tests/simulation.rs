//! Thousands of rollouts, played with seeded chance: how many bad ones are undone, how many good ones are not let be.
//!
//! Each is played second by second with the real split, meters, panel and pace: 400 sticky clients, exponential times
//! around 40 ms on top of 10 ms, and a worker with three messages to ten requests. `--nocapture` prints the table.
#![expect(clippy::print_stdout, reason = "the table is what one runs this for")]

use std::collections::BTreeMap;
use std::time::Duration;

use rollout::{Advice, Meter, Outcome, Panel, ReleaseId, STEPS_DEFAULT, Side, Split, Stage, Strategy, pace};

/// `SplitMix64`.
struct Chance(u64);

impl Chance {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// From 0 to 1, never 0.
    fn share(&mut self) -> f64 {
        (f64::from(u32::try_from(self.bits() >> 32).unwrap_or(0)) + 0.5) / 4_294_967_296.0
    }

    fn hit(&mut self, p: f64) -> bool {
        self.share() < p
    }

    /// How many of something with this mean happen.
    fn poisson(&mut self, mean: f64) -> u32 {
        let (mut count, mut left) = (0, mean + self.share().ln());
        while left > 0.0 {
            count += 1;
            left += self.share().ln();
        }
        count
    }
}

/// How a generation behaves.
#[derive(Clone, Copy, Default)]
struct Manners {
    errors: f64,
    traps: f64,
    slower_ms: f64,
    failures: f64,
    /// Requests that take ten times as long.
    tail: f64,
}

struct Case {
    name: &'static str,
    baseline: Manners,
    candidate: Manners,
    /// Seconds in which a backend is away and most requests fail on both sides.
    outage: std::ops::Range<u64>,
}

#[derive(Default)]
struct Played {
    undone: bool,
    starved: bool,
    seconds: u64,
    exposed: u64,
}

fn one(meter: &Meter, manners: Manners, away: bool, chance: &mut Chance) {
    let tail = if chance.hit(manners.tail) { 10.0 } else { 1.0 };
    let ms = 10.0 + manners.slower_ms - 40.0 * chance.share().ln() * tail;
    let outcome = if chance.hit(manners.traps) {
        Outcome::Fault
    } else if chance.hit(if away { 0.8 } else { manners.errors }) {
        Outcome::Error
    } else {
        Outcome::Good
    };
    meter.request(outcome, Duration::from_secs_f64(ms / 1_000.0));
}

fn play(case: &Case, rate: f64, seed: u64) -> Played {
    let mut chance = Chance(seed);
    let strategy = Strategy::Canary;
    let weights = strategy.weights();
    let meters: [[Meter; 2]; 2] = Default::default();
    let [[api, api_before], [worker, worker_before]] = &meters;
    let mut panel = Panel::new(["api".to_owned(), "worker".to_owned()]);
    let (mut step, mut held, mut step_requests) = (0, 0, 0);
    let mut split =
        Split { rollout: chance.bits(), live: ReleaseId(1), candidate: ReleaseId(2), weight: STEPS_DEFAULT[0] };
    let mut played = Played::default();
    loop {
        let away = case.outage.contains(&played.seconds);
        for _ in 0..chance.poisson(rate) {
            match split.side(&(chance.bits() % 400).to_be_bytes()) {
                Side::Candidate => one(api, case.candidate, away, &mut chance),
                Side::Live => one(api_before, case.baseline, away, &mut chance),
            }
        }
        for _ in 0..chance.poisson(rate * 0.3) {
            let key = chance.bits().to_be_bytes();
            let (meter, manners) = match split.side(&key) {
                Side::Candidate => (worker, case.candidate),
                Side::Live => (worker_before, case.baseline),
            };
            meter.message(!chance.hit(if away { 0.8 } else { manners.failures }));
        }
        played.seconds += 1;
        held += 1;
        let counts = BTreeMap::from([
            ("api".to_owned(), (api.counts(), api_before.counts())),
            ("worker".to_owned(), (worker.counts(), worker_before.counts())),
        ]);
        let verdict = panel.observe(&counts);
        played.exposed = api.counts().requests;
        match pace(Stage::of(&strategy, step), Duration::from_secs(held), played.exposed - step_requests, &verdict) {
            Advice::Hold => {}
            Advice::RollBack(_) => return Played { undone: true, ..played },
            Advice::Starved(_) => return Played { starved: true, ..played },
            Advice::Advance if step + 1 == weights.len() => return played,
            Advice::Advance => {
                step += 1;
                split.weight = weights.get(step).copied().unwrap_or(100);
                (held, step_requests) = (0, played.exposed);
            }
        }
    }
}

/// Plays a case at 1, 20 and 100 requests a second; how many were undone, of how many, by rate.
fn table(case: &Case, rounds: u32) -> Vec<(u32, u32)> {
    let mut cells = Vec::new();
    for (rate, rounds) in [(1.0_f64, rounds), (20.0, rounds), (100.0, rounds / 4)] {
        // Each cell has chance of its own: else all of them would be lucky together.
        let name = case
            .name
            .bytes()
            .fold(rate.to_bits(), |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut seeds = Chance(name);
        let played: Vec<_> = (0..rounds).map(|_| play(case, rate, seeds.bits())).collect();
        let undone = u32::try_from(played.iter().filter(|one| one.undone).count()).unwrap_or(0);
        let starved = played.iter().filter(|one| one.starved).count();
        let middle = |value: fn(&Played) -> u64, at: usize| {
            let mut values: Vec<_> = played.iter().map(value).collect();
            values.sort_unstable();
            values.get((values.len() - 1) * at / 100).copied().unwrap_or(0)
        };
        println!(
            "{:<28} {rate:>4}/s: undone {undone:>4} of {rounds}, starved {starved}; seconds median {}, p95 {}, max {}; exposed {}",
            case.name,
            middle(|one| one.seconds, 50),
            middle(|one| one.seconds, 95),
            middle(|one| one.seconds, 100),
            middle(|one| one.exposed, 50),
        );
        cells.push((undone, rounds));
    }
    cells
}

fn sum(cells: &[(u32, u32)]) -> (u32, u32) {
    cells.iter().fold((0, 0), |(undone, rounds), cell| (undone + cell.0, rounds + cell.1))
}

const USUAL: Manners = Manners { errors: 0.002, traps: 0.0, slower_ms: 0.0, failures: 0.005, tail: 0.01 };

#[test]
fn bad_releases_undo_themselves() {
    let case = |name, candidate| Case { name, baseline: USUAL, candidate, outage: 0..0 };
    let mut all = Vec::new();
    for case in [
        case("5 % errors", Manners { errors: 0.052, ..USUAL }),
        case("+300 ms", Manners { slower_ms: 300.0, ..USUAL }),
        case("one route in ten traps", Manners { traps: 0.1, ..USUAL }),
        case("only the worker fails", Manners { failures: 0.5, ..USUAL }),
        Case {
            baseline: Manners::default(),
            ..case("5 % errors, none before", Manners { errors: 0.05, ..Manners::default() })
        },
        case("everything fails", Manners { errors: 1.0, failures: 1.0, ..USUAL }),
    ] {
        let cells = table(&case, 200);
        let (undone, rounds) = sum(&cells);
        assert!(f64::from(undone) >= f64::from(rounds) * 0.99, "{}: {undone} of {rounds}", case.name);
        all.extend(cells);
    }
    println!("bad: {:?}", sum(&all));
}

#[test]
fn good_releases_are_let_be() {
    let case = |name, manners| Case { name, baseline: manners, candidate: manners, outage: 0..0 };
    let mut all = Vec::new();
    for case in [
        case("good, as usual", USUAL),
        case("good, without any error", Manners::default()),
        case("good, 2 % of errors on both", Manners { errors: 0.02, failures: 0.02, ..USUAL }),
        case("good, a long tail", Manners { tail: 0.06, ..USUAL }),
        Case { outage: 20..40, ..case("good, an outage at 5 %", USUAL) },
        Case { outage: 100..130, ..case("good, an outage later", USUAL) },
    ] {
        let cells = table(&case, 400);
        let (undone, rounds) = sum(&cells);
        assert!(f64::from(undone) <= f64::from(rounds) * 0.01, "{}: {undone} of {rounds}", case.name);
        all.extend(cells);
    }
    println!("good: {:?}", sum(&all));
}
