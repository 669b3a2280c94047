//! Promises 1, 2 and 8 under kill -9.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use http::StatusCode;
use queue::{Book, Clock, Deliver, Outcome, QueueProvider, RabbitmqConfig};
use tokio_util::sync::CancellationToken;

use crate::bed::{Engine, Place, consumer, in_time, message, on_every_engine};
use crate::server;

const CHILD: &str = "WHARF_QUEUE_CRASH_DIR";
const KILLS: usize = 10;
const SENDERS: usize = 3;

/// Appends lines that survive a kill: each is on the disk before the next step.
#[derive(Clone)]
struct Log(Arc<Mutex<File>>);

impl Log {
    fn open(path: PathBuf) -> Self {
        Self(Arc::new(Mutex::new(OpenOptions::new().create(true).append(true).open(path).unwrap())))
    }

    fn line(&self, line: &str) {
        let mut file = self.0.lock().unwrap();
        file.write_all(format!("{line}\n").as_bytes()).unwrap();
        file.sync_data().unwrap();
    }

    /// Whole lines only: the last may be torn.
    fn read(path: PathBuf) -> Vec<String> {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).map(str::to_owned).collect()
    }
}

fn open(dir: &Path, Place { book, broker }: Place) -> QueueProvider {
    let clock: Clock = Arc::new(|| jiff::Timestamp::now().as_microsecond());
    let mut consumer = consumer("worker", "ticket.*");
    consumer.max_attempts = 1000;
    consumer.backoff = Duration::from_millis(1);
    consumer.backoff_max = Duration::from_millis(5);
    let (path, consumers) = (dir.join("queue.db"), vec![("worker".to_owned(), consumer)]);
    let book = book.unwrap_or_else(|| (&path).into());
    let opened = match broker {
        None => QueueProvider::open(book, clock, consumers),
        Some(broker) => QueueProvider::open_with_broker((book, broker), clock, consumers, Vec::new()),
    };
    opened.unwrap()
}

/// Handles everything, writing it down first; each fifth first attempt fails.
fn deliver(handled: Log) -> Deliver {
    Arc::new(move |delivery| {
        let handled = handled.clone();
        async move {
            let id = delivery.message.id;
            if id.ends_with('5') && delivery.attempt == 1 {
                return Outcome::from_response(StatusCode::SERVICE_UNAVAILABLE, None, "");
            }
            handled.line(&id);
            Outcome::ack()
        }
        .boxed()
    })
}

/// What a child is told: which life it is, where its files are, its book and its broker.
struct Task {
    life: usize,
    dir: PathBuf,
    engine: Engine,
    place: Place,
}

impl Task {
    fn write(&self) -> String {
        let Place { book, broker } = &self.place;
        let (port, host) = broker.as_ref().map_or((0, "-"), |broker| (broker.port, &broker.virtual_host));
        let (book_port, schema) = match book {
            Some(Book::Postgres(config)) => (config.port, config.schema.as_str()),
            _ => (0, "-"),
        };
        format!("{} {port} {host} {book_port} {schema} {}", self.life, self.dir.display())
    }

    fn read(text: &str, engine: Engine) -> Self {
        let words: Vec<_> = text.splitn(6, ' ').collect();
        let config = |port| RabbitmqConfig {
            port,
            user: "guest".into(),
            password: "guest".into(),
            virtual_host: words[2].into(),
            ..RabbitmqConfig::default()
        };
        let broker = Some(words[1].parse().unwrap()).filter(|port| *port > 0).map(config);
        let book = Some(words[3].parse().unwrap()).filter(|port| *port > 0);
        let book = book.map(|port| Book::Postgres(server::config(port, words[4])));
        Self { life: words[0].parse().unwrap(), dir: words[5].into(), engine, place: Place { book, broker } }
    }
}

/// Sends and handles messages until it is killed, with a line on standard output for each that was accepted.
async fn child(Task { life, dir, place, .. }: Task) {
    let queue = open(&dir, place);
    let _running = queue.run(&deliver(Log::open(dir.join("handled"))), CancellationToken::new());
    let accepted = Log::open(dir.join("accepted"));
    let senders = (0..SENDERS).map(|sender| {
        let (queue, accepted) = (queue.clone(), accepted.clone());
        async move {
            for number in 0..100_000 {
                let mut message = message(&format!("{life}-{sender}-{number}"));
                message.group_key = (sender == 0).then(|| "group".to_owned());
                let id = queue.publish(message).await.unwrap();
                accepted.line(&id);
                if writeln!(std::io::stdout(), "accepted").is_err() {
                    return;
                }
            }
        }
    });
    futures::future::join_all(senders).await;
}

/// Starts a child and kills it after it accepted a random number of messages.
fn kill_one(task: &Task) {
    let engine = match task.engine {
        Engine::File => "file",
        Engine::FileRabbitmq => "file_rabbitmq",
        Engine::Postgres => "postgres",
        Engine::PostgresRabbitmq => "postgres_rabbitmq",
    };
    let test = format!("crash::{engine}::every_accepted_message_is_handled_whenever_the_host_is_killed");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &test, "--nocapture"])
        .env(CHILD, task.write())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = 1 + uuid::Uuid::new_v4().as_bytes()[0] / 4;
    let accepted = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .filter(|line| line.as_ref().is_ok_and(|line| line.ends_with("accepted")));
    let seen = accepted.take(usize::from(lines)).count();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(seen, usize::from(lines), "the child ended before it was killed");
}

/// By re-executing this test as a child with the queue in it, and SIGKILL at a random point of its work, ten times.
async fn every_accepted_message_is_handled_whenever_the_host_is_killed(engine: Engine) {
    if let Ok(task) = std::env::var(CHILD) {
        return child(Task::read(&task, engine)).await;
    }
    let dir = tempfile::tempdir().unwrap();
    let place = engine.place();
    for life in 0..KILLS {
        let task = Task { life, dir: dir.path().to_owned(), engine, place: place.clone() };
        in_time("a life", tokio::task::spawn_blocking(move || kill_one(&task))).await.unwrap();
    }
    let queue = open(dir.path(), place);
    let shutdown = CancellationToken::new();
    let running = queue.run(&deliver(Log::open(dir.path().join("handled"))), shutdown.clone());
    let accepted = Log::read(dir.path().join("accepted"));
    assert!(accepted.len() >= KILLS, "the children accepted something in each life");
    in_time("the end of the backlog", async {
        let lost = || {
            let handled: HashSet<String> = Log::read(dir.path().join("handled")).into_iter().collect();
            accepted.iter().any(|id| !handled.contains(id))
        };
        while lost() || queue.list().await.unwrap()[0].depth > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    shutdown.cancel();
    running.finished().await;
    assert_eq!(queue.list().await.unwrap()[0].dead, 0);
}

on_every_engine! {
    every_accepted_message_is_handled_whenever_the_host_is_killed,
}
