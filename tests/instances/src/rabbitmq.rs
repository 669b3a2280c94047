//! A RabbitMQ broker of the distribution, private to the process that starts it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use tempfile::TempDir;

use crate::Keeper;

/// Where the distribution keeps the programs themselves; those on the `PATH` become another user.
const PROGRAMS: &str = "/usr/lib/rabbitmq/bin";
/// Virtual hosts made in one call: one costs as much as a start of Erlang.
const HOSTS_AT_ONCE: usize = 16;
/// The port mapper and the broker, in a process group of their own that a signal ends as a whole. When the broker dies
/// it waits for a word on the pipe `again` and starts the next one.
const SUPERVISE: &str = r#"trap 'kill -KILL 0' QUIT
epmd -address 127.0.0.1 -port "$ERL_EPMD_PORT" &
while :; do
  "$0" &
  wait $!
  read -r _ <again
done"#;

/// A broker with its own folder, ports, port mapper and cookie. Dropping it ends it.
#[derive(Debug)]
pub struct Rabbit {
    _keeper: Keeper,
    root: PathBuf,
    port: u16,
    tls_port: Option<u16>,
    environment: Vec<(&'static str, String)>,
    hosts: Mutex<Vec<String>>,
    made: AtomicUsize,
}

/// What a broker shows to clients that come by TLS.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The chain, in PEM.
    pub certificate: String,
    /// Its key, in PEM.
    pub key: String,
}

impl Rabbit {
    /// The broker of this process, for tests that do it no harm.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Rabbit> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Starts a broker and waits until it serves.
    pub fn start() -> Self {
        Self::start_with(None)
    }

    /// [`Rabbit::start`], on a second port with TLS.
    pub fn start_with_tls(certificate: &Certificate) -> Self {
        Self::start_with(Some(certificate))
    }

    fn start_with(certificate: Option<&Certificate>) -> Self {
        let root = tempfile::Builder::new().prefix("rabbit").tempdir().map(TempDir::keep).unwrap();
        Self::start_on(root.clone(), &root, None, certificate)
    }

    /// Starts a broker whose data stays in the folder, also when it has ended.
    pub fn start_in(folder: &Path) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        for stale in ["again", "pid"] {
            // Of an earlier life, where there was one.
            drop(std::fs::remove_file(folder.join(stale)));
        }
        // Data belongs to the node of this name.
        Self::start_on(folder.to_owned(), &folder.join("nothing"), Some("kept@localhost"), None)
    }

    /// `goes` is removed at the end.
    fn start_on(root: PathBuf, goes: &Path, node: Option<&str>, certificate: Option<&Certificate>) -> Self {
        let [port, dist, mapper, tls] = free_ports();
        let tls_port = certificate.map(|_| tls);
        write(&root, "plugins", "[].");
        write(&root, "broker.conf", &configuration(&root, port, certificate.map(|certificate| (certificate, tls))));
        std::fs::create_dir_all(root.join("home")).unwrap();
        assert!(Command::new("mkfifo").arg(root.join("again")).status().unwrap().success(), "no pipe");
        let node = node.map_or_else(|| format!("test{port}@localhost"), str::to_owned);
        let environment = environment(&root, node, dist, mapper);
        let log = std::fs::File::create(root.join("out")).unwrap();
        let server = format!("{PROGRAMS}/rabbitmq-server");
        // A shell starts what it leaves in the background without ears for this signal.
        let ears = ["env", "--default-signal=QUIT"];
        let command: Vec<_> =
            ears.into_iter().chain(["setsid", "sh", "-c", SUPERVISE, &server]).map(str::to_owned).collect();
        let keeper = Keeper::start(goes, &command, |shell| {
            shell.current_dir(&root).envs(environment.iter().map(|(name, value)| (name, value)));
            shell.stdout(log.try_clone().unwrap()).stderr(log);
        });
        let (hosts, made) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
        let rabbit = Self { _keeper: keeper, root, port, tls_port, environment, hosts, made };
        rabbit.wait();
        rabbit
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The port with TLS, where it has one.
    pub fn tls_port(&self) -> Option<u16> {
        self.tls_port
    }

    /// A virtual host that nobody else has, open to `guest`.
    pub fn virtual_host(&self) -> String {
        let mut hosts = self.hosts.lock().unwrap();
        if hosts.is_empty() {
            let from = self.made.fetch_add(HOSTS_AT_ONCE, Ordering::Relaxed);
            hosts.extend((from..from + HOSTS_AT_ONCE).map(|number| format!("v{number}")));
            let mut eval = String::from("lists:foreach(fun(V) -> rabbit_vhost:add(V, <<\"test\">>), ");
            eval.push_str("rabbit_auth_backend_internal:set_permissions(");
            eval.push_str("<<\"guest\">>, V, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"test\">>) end, [");
            for (number, host) in hosts.iter().enumerate() {
                let comma = if number == 0 { "" } else { ", " };
                write!(eval, "{comma}<<\"{host}\">>").unwrap();
            }
            self.ctl(&["eval", &format!("{eval}]).")]);
        }
        hosts.pop().unwrap()
    }

    /// The address of a new virtual host, with the password in it.
    pub fn url(&self) -> String {
        self.url_through(self.port)
    }

    /// [`Rabbit::url`] by another port of this machine, that of a proxy for example.
    pub fn url_through(&self, port: u16) -> String {
        format!("amqp://guest:guest@127.0.0.1:{port}/{}", self.virtual_host())
    }

    /// Makes a user with all rights in the first virtual host, where it is not there, and takes away the one that every
    /// broker has.
    pub fn make_user(&self, name: &str, password: &str) {
        let users = self.ctl(&["list_users"]);
        let known = |user: &str| users.lines().any(|line| line.split_whitespace().next() == Some(user));
        if !known(name) {
            // By standard input: a command line is everybody's to read.
            self.ctl_told(&["add_user", name], password);
            self.ctl(&["set_permissions", name, ".*", ".*", ".*"]);
        }
        if known("guest") {
            self.ctl(&["delete_user", "guest"]);
        }
    }

    /// Ends the broker as a power cut would, and returns once it is gone.
    pub fn kill(&self) {
        let pid = std::fs::read_to_string(self.root.join("pid")).unwrap();
        let pid = pid.trim();
        assert!(Command::new("kill").args(["-KILL", pid]).status().unwrap().success(), "no broker to kill");
        // Gone when nobody listens: the process table may show it for longer.
        while std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
            std::thread::yield_now();
        }
        std::fs::remove_file(self.root.join("pid")).unwrap();
    }

    /// Starts the broker that was killed, with what it had on its disk, and waits until it serves.
    pub fn start_again(&self) {
        self.start_again_soon();
        self.wait();
    }

    /// [`Rabbit::start_again`] without the wait.
    pub fn start_again_soon(&self) {
        std::fs::write(self.root.join("again"), "again\n").unwrap();
    }

    /// Makes the broker behave as if its memory were full, or no longer: it stops reading from whoever publishes.
    pub fn set_memory_alarm(&self, on: bool) {
        let change = if on {
            "rabbit_alarm:set_alarm({{resource_limit, memory, node()}, []})."
        } else {
            "rabbit_alarm:clear_alarm({resource_limit, memory, node()})."
        };
        self.ctl(&["eval", change]);
    }

    /// Runs `rabbitmqctl` and returns what it says.
    pub fn ctl(&self, arguments: &[&str]) -> String {
        self.ctl_told(arguments, "")
    }

    fn ctl_told(&self, arguments: &[&str], input: &str) -> String {
        let mut ctl = Command::new(format!("{PROGRAMS}/rabbitmqctl"))
            .arg("--quiet")
            .args(arguments)
            .current_dir(&self.root)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It may not want any.
        drop(ctl.stdin.take().unwrap().write_all(input.as_bytes()));
        let Output { status, stdout, stderr } = ctl.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&stdout).into_owned();
        assert!(status.success(), "rabbitmqctl {arguments:?}: {said}{}", String::from_utf8_lossy(&stderr));
        said
    }

    fn wait(&self) {
        self.ctl(&["wait", "--timeout", "120", &self.root.join("pid").display().to_string()]);
    }
}

