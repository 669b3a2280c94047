//! The load: `wrk`, its report read back, and the processor time that the server spent meanwhile.

use std::process::Command;

use crate::subject::{Placement, Subject, processor_seconds};

/// One round takes this long, after a warm-up.
const SECONDS: u32 = 4;

/// Prints what is needed in one line.
const REPORT: &str = r#"
done = function(summary, latency)
  local e = summary.errors
  print(string.format("report %f %f %f %d %d", summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.requests,
    e.connect + e.read + e.write + e.status + e.timeout))
end
"#;

/// What a round measured.
pub(crate) struct Load {
    pub(crate) rate: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Processor time of the server, user and system, for one request.
    pub(crate) cpu_us: f64,
    pub(crate) failed: f64,
}

impl Load {
    pub(crate) fn run(subject: &Subject, connections: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("report.lua");
        std::fs::write(&script, REPORT).unwrap();
        let wrk = |seconds: u32| {
            let mut command = match subject.placement {
                Placement::Apart => Command::new("taskset"),
                Placement::Together => Command::new("env"),
            };
            if subject.placement == Placement::Apart {
                command.args(["-c", "1"]);
            }
            command.args(["wrk", "-t1", &format!("-c{connections}"), &format!("-d{seconds}s"), "-s"]);
            command.arg(&script);
            if let Some(token) = &subject.token {
                command.args(["-H", &format!("Cookie: access_token={token}")]);
            }
            let output = command.arg(format!("{}{}", subject.base, subject.path)).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        wrk(1);
        let before = processor_seconds(subject.pid);
        let text = wrk(SECONDS);
        let spent = processor_seconds(subject.pid) - before;
        let line = text.lines().find_map(|line| line.strip_prefix("report ")).expect("a report by wrk");
        let numbers: Vec<f64> = line.split(' ').map(|number| number.parse().unwrap()).collect();
        let [rate, p50_ms, p99_ms, requests, failed] = numbers.try_into().expect("five numbers");
        Self { rate, p50_ms, p99_ms, cpu_us: spent / requests * 1e6, failed }
    }
}
