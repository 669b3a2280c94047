//! A PostgreSQL server of its own.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use crate::Keeper;
use crate::folder::Folder;

/// Bound of a start on a busy machine, also of one that recovers.
const START_WAIT: Duration = Duration::from_mins(1);

/// Ports that somebody else took meanwhile.
const ATTEMPTS_MAX: u32 = 5;

/// Memory that must be free for a server's data: some eighty databases of eight MiB.
const MEMORY_KIB_MIN: u64 = 2 << 20;

/// Who may run a server when the tests run as root: the server itself refuses to.
const UNPRIVILEGED: &str = "nobody";

/// A private server on a free port of 127.0.0.1 and on a socket in its folder, with `fsync` on.
///
/// Its superuser is [`Postgres::SUPERUSER`], and it asks everybody for a password. It ends, and its folder goes, when it
/// is dropped or the process ends.
#[derive(Debug)]
pub struct Postgres {
    folder: Folder,
    port: u16,
    password: String,
    settings: Vec<(String, String)>,
    running: Mutex<Option<Keeper>>,
    // Dropped last: removes what the server leaves behind.
    #[expect(dead_code, reason = "kept for its drop")]
    folder_keeper: Option<Keeper>,
}

impl Postgres {
    /// The role that may do anything.
    pub const SUPERUSER: &str = "postgres";

    /// The password of [`Postgres::SUPERUSER`]; nobody but this machine can reach the server.
    pub const PASSWORD: &str = "for-tests-alone";

    /// Starts one.
    pub fn start() -> Self {
        Self::start_with(|_| vec![])
    }

    /// Starts one with settings of its own, which are made when its data folder is there: for example
    /// `vec![("ssl".into(), "on".into())]` after writing the certificate with [`Postgres::write`].
    pub fn start_with(settings: impl FnOnce(&Path) -> Vec<(String, String)>) -> Self {
        Self::start_on(Folder::temporary(&place()), Self::PASSWORD, settings)
    }

    /// Starts one whose data stays in the folder, also when it has ended. Where there is none yet, `password` becomes that
    /// of [`Postgres::SUPERUSER`]; it has to be the same at every start.
    pub fn start_in(folder: &Path, password: &str) -> Self {
        Self::start_on(Folder::kept(folder), password, |_| vec![])
    }

    fn start_on(folder: Folder, password: &str, settings: impl FnOnce(&Path) -> Vec<(String, String)>) -> Self {
        give_away(folder.path());
        let data = folder.path().join("data");
        if !data.exists() {
            make_data(folder.path(), &data, password);
        }
        let settings = settings(&data);
        // No server, only the promise to remove the folder.
        let goes = !folder.stays();
        let folder_keeper = goes.then(|| Keeper::start(folder.path(), &["true".to_owned()], |_| {}));
        let password = password.to_owned();
        let mut server = Self { folder, port: 0, password, settings, running: Mutex::default(), folder_keeper };
        for _ in 0..ATTEMPTS_MAX {
            server.port = free_port();
            if let Some(keeper) = server.launch() {
                *server.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(keeper);
                return server;
            }
        }
        panic!("PostgreSQL does not start:\n{}", server.log());
    }

    /// Writes a file into the data folder that only the server may read.
    pub fn write(data: &Path, name: &str, content: &str) {
        let path = data.join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        give_away(&path);
    }

