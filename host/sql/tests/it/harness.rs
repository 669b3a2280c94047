//! A provider in a folder of its own, with one component `shop` that may send `order.*`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use manifest::{Component, Grants, Instances, Limits, Source, SqlGrant, TopicPattern};
use sql::{Client, Isolation, Migration, Options, SqlCtx, SqlProvider, Value};
use tempfile::TempDir;

/// The clock of every harness begins here (2026-01-01T00:00:00Z).
pub(crate) const START_US: i64 = 1_767_225_600_000_000;

/// Long enough never to matter.
pub(crate) const LONG: Duration = Duration::from_mins(1);

/// Options of an ordinary transaction.
pub(crate) const WRITE: Options = Options { isolation: Isolation::ReadCommitted, read_only: false };

/// Options of a transaction that only reads.
pub(crate) const READ: Options = Options { isolation: Isolation::RepeatableRead, read_only: true };

pub(crate) struct Harness {
    pub(crate) dir: TempDir,
    pub(crate) provider: SqlProvider,
    pub(crate) ctx: SqlCtx,
    pub(crate) clock_us: Arc<AtomicI64>,
}

/// A component with a database and the topics it may send.
pub(crate) fn component(id: &str, database: Option<&str>, topics: &[&str]) -> Component {
    let grant = |database: &str| SqlGrant { database: database.to_owned(), migrations: None };
    Component {
        id: id.to_owned(),
        description: String::new(),
        source: Source::File(String::new()),
        build: None,
        variables: BTreeMap::new(),
        environment: BTreeMap::new(),
        grants: Grants {
            sql: database.map(grant),
            send: topics.iter().map(|topic| TopicPattern((*topic).to_owned())).collect(),
            ..Grants::default()
        },
        limits: Limits::default(),
        instances: Instances::default(),
        ready: None,
        demo: None,
    }
}

/// A provider on a folder; every topic but `order.unbound` has a queue.
pub(crate) fn provider(dir: &Path, clock_us: &Arc<AtomicI64>) -> SqlProvider {
    let clock_us = Arc::clone(clock_us);
    let clock = Arc::new(move || clock_us.load(Ordering::Relaxed));
    SqlProvider::open(dir.join("db"), clock, Arc::new(|topic: &str| topic != "order.unbound")).unwrap()
}

/// Migrations from file names and texts.
pub(crate) fn migrations(files: &[(&str, &str)]) -> Vec<Migration> {
    files.iter().map(|(name, text)| Migration::parse_dir_entry(name, text).unwrap().unwrap()).collect()
}

impl Harness {
    /// With this schema.
    pub(crate) async fn new(schema: &str) -> Self {
        let dir = TempDir::new().unwrap();
        let clock_us = Arc::new(AtomicI64::new(START_US));
        let provider = provider(dir.path(), &clock_us);
        let shop = component("shop", Some("shop"), &["order.*"]);
        provider.declare(&shop, migrations(&[("0001_schema.expand.sql", schema)])).await.unwrap();
        let mut ctx = provider.prepare(&shop);
        ctx.begin_request(Instant::now() + LONG);
        Self { dir, provider, ctx, clock_us }
    }

    /// For the current request.
    pub(crate) fn client(&self) -> Client {
        self.ctx.client().unwrap()
    }

    /// A client of another request, bounded to `limit`, and its context.
    pub(crate) fn request(&self, limit: Duration) -> (SqlCtx, Client) {
        let mut ctx = self.provider.prepare(&component("shop", Some("shop"), &["order.*"]));
        ctx.begin_request(Instant::now() + limit);
        let client = ctx.client().unwrap();
        (ctx, client)
    }

    /// The single cell of a query.
    pub(crate) async fn cell(&self, statement: &str) -> Value {
        cell(&self.client(), statement, vec![]).await
    }
}

/// The single cell of a query.
pub(crate) async fn cell(client: &Client, statement: &str, params: Vec<Value>) -> Value {
    let rows = client.query(statement, params).await.unwrap().rows;
    assert_eq!((rows.len(), rows[0].len()), (1, 1), "{statement}");
    rows[0][0].clone()
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}