fn configuration(root: &Path, port: u16, tls: Option<(&Certificate, u16)>) -> String {
    let mut text = format!("listeners.tcp.1 = 127.0.0.1:{port}\nloopback_users = none\n");
    text.push_str("vm_memory_high_watermark.relative = 0.4\ndisk_free_limit.absolute = 50MB\n");
    if let Some((Certificate { certificate, key }, port)) = tls {
        let [certificate, key] = [("certificate.pem", certificate), ("key.pem", key)]
            .map(|(name, text)| write(root, name, text).display().to_string());
        writeln!(text, "listeners.ssl.1 = 127.0.0.1:{port}").unwrap();
        // One file is the chain, its own authority too: nobody is asked for a certificate.
        writeln!(text, "ssl_options.cacertfile = {certificate}\nssl_options.certfile = {certificate}").unwrap();
        writeln!(text, "ssl_options.keyfile = {key}\nssl_options.verify = verify_none").unwrap();
    }
    text
}

fn environment(root: &Path, node: String, dist: u16, mapper: u16) -> Vec<(&'static str, String)> {
    let path = |name: &str| root.join(name).display().to_string();
    vec![
        ("HOME", path("home")),
        ("ERL_EPMD_ADDRESS", Ipv4Addr::LOCALHOST.to_string()),
        ("ERL_EPMD_PORT", mapper.to_string()),
        ("RABBITMQ_NODENAME", node),
        ("RABBITMQ_DIST_PORT", dist.to_string()),
        ("RABBITMQ_MNESIA_BASE", path("data")),
        ("RABBITMQ_LOG_BASE", path("log")),
        ("RABBITMQ_GENERATED_CONFIG_DIR", path("generated")),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", path("plugins")),
        ("RABBITMQ_CONF_ENV_FILE", path("none")),
        ("RABBITMQ_CONFIG_FILE", path("broker")),
        ("RABBITMQ_PID_FILE", path("pid")),
        // One scheduler each: a test machine has few cores, and the broker is not what is tested.
        ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2".to_owned()),
    ]
}

fn write(root: &Path, name: &str, text: &str) -> PathBuf {
    let path = root.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Ports that were free a moment ago.
fn free_ports<const N: usize>() -> [u16; N] {
    let taken = [(); N].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    taken.map(|listener| listener.local_addr().unwrap().port())
}
