//! `make prove-deploys`: what a deploy promises, at full size, as a table.
//!
//! `--only 3` runs one experiment (may be given several times), `--small` the size of the tests. The first has the machine
//! to itself, since it compares latencies. Then hosts at one request a second run beside everything else: they take
//! longest and cost little, but 67 of them are half a core. The swaps of one component, which measure memory, run beside
//! the hosts at higher rates. What an experiment has shown is printed as it ends.
#![expect(clippy::expect_used, clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

mod sizes;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use sizes::Sizes;
use tests::proof::{Claim, consumers, crashes, judgement, leaks, markdown, rows, swaps};

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
    let text = markdown(&claims, begun.elapsed());
    println!("\n{text}");
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
    let mut claims = Vec::new();
    let mut take = |name: &str, list: Vec<Claim>| {
        said(name, &list);
        claims.extend(list);
    };
    thread::scope(|scope| {
        if wanted(1) {
            take("1. deploys under load", swaps::run(&sizes.swaps));
        }
        let mut groups = if wanted(3) { sizes.groups } else { Vec::new() }.into_iter();
        if wanted(3) {
            judgement::compile_all();
        }
        let slowest = groups.next().map(|group| {
            let (tell, told) = mpsc::channel();
            let hosts = group.at_once.min(group.releases.len());
            let judged =
                scope.spawn(move || judge(group, &move || tell.send(()).expect("somebody waits for every host")));
            assert_eq!(told.iter().take(hosts).count(), hosts, "every host of the first group begins");
            // The first group is one that runs all its hosts at once: nobody tells any more.
            judged
        });
        if wanted(5) {
            take("5. two versions of a consumer", consumers::run(&sizes.consumers));
        }
        if wanted(2) {
            take("2. kills", crashes::run(&sizes.crashes));
        }
        let leaks = wanted(4).then(|| scope.spawn(|| leaks::run(&sizes.leaks)));
        let mut judged: Vec<_> = groups.map(|group| judge(group, &|| ())).collect();
        if let Some(leaks) = leaks {
            take("4. swaps of one component", leaks.join().expect("experiment 4"));
        }
        judged.extend(slowest.map(|group| group.join().expect("experiment 3")));
        if !judged.is_empty() {
            take("3. bad releases and good ones", judgement::claims(&judged));
        }
    });
    claims.sort_by_key(|claim| claim.experiment);
    claims
}

fn judge(group: judgement::Group, begun: &(dyn Fn() + Sync)) -> (judgement::Group, Vec<judgement::Seen>) {
    let seen = judgement::run(&group, begun);
    let right = seen.iter().filter(|seen| seen.is_right()).count();
    eprintln!("3. releases at {}/s: {right} of {} judged rightly", group.rate, seen.len());
    (group, seen)
}

/// What was just shown, for whoever watches, and so that it is known should a later experiment never end.
fn said(name: &str, claims: &[Claim]) {
    eprintln!("\n{name}\n{}", rows(claims));
}
