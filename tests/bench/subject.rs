//! What is measured: a server, a path, and who asks.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tests::client::Client;
use tests::host::Host;
use tests::paths;

/// Where server and load run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// The server on the first core, the load on the second.
    Apart,
    /// Both on both cores.
    Together,
}

/// One line of a table.
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) base: String,
    pub(crate) path: String,
    pub(crate) pid: u32,
    pub(crate) token: Option<String>,
    pub(crate) placement: Placement,
}

impl Subject {
    pub(crate) fn new(name: &str, host: &Host, path: &str, token: Option<&str>, placement: Placement) -> Self {
        let [name, base, path] = [name, host.http(), path].map(str::to_owned);
        Self { name, base, path, pid: host.pid(), token: token.map(str::to_owned), placement }
    }

    /// What it answers.
    pub(crate) fn answer(&self) -> Value {
        let client = Client::new(&self.base);
        if let Some(token) = &self.token {
            client.set_cookie("access_token", token);
        }
        client.get(&self.path).expect(200).json()
    }
}

/// The native server.
pub(crate) struct Yardstick {
    child: Child,
    base: String,
    placement: Placement,
}

impl Yardstick {
    pub(crate) fn start(arguments: &[&str], placement: Placement) -> Self {
        let mut command = match placement {
            Placement::Apart => Command::new("taskset"),
            Placement::Together => Command::new("env"),
        };
        if placement == Placement::Apart {
            command.args(["-c", "0"]);
        }
        let mut child = command.arg(paths::binary("native")).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut base = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut base).unwrap();
        Self { child, base: base.trim().to_owned(), placement }
    }

    pub(crate) fn subject(&self, name: &str, path: &str, token: Option<&str>) -> Subject {
        let [name, base, path] = [name, &self.base, path].map(str::to_owned);
        Subject { name, base, path, pid: self.child.id(), token: token.map(str::to_owned), placement: self.placement }
    }
}

impl Drop for Yardstick {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Keeps the load generator's core from sleeping, at the lowest priority there is: on a virtual machine the cost of
/// waking a sleeping core falls on the server that writes, and most on the slower one.
pub(crate) struct Awake(Child);

impl Awake {
    pub(crate) fn keep() -> Self {
        let spin = ["-i", "0", "taskset", "-c", "1", "sh", "-c", "while :; do :; done"];
        Self(Command::new("chrt").args(spin).spawn().unwrap())
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Resident memory of a process.
pub(crate) fn resident_kib(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Processor time that a process has spent, user and system.
pub(crate) fn processor_seconds(pid: u32) -> f64 {
    // Linux counts in hundredths of a second for user space, whatever the kernel's own clock.
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The name in parentheses may hold spaces; the times are the 12th and 13th field after it.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks = |field: usize| fields[field].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / TICKS_PER_SECOND
}
