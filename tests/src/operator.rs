//! Somebody at the command line: `wharf deploy` and its like, beside a running host.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::client::{Answer, Client};
use crate::paths;
use crate::release::MANIFEST;
use crate::versions::migrations::FIRST;

/// A command's end.
#[derive(Clone, Debug)]
pub struct Told {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub errors: String,
}

impl Told {
    /// The last line of the output that is JSON; with `--json` that is the result.
    pub fn json(&self) -> Value {
        let whole = serde_json::from_str(&self.out);
        whole.unwrap_or_else(|_| {
            self.out.lines().rev().find_map(|line| serde_json::from_str(line).ok()).unwrap_or(Value::Null)
        })
    }

    /// Fails the test unless the exit code is this.
    #[expect(clippy::return_self_not_must_use, reason = "the check alone is often all a test wants")]
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.errors);
        self
    }
}

/// An operator of the host with this state folder.
#[derive(Clone, Debug)]
pub struct Operator {
    state: PathBuf,
    // For files that are to be deployed.
    desk: PathBuf,
}

impl Operator {
    /// Of a host.
    pub fn of(state: &Path) -> Self {
        let desk = state.with_file_name("desk");
        std::fs::create_dir_all(&desk).unwrap();
        Self { state: state.to_owned(), desk }
    }

    /// A command with its arguments. Nothing answers questions.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(paths::binary("wharf"));
        command.args(arguments).arg("--state-dir").arg(&self.state).arg("--json").stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Told {
        told(&self.command(arguments).output().unwrap())
    }

    /// A file of the operator's with this content.
    pub fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.desk.join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    /// Deploys a file as a component and waits for its end.
    pub fn deploy(&self, component: &str, wasm: &[u8], strategy: &str) -> Told {
        told(&self.deploying(component, wasm, strategy).output().unwrap())
    }

    /// The same, to be started.
    pub fn deploying(&self, component: &str, wasm: &[u8], strategy: &str) -> Command {
        let file = self.file(&format!("{component}.wasm"), wasm);
        self.command(&["deploy", component, &file, "--strategy", strategy])
    }

    /// A folder with a whole application: its manifest, both components at this version, its migrations.
    pub fn application(&self, manifest: &str, wasm: &[u8], migrations: &[(&str, &str)]) -> String {
        let folder = self.desk.join("application");
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(folder.join("migrations")).unwrap();
        for (name, content) in [("spin.toml", manifest.as_bytes()), ("front.wasm", wasm), ("back.wasm", wasm)] {
            std::fs::write(folder.join(name), content).unwrap();
        }
        let migrations = if migrations.is_empty() { &[FIRST][..] } else { migrations };
        for (name, sql) in migrations {
            std::fs::write(folder.join("migrations").join(name), sql).unwrap();
        }
        folder.display().to_string()
    }

    /// Both components of the application `release` in one release, to be started.
    pub fn deploying_both(&self, wasm: &[u8], strategy: &str) -> Command {
        let folder = self.application(MANIFEST, wasm, &[]);
        self.command(&["deploy", "--from", &folder, "--strategy", strategy])
    }

    /// The same, to its end.
    pub fn deploy_both(&self, wasm: &[u8], strategy: &str) -> Told {
        told(&self.deploying_both(wasm, strategy).output().unwrap())
    }

    /// The same with these migrations.
    pub fn deploy_with_migrations(&self, wasm: &[u8], migrations: &[(&str, &str)], strategy: &str) -> Told {
        let folder = self.application(MANIFEST, wasm, migrations);
        self.run(&["deploy", "--from", &folder, "--strategy", strategy])
    }

    /// The same with what is wanted by name.
    pub fn deploy_approved(&self, wasm: &[u8], migrations: &[(&str, &str)], approve: &str) -> Told {
        let folder = self.application(MANIFEST, wasm, migrations);
        self.run(&["deploy", "--from", &folder, "--strategy", "now", "--approve", approve])
    }

    /// Where the host keeps its state.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// What is live and what is on its way.
    pub fn status(&self) -> Value {
        self.run(&["status"]).expect(0).json()
    }

    /// The release that serves.
    pub fn live(&self) -> String {
        self.status()["live"]["id"].as_str().unwrap_or_default().to_owned()
    }

    /// How the last rollout ended: its release, its outcome, the reason.
    pub fn ended(&self) -> [String; 3] {
        let status = self.status();
        ["release", "outcome", "why"].map(|name| status["ended"][name].as_str().unwrap_or_default().to_owned())
    }

    /// What testers send to be told, and to choose, their release.
    pub fn token(&self) -> String {
        std::fs::read_to_string(self.state.join("operator-token")).unwrap().trim().to_owned()
    }

    /// A tester's request, for a release where one is named.
    pub fn ask(&self, client: &Client, path: &str, release: Option<&str>) -> Answer {
        let token = self.token();
        let mut headers = vec![("x-wharf-token", token.as_str())];
        headers.extend(release.map(|release| ("x-wharf-release", release)));
        client.send("GET", path, &headers, ureq::SendBody::none())
    }
}

/// The end of a command that was started with its output kept.
pub fn told(output: &Output) -> Told {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Told { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), errors: text(&output.stderr) }
}
