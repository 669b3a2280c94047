//! Experiment 4: one component swapped again and again; what the host holds does not grow.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use crate::host::Host;
use crate::load::{Load, Plan};
use crate::operator::Operator;
use crate::release;
use crate::versions::Version;

use super::{Builds, Claim, Claims, median, pause, within};

/// How large.
#[derive(Clone, Debug)]
pub struct Size {
    /// Swaps in all.
    pub builds: Builds,
    /// After which the first measure is taken.
    pub first: usize,
    /// Requests a second meanwhile.
    pub rate: f64,
    /// Most that a number may grow by, in percent.
    pub growth: f64,
}

/// What a host holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    resident_kib: f64,
    descriptors: f64,
    files: f64,
}

/// Runs it.
pub fn run(size: &Size) -> Vec<Claim> {
    let builder = release::builder(&Version::good("s0")).with_config(&release::rollout(0.01, 2));
    // A cache of its own: what was compiled and is no longer needed goes too.
    let cache = builder.folder().join("cache");
    let host = builder.with("--cache-dir").with(&cache.display().to_string()).start();
    let operator = Operator::of(&host.state());
    let load = Load::start(host.http(), "leaks", &Plan { rate: size.rate, ..Plan::default() });
    let mut refused = Vec::new();
    let mut first = None;
    let Builds { deploys: swaps, new } = size.builds;
    for swap in 1..=swaps {
        let label = size.builds.label(swap);
        let told = operator.deploy("front", &Version::good(&label).wasm(), "now");
        if told.code != 0 {
            refused.push(format!("{label}: {} {}{}", told.code, told.out.trim(), told.errors.trim()));
        }
        if swap == size.first {
            first = Some(measure(&host, &operator, &cache));
        }
    }
    let last = measure(&host, &operator, &cache);
    let tally = load.stop();
    let first = first.unwrap();
    let mut claims = Claims::of(4);
    let count = u64::try_from(refused.len()).unwrap();
    claims.none(&format!("{swaps} swaps of one component ({new} of new builds), not done"), count, &refused);
    claims.none(&format!("of {} requests meanwhile failed", tally.requests), tally.failed, &tally.examples());
    for (what, before, after) in [
        ("resident memory, KiB", first.resident_kib, last.resident_kib),
        ("open file descriptors", first.descriptors, last.descriptors),
        ("files of state and cache", first.files, last.files),
    ] {
        let growth = (after / before - 1.0) * 100.0;
        let seen = format!("{before:.0} after {}, {after:.0} after {swaps}: {growth:+.1} %", size.first);
        claims.add(what, format!("<= +{} %", size.growth), seen, growth <= size.growth);
    }
    claims.list()
}

/// The middle of some looks, once the old releases are gone.
fn measure(host: &Host, operator: &Operator, cache: &Path) -> Held {
    const LOOKS: usize = 9;
    within(Duration::from_secs(20), || operator.status()["retiring"].as_object().is_none_or(serde_json::Map::is_empty));
    let look = |_| {
        pause(Duration::from_millis(200));
        held(host, cache)
    };
    let looks: Vec<_> = (0..LOOKS).map(look).collect();
    let middle = |read: fn(&Held) -> f64| median(looks.iter().map(read).collect());
    Held {
        resident_kib: middle(|held| held.resident_kib),
        descriptors: middle(|held| held.descriptors),
        files: middle(|held| held.files),
    }
}

fn held(host: &Host, cache: &Path) -> Held {
    let process = format!("/proc/{}", host.pid());
    let status = std::fs::read_to_string(format!("{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let resident_kib = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    let descriptors = descriptors(&process, host);
    let files = files(&host.state()) + files(cache);
    let float = |count: usize| f64::from(u32::try_from(count).unwrap());
    Held { resident_kib, descriptors: float(descriptors), files: float(files) }
}

/// Open files and sockets, without the connections of the load: how many those are is its own doing.
fn descriptors(process: &str, host: &Host) -> usize {
    let port: u16 = host.http().rsplit(':').next().unwrap().parse().unwrap();
    let table = std::fs::read_to_string(format!("{process}/net/tcp")).unwrap();
    // Columns: number, local address, remote address, state (01: established), ..., inode.
    let of_people = |columns: &[&str]| columns[1].ends_with(&format!(":{port:04X}")) && columns[3] == "01";
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let connections: BTreeSet<_> =
        rows.filter(|columns| of_people(columns)).map(|columns| format!("socket:[{}]", columns[9])).collect();
    let open = std::fs::read_dir(format!("{process}/fd")).unwrap();
    // One may be closed between the two calls.
    let links = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    links.filter(|link| !connections.contains(&*link.to_string_lossy())).count()
}

fn files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    // A file may go between the two calls.
    let count = |entry: std::fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => files(&entry.path()),
        Ok(_) => 1,
        Err(_) => 0,
    };
    entries.filter_map(Result::ok).map(count).sum()
}
