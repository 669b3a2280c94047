//! A host as a child process, with a folder and ports of its own.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Answer, Client};
use crate::{paths, postgres, rabbitmq};

/// A host to be started.
#[derive(Clone)]
pub struct Builder {
    manifest: PathBuf,
    folder: Arc<TempDir>,
    /// Where files are that its configuration names.
    former: Option<Arc<TempDir>>,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    // Further lines of host.toml.
    config: String,
    mode: Mode,
    core: Option<u32>,
    /// Seconds that its clock was set forward so far: time does not go back when it starts again.
    ahead: Arc<AtomicU64>,
}

/// For whom it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Its developer: `wharf up`.
    Up,
    /// Its users: `wharf serve`.
    Serve,
}

impl Builder {
    /// Of the application at this manifest.
    pub fn of_manifest(manifest: impl Into<PathBuf>) -> Self {
        Self {
            manifest: manifest.into(),
            folder: Arc::new(tempfile::tempdir().unwrap()),
            former: None,
            arguments: Vec::new(),
            environment: Vec::new(),
            config: String::new(),
            mode: Mode::Up,
            core: None,
            ahead: Arc::default(),
        }
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

    /// With a variable in its environment. Of two with the same name the last counts.
    #[must_use]
    pub fn with_environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without a variable that it had.
    #[must_use]
    pub fn without_environment(mut self, name: &str) -> Self {
        self.environment.retain(|(given, _)| given != name);
        self
    }

    /// With further lines of `host.toml`.
    #[must_use]
    pub fn with_config(mut self, lines: &str) -> Self {
        self.config.push_str(lines);
        self.config.push('\n');
        self
    }

    /// With its databases on the PostgreSQL server of this process.
    #[must_use]
    pub fn on_postgres(self) -> Self {
        let section = postgres::section(&self.folder.path().join("sql-password"));
        self.with_config(&section)
    }

    /// With its own records there as well; after [`Builder::on_postgres`].
    #[must_use]
    pub fn with_records_on_postgres(self) -> Self {
        self.with_config("[state]\nengine = \"postgres\"")
    }

    /// With its messages on the RabbitMQ broker of this process.
    #[must_use]
    pub fn on_rabbitmq(self) -> Self {
        let section = rabbitmq::section(&self.folder.path().join("queue-password"));
        self.with_config(&section)
    }

    /// As it runs for users, `wharf serve`: nothing watches the files beside the manifest.
    #[must_use]
    pub fn for_users(mut self) -> Self {
        self.mode = Mode::Serve;
        self
    }

    /// Another host with a copy of everything that this one has kept, while it is not running.
    #[must_use]
    pub fn copy(&self) -> Self {
        self.copy_of(|_| true)
    }

    fn copy_of(&self, wanted: impl Fn(&Path) -> bool) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let entries = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        for entry in entries.filter(|entry| wanted(entry)) {
            assert!(Command::new("cp").arg("-a").arg(entry).arg(folder.path()).status().unwrap().success());
        }
        let manifest = match self.manifest.strip_prefix(self.folder.path()) {
            Ok(inside) => folder.path().join(inside),
            Err(_) => self.manifest.clone(),
        };
        let ahead = Arc::new(AtomicU64::new(self.ahead.load(Ordering::SeqCst)));
        let former = Some(Arc::clone(self.former.as_ref().unwrap_or(&self.folder)));
        Self { manifest, folder, former, ahead, ..self.clone() }
    }

