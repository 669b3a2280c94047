//! The load: `wrk` on the second core, its report read back.

use std::process::Command;

use crate::subject::Subject;

/// One round takes this long, after a warm-up.
const SECONDS: u32 = 4;

/// Prints what is needed in one line.
const REPORT: &str = r#"
done = function(summary, latency)
  local e = summary.errors
  print(string.format("report %f %f %f %d", summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, e.connect + e.read + e.write + e.status + e.timeout))
end
"#;

/// What a round measured.
pub(crate) struct Load {
    pub(crate) rate: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) failed: u64,
}

impl Load {
    pub(crate) fn run(subject: &Subject, connections: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("report.lua");
        std::fs::write(&script, REPORT).unwrap();
        let wrk = |seconds: u32| {
            let mut command = Command::new("taskset");
            command.args(["-c", "1", "wrk", "-t1", &format!("-c{connections}"), &format!("-d{seconds}s"), "-s"]);
            command.arg(&script);
            if let Some(token) = &subject.token {
                command.args(["-H", &format!("Cookie: access_token={token}")]);
            }
            let output = command.arg(format!("{}{}", subject.base, subject.path)).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        wrk(1);
        let text = wrk(SECONDS);
        let line = text.lines().find_map(|line| line.strip_prefix("report ")).expect("a report by wrk");
        let mut numbers = line.split(' ').map(|number| number.parse::<f64>().unwrap());
        let mut next = || numbers.next().unwrap();
        let (rate, p50_ms, p99_ms) = (next(), next(), next());
        Self { rate, p50_ms, p99_ms, failed: line.rsplit(' ').next().unwrap().parse().unwrap() }
    }
}
