//! Journal and releases on a real server: what another machine finds there, and what happens when it goes away.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy knows tests only by their attribute")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use instances::Postgres;
use rollout::{Error, Journal, Mirrored, Part, Release, ReleaseId, Server, Store, mirror};
use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;

/// A database of its own on this server.
fn database(server: &Postgres) -> PgConnectOptions {
    static NAMES: AtomicU32 = AtomicU32::new(0);
    let name = format!("rollout_{}", NAMES.fetch_add(1, Ordering::Relaxed));
    server.psql("postgres", &format!("create database {name}"));
    options(server).database(&name)
}

fn options(server: &Postgres) -> PgConnectOptions {
    let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(server.port());
    options.username(Postgres::SUPERUSER).password(Postgres::PASSWORD)
}

fn shared() -> PgConnectOptions {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    database(SERVER.get_or_init(Postgres::start))
}

/// A machine: its state folder, and what it has opened there.
struct Machine {
    folder: TempDir,
    server: Arc<Server>,
    found: Mirrored,
    store: Store,
    journal: Journal,
}

impl Machine {
    fn new(options: &PgConnectOptions) -> Self {
        Self::on(tempfile::tempdir().unwrap(), options)
    }

    fn on(folder: TempDir, options: &PgConnectOptions) -> Self {
        let server = Arc::new(Server::open(options.clone()).unwrap());
        let found = mirror(&server, folder.path()).unwrap();
        let store = Store::open(folder.path()).unwrap().backed_by(Some(Arc::clone(&server)));
        let journal = Journal::open(folder.path()).unwrap().0.backed_by(Some(Arc::clone(&server)));
        Self { folder, server, found, store, journal }
    }

    /// The machine is started again.
    fn again(self, options: &PgConnectOptions) -> Self {
        Self::on(self.folder, options)
    }

    fn deploy(&mut self, number: u64) -> Result<(), Error> {
        self.store.put(&release(&self.store, number))?;
        go_live(&mut self.journal, number)
    }

    fn live(&self) -> Option<u64> {
        self.journal.state().live.map(|id| id.0)
    }
}

fn go_live(journal: &mut Journal, number: u64) -> Result<(), Error> {
    journal.update(|state| {
        state.go_live(ReleaseId(number));
        Ok(())
    })
}

fn release(store: &Store, number: u64) -> Release {
    let part = Part {
        wasm: store.add_wasm(format!("component of release {number}").as_bytes()).unwrap(),
        size_bytes: 1,
        label: "1.0".into(),
        migrations: Vec::new(),
        assets: BTreeMap::new(),
    };
    Release {
        version: Release::VERSION,
        id: ReleaseId(number),
        parent: None,
        created_at_us: number,
        by: "ada".into(),
        note: String::new(),
        manifest: store.add(b"manifest").unwrap(),
        components: [("tickets".to_owned(), part)].into(),
    }
}

#[test]
fn another_machine_goes_on_with_what_was_live() {
    let options = shared();
    let mut first = Machine::new(&options);
    assert_eq!(first.found, Mirrored::Nothing);
    first.deploy(1).unwrap();
    first.deploy(2).unwrap();
    // The machine is gone with its disk.
    let record = first.journal.state().clone();
    drop(first);
    let mut second = Machine::new(&options);
    assert_eq!((second.found, second.journal.state()), (Mirrored::FromServer, &record));
    for release in second.store.releases().unwrap() {
        for digest in release.objects() {
            second.store.read(&digest).unwrap();
        }
    }
    assert_eq!(second.store.next_id().unwrap(), ReleaseId(3));
    second.deploy(3).unwrap();
    assert_eq!(Machine::new(&options).live(), Some(3));
}

#[test]
fn a_folder_gives_a_new_server_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let (store, mut journal) = (Store::open(folder.path()).unwrap(), Journal::open(folder.path()).unwrap().0);
    store.put(&release(&store, 1)).unwrap();
    go_live(&mut journal, 1).unwrap();
    let options = shared();
    let first = Machine::on(folder, &options);
    assert_eq!((first.found, first.live()), (Mirrored::FromFolder, Some(1)));
    let second = Machine::new(&options);
    assert_eq!((second.found, second.live()), (Mirrored::FromServer, Some(1)));
    assert_eq!(second.store.release(ReleaseId(1)).unwrap(), first.store.release(ReleaseId(1)).unwrap());
}

