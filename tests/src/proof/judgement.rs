//! Experiment 3: bad releases and good ones, each on a host of its own under its own load; which of them are rolled back.

mod nature;
mod trial;

use std::process::Command;

use crate::paths;
use crate::versions::Version;

use super::{Claim, Claims, lanes, largest, median};

pub use nature::Nature;
pub use trial::Seen;

/// Hosts with the same load.
#[derive(Clone, Debug)]
pub struct Group {
    /// Requests a second to each.
    pub rate: f64,
    /// Factor on the holds of a rollout. What is asked of numbers of requests stays.
    pub pace: f64,
    /// What is deployed on each host.
    pub releases: Vec<Nature>,
    /// Hosts at once.
    pub at_once: usize,
}

/// `good` good releases and `bad` bad ones, in turn and of every kind.
pub fn releases(good: usize, bad: usize) -> Vec<Nature> {
    let bad = Nature::BAD.into_iter().cycle().take(bad);
    let mut list: Vec<_> = bad.collect();
    for n in 0..good {
        let place = (n * 2).min(list.len());
        list.insert(place, if n % 4 == 3 { Nature::GoodWorker } else { Nature::Good });
    }
    list
}

/// Compiles every version once, so that the hosts find them in the cache that they share.
pub fn compile_all() {
    let folder = tempfile::tempdir().unwrap();
    let cache = paths::binary("wharf").with_file_name("compiled");
    let versions = Nature::ALL.into_iter().map(Nature::version).chain([Version::good(trial::BASE)]);
    for (number, version) in versions.enumerate() {
        let file = folder.path().join(format!("{number}.wasm"));
        std::fs::write(&file, version.wasm()).unwrap();
        let mut command = Command::new(paths::binary("wharf"));
        command.args(["compile", "--id", "release", "--cache-dir"]).arg(&cache).arg(&file);
        assert!(command.status().unwrap().success(), "{version:?} does not compile");
    }
}

/// Runs one group. `begun` is called for each of its hosts when its load runs and its deploy begins.
pub fn run(group: &Group, begun: &(dyn Fn() + Sync)) -> Vec<Seen> {
    lanes::run(group.releases.clone(), group.at_once, |nature| trial::run(nature, group.rate, group.pace, begun))
}

/// What the groups say together.
pub fn claims(groups: &[(Group, Vec<Seen>)]) -> Vec<Claim> {
    let mut claims = Claims::of(3);
    let all: Vec<_> = groups.iter().flat_map(|(_, seen)| seen).collect();
    let (good, bad): (Vec<&Seen>, Vec<&Seen>) = all.iter().partition(|seen| seen.nature.is_good());
    for (list, what, right) in [
        (&bad, "bad releases that were rolled back by themselves", "at least 99 %"),
        (&good, "good releases that were not", "at least 99 %"),
    ] {
        let wrong: Vec<_> = list.iter().filter(|seen| !seen.is_right()).map(ToString::to_string).collect();
        let held = list.len() - wrong.len();
        let seen = format!("{held} of {} {}", list.len(), wrong.join(" · "));
        claims.add(what, right, seen, !list.is_empty() && held * 100 >= list.len() * 99);
    }
    let after: Vec<_> = bad.iter().filter_map(|seen| seen.after_decision).collect();
    let slowest = largest(&after);
    let seen = format!("longest {:.0} ms of {}", slowest * 1000.0, after.len());
    claims.add(
        "automatic rollback, from the decision to the last request to the bad release",
        "< 1 s",
        seen,
        slowest < 1.0,
    );
    let failed: u64 = all.iter().filter(|seen| seen.nature.is_good()).map(|seen| seen.failed_of_base).sum();
    let examples: Vec<_> = all.iter().flat_map(|seen| seen.examples.iter().cloned()).collect();
    claims.none("failed requests of good releases", failed, &examples);
    for (group, seen) in groups {
        for nature in Nature::ALL {
            tell(&mut claims, group, nature, seen);
        }
    }
    claims.list()
}

fn tell(claims: &mut Claims, group: &Group, nature: Nature, seen: &[Seen]) {
    let list: Vec<_> = seen.iter().filter(|seen| seen.nature == nature).collect();
    if list.is_empty() {
        return;
    }
    let middle = |read: fn(&Seen) -> f64| median(list.iter().map(|seen| read(seen)).collect());
    let right = list.iter().filter(|seen| seen.is_right()).count();
    let what = format!("{nature} at {}/s, pace {}", group.rate, group.pace);
    let text = format!(
        "{right} of {} right; decided after {:.0} s (longest {:.0}); met by {:.0} requests, of which {:.0} failed",
        list.len(),
        middle(|seen| seen.decided_s),
        largest(&list.iter().map(|seen| seen.decided_s).collect::<Vec<_>>()),
        middle(|seen| seen.exposed),
        middle(|seen| seen.failed),
    );
    claims.tell(&what, text);
}