    /// The TCP port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of the Unix socket.
    pub fn socket_folder(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// What the server has said so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Makes a role that may log in and make databases and roles, where it is not there.
    pub fn make_role(&self, name: &str, password: &str) {
        if self.psql("postgres", &format!("select count(*) from pg_roles where rolname = '{name}'")) == "0" {
            self.psql("postgres", &format!("create role {name} login createdb createrole password '{password}'"));
        }
    }

    /// Runs statements as the superuser and returns what `psql` prints of their rows. They go by standard input: a
    /// command line is everybody's to read.
    pub fn psql(&self, database: &str, statements: &str) -> String {
        let mut psql = Command::new(programs().join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", &self.port.to_string()])
            .args(["-U", Self::SUPERUSER, "-d", database])
            .env("PGPASSWORD", &self.password)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        psql.stdin.take().unwrap().write_all(format!("{statements};\n").as_bytes()).unwrap();
        let output = psql.wait_with_output().unwrap();
        assert!(output.status.success(), "{statements}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Ends the server as a power cut would: without a checkpoint, its clients cut off. Waits until it is gone.
    pub fn stop_immediately(&self) {
        drop(self.running.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Starts the server again on the same data and port. Waits until it is ready.
    pub fn start_again(&self) {
        let keeper = self.launch().unwrap_or_else(|| panic!("PostgreSQL does not start again:\n{}", self.log()));
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(keeper);
    }

    /// `None` for a server that ended before it was ready.
    fn launch(&self) -> Option<Keeper> {
        let socket = self.socket_folder();
        std::fs::create_dir_all(&socket).unwrap();
        give_away(&socket);
        let mut settings = vec![
            ("port".to_owned(), self.port.to_string()),
            ("listen_addresses".to_owned(), "127.0.0.1".to_owned()),
            ("unix_socket_directories".to_owned(), socket.display().to_string()),
            ("max_connections".to_owned(), "200".to_owned()),
            ("shared_buffers".to_owned(), "64MB".to_owned()),
        ];
        settings.extend(self.settings.iter().cloned());
        let mut command = as_unprivileged();
        command.push(programs().join("postgres").display().to_string());
        command.extend(["-D".to_owned(), self.folder.path().join("data").display().to_string()]);
        for (name, value) in settings {
            command.extend(["-c".to_owned(), format!("{name}={value}")]);
        }
        let (reader, writer) = std::io::pipe().unwrap();
        let keeper = Keeper::start(&socket, &command, |shell| {
            shell.stdout(Stdio::null()).stderr(writer).current_dir("/");
        });
        let (ready, told) = mpsc::channel();
        let log = File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        std::thread::spawn(move || keep_log(BufReader::new(reader), log, &ready));
        told.recv_timeout(START_WAIT).ok().map(|()| keeper)
    }
}

/// Writes what the server says to its log, and tells when it is ready. Ends with the server.
fn keep_log(lines: impl BufRead, mut log: File, ready: &mpsc::Sender<()>) {
    for line in lines.lines().map_while(Result::ok) {
        if writeln!(log, "{line}").is_err() {
            return;
        }
        if line.contains("ready to accept connections") && ready.send(()).is_err() {
            return;
        }
    }
}

fn make_data(folder: &Path, data: &Path, secret: &str) {
    let password = folder.join("password");
    std::fs::write(&password, secret).unwrap();
    std::fs::set_permissions(&password, PermissionsExt::from_mode(0o600)).unwrap();
    give_away(&password);
    let mut command = as_unprivileged();
    command.push(programs().join("initdb").display().to_string());
    let (program, arguments) = command.split_first().unwrap();
    let output = Command::new(program)
        .args(arguments)
        .args(["--no-sync", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "-U", Postgres::SUPERUSER])
        .arg(format!("--pwfile={}", password.display()))
        .arg("-D")
        .arg(data)
        .current_dir("/")
        .output()
        .unwrap();
    assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
    std::fs::remove_file(password).unwrap();
}

/// In memory where there is room, so that tests do not wait for a disk that others use: what a server has written is
/// there when it is cut off in either place.
fn place() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let output = Command::new("df").args(["--output=avail", "-k"]).arg(memory).output();
    let free_kib = output
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok()?.lines().nth(1)?.trim().parse::<u64>().ok());
    if free_kib.is_some_and(|free_kib| free_kib > MEMORY_KIB_MIN) { memory.to_owned() } else { std::env::temp_dir() }
}

/// The folder of the newest server's programs, which the distribution keeps off the path.
fn programs() -> PathBuf {
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path());
    let newest = versions.filter(|path| path.join("bin/postgres").is_file()).max_by_key(|path| version(path));
    newest.map_or_else(missing, |path| path.join("bin"))
}

fn missing() -> PathBuf {
    panic!("PostgreSQL is not installed: deploy/setup/packages.sh /usr/lib/postgresql/*/bin/postgres=postgresql")
}

fn is_root() -> bool {
    // Whose process this is, is who owns its entry.
    std::fs::metadata("/proc/self").is_ok_and(|metadata| std::os::unix::fs::MetadataExt::uid(&metadata) == 0)
}

/// How to begin a command line that must not run as root.
fn as_unprivileged() -> Vec<String> {
    if is_root() {
        let (user, group) = unprivileged();
        vec![
            "setpriv".to_owned(),
            format!("--reuid={user}"),
            format!("--regid={group}"),
            "--clear-groups".to_owned(),
            "--".to_owned(),
        ]
    } else {
        vec!["env".to_owned()]
    }
}

fn give_away(path: &Path) {
    if is_root() {
        let (user, group) = unprivileged();
        chown(path, Some(user), Some(group)).unwrap();
    }
}

/// User and group of the role without rights.
fn unprivileged() -> (u32, u32) {
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find(|line| line.split(':').next() == Some(UNPRIVILEGED)).unwrap();
    let mut numbers = line.split(':').skip(2).map(|number| number.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
