//! `make prove-deploys`: what a deploy promises, at full size, as a table.
//!
//! `--only 3` runs one experiment (may be given several times), `--small` the size of the tests. Hosts at one request
//! a second run beside everything else from the beginning; the first experiment has the machine to itself but for them,
//! since it measures latency.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people"
)]

mod sizes;
mod table;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use sizes::Sizes;
use tests::proof::{Claim, consumers, crashes, judgement, leaks, swaps};

const USAGE: &str = "usage: prove [--small] [--only 1..5]...";

fn main() -> ExitCode {
    let mut only = BTreeSet::new();
    let mut small = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let number = |text: Option<String>| text?.parse::<u8>().ok().filter(|n| (1..=5).contains(n));
        match argument.as_str() {
            "--small" => small = true,
            "--only" => match number(arguments.next()) {
                Some(experiment) => drop(only.insert(experiment)),
                None => return usage(),
            },
            _ => return usage(),
        }
    }
    let wanted = |experiment: u8| only.is_empty() || only.contains(&experiment);
    let sizes = if small { Sizes::small() } else { Sizes::full() };
    let begun = Instant::now();
    let claims = run(sizes, wanted);
    let text = table::markdown(&claims, begun.elapsed());
    println!("{text}");
    let path = tests::paths::root().join("target/prove-deploys.md");
    std::fs::write(&path, &text).expect("target/ can be written");
    println!("also in {}", path.display());
    if claims.iter().all(|claim| claim.holds) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(64)
}

fn run(sizes: Sizes, wanted: impl Fn(u8) -> bool) -> Vec<Claim> {
    let Sizes { swaps: swaps_size, crashes: crashes_size, groups, leaks: leaks_size, consumers: consumers_size } =
        sizes;
    let mut claims = Vec::new();
    let mut judged = Vec::new();
    if wanted(3) {
        judgement::compile_all();
    }
    thread::scope(|scope| {
        let judge = |group: judgement::Group| {
            move || {
                let seen = judgement::run(&group);
                said(&format!("3. releases at {}/s: judged", group.rate));
                (group, seen)
            }
        };
        let mut groups = if wanted(3) { groups } else { Vec::new() }.into_iter();
        let slowest = groups.next().map(|group| scope.spawn(judge(group)));
        if wanted(1) {
            claims.extend(swaps::run(&swaps_size));
            said("1. deploys under load: done");
        }
        let leaks = wanted(4).then(|| scope.spawn(move || leaks::run(&leaks_size)));
        let others: Vec<_> = groups.collect();
        let others = scope.spawn(move || others.into_iter().map(|group| judge(group)()).collect::<Vec<_>>());
        if wanted(5) {
            claims.extend(consumers::run(&consumers_size));
            said("5. two versions of a consumer: done");
        }
        if wanted(2) {
            claims.extend(crashes::run(&crashes_size));
            said("2. kills: done");
        }
        if let Some(leaks) = leaks {
            claims.extend(leaks.join().expect("experiment 4"));
            said("4. swaps of one component: done");
        }
        judged.extend(slowest.map(|group| group.join().expect("experiment 3")));
        judged.extend(others.join().expect("experiment 3"));
    });
    if !judged.is_empty() {
        claims.extend(judgement::claims(&judged));
    }
    claims.sort_by_key(|claim| claim.experiment);
    claims
}

/// How far it is, for whoever watches.
fn said(what: &str) {
    eprintln!("{what}");
}
