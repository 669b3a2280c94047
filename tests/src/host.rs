//! A host as a child process, with a folder and ports of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;
use tempfile::TempDir;

use crate::client::{Answer, Client};
use crate::paths;

/// A host to be started.
pub struct Builder {
    manifest: PathBuf,
    folder: Arc<TempDir>,
    arguments: Vec<String>,
    core: Option<u32>,
    /// Seconds that its clock was set forward so far: time does not go back when it starts again.
    ahead: Arc<AtomicU64>,
}

impl Builder {
    /// Of the application at this manifest.
    pub fn of_manifest(manifest: impl Into<PathBuf>) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Self { manifest: manifest.into(), folder, arguments: Vec::new(), core: None, ahead: Arc::default() }
    }

    /// Of an application whose manifest is this text. `{guests}` in it is the folder of the fixture components.
    pub fn of_text(text: &str) -> Self {
        let mut builder = Self::of_manifest("");
        builder.manifest = builder.folder.path().join("spin.toml");
        let guests = paths::root().join("target/guests");
        std::fs::write(&builder.manifest, text.replace("{guests}", &guests.display().to_string())).unwrap();
        builder
    }

    /// Of the ticket system in this repository.
    pub fn of_ticket_system() -> Self {
        Self::of_manifest(paths::root().join("spin.toml"))
    }

    /// With a file beside its manifest.
    #[must_use]
    pub fn with_file(self, name: &str, content: &[u8]) -> Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// With a further argument.
    #[must_use]
    pub fn with(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// On one core alone, as its threads see it from their start. For benchmarks.
    #[must_use]
    pub fn on_core(mut self, core: u32) -> Self {
        self.core = Some(core);
        self
    }

    /// The folder that the host keeps its state in.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The command that starts it, without a limit on requests from the one address that all tests have.
    pub fn command(&self) -> Command {
        self.command_of("up")
    }

    /// The same for another command of the host.
    pub fn command_of(&self, name: &str) -> Command {
        let config = self.folder.path().join("host.toml");
        std::fs::write(&config, "[edge]\nrate = 0\n").unwrap();
        let mut command = match self.core {
            None => Command::new(paths::binary("wharf")),
            Some(core) => {
                // It becomes the host, and so keeps the process id.
                let mut command = Command::new("taskset");
                command.args(["-c", &core.to_string()]).arg(paths::binary("wharf"));
                command
            }
        };
        command.arg(name).args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
        command.arg(format!("--test-clock={}", self.ahead.load(Ordering::SeqCst)));
        command.arg("-f").arg(&self.manifest).arg("--config").arg(config).arg("--state-dir").arg(self.state());
        command.arg("--cache-dir").arg(paths::binary("wharf").with_file_name("compiled"));
        command.args(&self.arguments);
        command
    }

    /// Starts it and waits until it serves.
    pub fn start(self) -> Host {
        let mut child = self.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut screen = String::new();
        let (mut http, mut admin) = (None, None);
        for line in &mut lines {
            let line = line.unwrap();
            screen.push_str(&line);
            screen.push('\n');
            let address = line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned);
            match (http.is_none(), line.trim_start().starts_with("probes")) {
                (true, _) => http = address,
                (false, true) => admin = address.map(|url| url.trim_end_matches("/readyz").to_owned()),
                (false, false) => {}
            }
            if line.starts_with("Stop with") {
                break;
            }
        }
        let (Some(http), Some(admin)) = (http, admin) else {
            let mut errors = String::new();
            child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
            panic!("the host did not start: {screen}{errors}\n{}", log_of(&self.state()));
        };
        // Whatever it prints later must not block it.
        std::thread::spawn(move || lines.for_each(drop));
        Host { child, builder: self, http, admin, screen }
    }

    /// Runs it to its end: for hosts that refuse to start.
    pub fn refuse(&self) -> (ExitStatus, String) {
        let output = self.command().output().unwrap();
        (output.status, String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn log_of(state: &Path) -> String {
    std::fs::read_to_string(state.join("wharf.jsonl")).unwrap_or_default()
}

/// A running host. It is killed when the test ends.
pub struct Host {
    child: Child,
    builder: Builder,
    http: String,
    admin: String,
    screen: String,
}

impl Host {
    /// A new person.
    pub fn client(&self) -> Client {
        Client::new(&self.http)
    }

    /// `http://host:port` of the users' listener.
    pub fn http(&self) -> &str {
        &self.http
    }

    /// A client of the operator's listener.
    pub fn admin(&self) -> Client {
        Client::new(&self.admin)
    }

    /// What it showed on the screen when it started.
    pub fn screen(&self) -> &str {
        &self.screen
    }

    /// Where it keeps its state.
    pub fn state(&self) -> PathBuf {
        self.builder.state()
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        log_of(&self.state())
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sets the clock that components see forward.
    pub fn advance_clock(&self, seconds: u64) -> Answer {
        let answer = self.admin().post("/test/clock", &json!({ "advance_s": seconds })).expect(200);
        self.builder.ahead.fetch_add(seconds, Ordering::SeqCst);
        answer
    }

    /// Takes its power away.
    pub fn kill(mut self) -> Builder {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.take_builder()
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(mut self) -> (ExitStatus, Builder) {
        self.terminate();
        let status = self.child.wait().unwrap();
        (status, self.take_builder())
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        let status = Command::new("kill").arg("-TERM").arg(self.pid().to_string()).status().unwrap();
        assert!(status.success());
    }

    fn take_builder(&mut self) -> Builder {
        let Builder { manifest, folder, arguments, core, ahead } = &self.builder;
        let (folder, ahead) = (Arc::clone(folder), Arc::clone(ahead));
        Builder { manifest: manifest.clone(), folder, arguments: arguments.clone(), core: *core, ahead }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Already ended where the test stopped it itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