#[test]
fn of_two_machines_that_change_the_journal_at_once_one_is_told_to_look_again() {
    let options = shared();
    let mut first = Machine::new(&options);
    first.deploy(1).unwrap();
    let mut second = Machine::new(&options);
    first.deploy(2).unwrap();
    // The number is taken; then the record is another one.
    let other = Release { id: ReleaseId(2), ..release(&second.store, 22) };
    assert!(matches!(second.store.put(&other), Err(Error::Exists(ReleaseId(2)))));
    assert!(matches!(second.deploy(3), Err(Error::Conflict)));
    assert_eq!(second.live(), Some(2), "what it knows now");
    go_live(&mut second.journal, 3).unwrap();
    assert_eq!(Machine::new(&options).live(), Some(3));
}

#[test]
fn what_was_damaged_in_the_folder_or_never_got_there_is_brought_again() {
    let options = shared();
    let mut machine = Machine::new(&options);
    machine.deploy(1).unwrap();
    let stale = tempfile::tempdir().unwrap();
    copy(machine.folder.path(), stale.path());
    machine.deploy(2).unwrap();
    // A kill between the server and the folder: the folder is a step behind.
    let behind = Machine::on(stale, &options);
    assert_eq!(behind.live(), Some(2));
    behind.store.release(ReleaseId(2)).unwrap();
    let object = machine.store.release(ReleaseId(2)).unwrap().components["tickets"].wasm;
    fs::write(machine.store.path(&object), b"something else").unwrap();
    fs::remove_file(machine.folder.path().join("releases/r2.json")).unwrap();
    let machine = machine.again(&options);
    assert_eq!(machine.store.read(&object).unwrap(), b"component of release 2");
    // The record is there, and a file that it needs is not.
    fs::remove_file(machine.store.path(&object)).unwrap();
    let machine = machine.again(&options);
    assert_eq!(machine.store.read(&object).unwrap(), b"component of release 2");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn what_is_swept_is_gone_from_the_server_too() {
    let options = shared();
    let mut machine = Machine::new(&options);
    for number in 1..=22 {
        machine.deploy(number).unwrap();
    }
    let swept = machine.store.sweep(&BTreeSet::from([ReleaseId(22)]), &BTreeSet::new()).unwrap();
    assert_eq!(swept.releases, [ReleaseId(1), ReleaseId(2)]);
    let other = Machine::new(&options);
    let kept: Vec<_> = other.store.releases().unwrap().iter().map(|release| release.id.0).collect();
    assert_eq!(kept, (3..=22).collect::<Vec<_>>());
}

#[test]
fn a_server_that_is_stopped_is_waited_for_and_one_that_stays_away_changes_nothing() {
    let server = Postgres::start();
    let options = database(&server);
    let mut machine = Machine::new(&options);
    machine.deploy(1).unwrap();
    server.stop_immediately();
    std::thread::scope(|scope| {
        let deploy = scope.spawn(|| machine.deploy(2));
        server.start_again();
        deploy.join().unwrap().unwrap();
    });
    server.stop_immediately();
    let before = machine.journal.state().clone();
    let refused = go_live(&mut machine.journal, 1).unwrap_err();
    assert!(matches!(refused, Error::Server { .. }), "{refused}");
    assert_eq!(machine.journal.state(), &before);
    assert_eq!(Journal::open(machine.folder.path()).unwrap().0.state(), &before);
}

#[test]
fn a_server_that_refuses_is_named_without_its_password() {
    let wrong = shared().password("not-the-password");
    let refused = Server::open(wrong).unwrap_err().to_string();
    assert!(refused.contains("password authentication failed"), "{refused}");
    assert!(!refused.contains("not-the-password"), "{refused}");
}

#[test]
fn it_may_be_used_and_dropped_inside_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let options = shared();
    runtime.block_on(async {
        let mut machine = Machine::new(&options);
        machine.deploy(1).unwrap();
        assert!(machine.server.has_journal().unwrap());
    });
}
