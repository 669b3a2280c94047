//! What was acknowledged survives a kill at any moment.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Instant;

use sql::{Outgoing, PostgresConfig, Value};
use tempfile::TempDir;

use crate::harness::{
    Engine, LONG, START_US, WRITE, component, config, migrations, on_both_engines, prefix, provider, server,
};

const DIR: &str = "SQL_TEST_CRASH_DIR";

/// Port and prefix, where the child works on a server.
const SERVER: &str = "SQL_TEST_CRASH_SERVER";

const ROUNDS: u32 = 10;

/// The child's part: commits a row and a message together until it is killed, and tells each id once it is committed.
/// Without the parent's variable there is nothing to do.
#[tokio::test(flavor = "multi_thread")]
async fn child_commits_until_it_is_killed() {
    let Some(dir) = std::env::var_os(DIR).map(PathBuf::from) else { return };
    let server = std::env::var(SERVER).ok();
    let config = server.map(|server| {
        let (port, prefix) = server.split_once(' ').unwrap();
        config(port.parse().unwrap(), prefix)
    });
    let clock = Arc::new(AtomicI64::new(START_US));
    let provider = provider(&dir, &clock, config.as_ref());
    let shop = component("shop", Some("shop"), &["order.*"]);
    let schema = migrations(&[("0001_schema.expand.sql", "create table t (id text primary key, pad bytea)")]);
    provider.declare(&shop, schema).await.unwrap();
    let ctx = provider.prepare(&shop);
    loop {
        let transaction = ctx.client().unwrap().begin(WRITE).await.unwrap();
        let message = Outgoing {
            id: None,
            topic: "order.placed".to_owned(),
            subject: None,
            content_type: "text/plain".to_owned(),
            body: vec![7; 500],
            group_key: None,
            dedupe_key: None,
            priority: 4,
            delay_ms: 0,
        };
        let id = transaction.send(message).await.unwrap();
        let params = vec![Value::Text(id.clone()), Value::Bytes(vec![1; 3000])];
        transaction.execute("insert into t values ($1, $2)", params).await.unwrap();
        transaction.commit().await.unwrap();
        // Not `println!`: the test harness would keep it.
        let mut out = std::io::stdout().lock();
        writeln!(out, "committed {id}").unwrap();
        out.flush().unwrap();
    }
}

on_both_engines! {
    a_kill_at_any_moment_loses_nothing_that_was_acknowledged,
}

/// Method: a child process commits in a loop and tells each id; it is killed (SIGKILL) after a random number of them,
/// ten times on the same database. After each kill it is sound, each id told is there, and rows and messages match.
async fn a_kill_at_any_moment_loses_nothing_that_was_acknowledged(engine: Engine) {
    let dir = TempDir::new().unwrap();
    let config = (engine == Engine::Postgres).then(|| config(server().port(), &prefix()));
    let mut told = Vec::new();
    for round in 0..ROUNDS {
        let acknowledgements = 1 + usize::from(uuid::Uuid::new_v4().as_bytes()[0]) % 60;
        told.extend(kill_after(&dir, config.as_ref(), acknowledgements));
        if let Some(config) = &config {
            wait_for_the_end(&format!("{}shop_db", config.prefix));
        }
        let clock = Arc::new(AtomicI64::new(START_US));
        let provider = provider(dir.path(), &clock, config.as_ref());
        let shop = component("shop", Some("shop"), &["order.*"]);
        provider.declare(&shop, vec![]).await.unwrap();
        let mut ctx = provider.prepare(&shop);
        ctx.begin_request(Instant::now() + LONG, None);
        let client = ctx.client().unwrap();
        let rows = client.query("select id from t", vec![]).await.unwrap().rows;
        let mut ids: Vec<_> = rows
            .into_iter()
            .map(|mut row| match row.remove(0) {
                Value::Text(id) => id,
                other => panic!("{other:?}"),
            })
            .collect();
        ids.sort();
        for id in &told {
            assert!(ids.binary_search(id).is_ok(), "round {round}: {id} was acknowledged and is lost");
        }
        let mut messages = Vec::new();
        let outbox = provider.outbox("shop").unwrap();
        messages.extend(outbox.pending(100_000).await.unwrap().into_iter().map(|row| row.id));
        messages.sort();
        assert_eq!(messages, ids, "round {round}: rows and messages are of the same transactions");
        provider.close().await.unwrap();
        if engine == Engine::Postgres {
            continue;
        }
        let raw = rusqlite::Connection::open(dir.path().join("db/shop.db")).unwrap();
        let check: String = raw.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok", "round {round}");
    }
    assert!(told.len() >= usize::try_from(ROUNDS).unwrap());
}

/// Runs the child until it has told so many ids, kills it, and returns all it told.
fn kill_after(dir: &TempDir, config: Option<&PostgresConfig>, acknowledgements: usize) -> Vec<String> {
    let server = config.map(|config| (SERVER, format!("{} {}", config.port, config.prefix)));
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["crash::child_commits_until_it_is_killed", "--exact", "--nocapture"])
        .env(DIR, dir.path())
        .envs(server)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = Vec::new();
    let id = |line: &str| line.rsplit_once("committed ").map(|(_, id)| id.to_owned());
    while told.len() < acknowledgements {
        let line = lines.next().expect("the child goes on until it is killed").unwrap();
        told.extend(id(&line));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it told between the last line read and the kill; a line that was cut short does not count.
    told.extend(lines.map_while(Result::ok).filter_map(|line| id(&line)).filter(|id| id.len() == 36));
    told
}

/// The server notices by itself that a client is gone, and ends what it was asked for.
fn wait_for_the_end(database: &str) {
    let sessions = format!("select count(*) from pg_stat_activity where datname = '{database}'");
    while server().psql("postgres", &sessions) != "0" {}
}