    /// The same host on another machine: the same manifest and configuration, and nothing that this one has kept.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        self.copy_of(|entry| entry != self.state())
    }

    /// The folder of its manifest and its state.
    pub fn folder(&self) -> &Path {
        self.folder.path()
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
        match self.mode {
            Mode::Up => self.command_of("up"),
            Mode::Serve => self.command_of("serve"),
        }
    }

    /// The same for another command of the host.
    pub fn command_of(&self, name: &str) -> Command {
        let config = self.folder.path().join("host.toml");
        std::fs::write(&config, format!("[edge]\nrate = 0\n{}", self.config)).unwrap();
        let mut command = self.program();
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.arg(name).args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
        command.arg(format!("--test-clock={}", self.ahead.load(Ordering::SeqCst)));
        command.arg("-f").arg(&self.manifest).arg("--config").arg(config).arg("--state-dir").arg(self.state());
        command.arg("--cache-dir").arg(paths::binary("wharf").with_file_name("compiled"));
        command.args(&self.arguments);
        command
    }

    /// What stands before the host's arguments becomes the host, and so keeps the process id.
    fn program(&self) -> Command {
        let wharf = paths::binary("wharf");
        let Some(core) = self.core else { return Command::new(wharf) };
        let mut command = Command::new("taskset");
        command.args(["-c", &core.to_string()]).arg(wharf);
        command
    }

    /// Starts it and waits until it serves.
    pub fn start(self) -> Host {
        self.try_start().unwrap_or_else(|error| panic!("the host did not start: {error}"))
    }

    /// The same where it may end before it serves.
    ///
    /// # Errors
    /// What it printed, where it ended.
    pub fn try_start(self) -> Result<Host, String> {
        match self.mode {
            Mode::Up => self.start_for_developer(),
            Mode::Serve => self.start_for_users(),
        }
    }

    /// Its log is what it prints; it is kept where that of `wharf up` is.
    fn start_for_users(self) -> Result<Host, String> {
        std::fs::create_dir_all(self.state()).unwrap();
        let errors = std::fs::File::create(self.folder.path().join("stderr")).unwrap();
        let mut child = self.command().stdout(Stdio::piped()).stderr(errors).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.state().join("wharf.jsonl"));
        let mut log = log.unwrap();
        for line in &mut lines {
            let line = line.unwrap();
            writeln!(log, "{line}").unwrap();
            let line: Value = serde_json::from_str(&line).unwrap_or_default();
            if line["message"] == "serving" {
                let [http, admin] = ["http", "admin"].map(|name| format!("http://{}", line[name].as_str().unwrap()));
                std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(writeln!(log, "{line}"))));
                return Ok(Host { child, builder: self, http, admin, screen: Arc::default() });
            }
        }
        let status = child.wait().unwrap();
        let errors = std::fs::read_to_string(self.folder.path().join("stderr")).unwrap_or_default();
        Err(format!("{status}: {errors}\n{}", log_of(&self.state())))
    }

    fn start_for_developer(self) -> Result<Host, String> {
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
            drop(child.wait());
            return Err(format!("{screen}{errors}\n{}", log_of(&self.state())));
        };
        // Whatever it prints later must not block it.
        let screen = Arc::new(Mutex::new(screen));
        let later = Arc::clone(&screen);
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| writeln!(later.lock().unwrap(), "{line}").unwrap());
        });
        Ok(Host { child, builder: self, http, admin, screen })
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
    screen: Arc<Mutex<String>>,
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

    /// What it has shown on the screen so far.
    pub fn screen(&self) -> String {
        self.screen.lock().unwrap().clone()
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
        self.builder()
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(mut self) -> (ExitStatus, Builder) {
        self.terminate();
        let status = self.child.wait().unwrap();
        (status, self.builder())
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        assert!(self.signal("TERM"));
    }

    /// Sends it a signal; whether there was somebody to get it.
    pub fn signal(&self, name: &str) -> bool {
        Command::new("kill").arg(format!("-{name}")).arg(self.pid().to_string()).status().unwrap().success()
    }

    /// What it was started from, to start it once more.
    pub fn builder(&self) -> Builder {
        self.builder.clone()
    }

    /// Waits until it has ended by itself.
    pub fn wait(mut self) -> (ExitStatus, Builder) {
        let status = self.child.wait().unwrap();
        (status, self.builder())
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Already ended where the test stopped it itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
