//! What is measured: a server, a path, and who asks.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tests::client::Client;
use tests::paths;

/// One line of a table.
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) base: String,
    pub(crate) path: String,
    pub(crate) pid: u32,
    pub(crate) token: Option<String>,
}

impl Subject {
    pub(crate) fn new(name: &str, base: &str, path: &str, pid: u32, token: Option<&str>) -> Self {
        let [name, base, path] = [name, base, path].map(str::to_owned);
        Self { name, base, path, pid, token: token.map(str::to_owned) }
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
}

impl Yardstick {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new("taskset")
            .args(["-c", "0"])
            .arg(paths::binary("native"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut base = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut base).unwrap();
        Self { child, base: base.trim().to_owned() }
    }

    pub(crate) fn subject(&self, name: &str, path: &str, token: Option<&str>) -> Subject {
        Subject::new(name, &self.base, path, self.child.id(), token)
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
