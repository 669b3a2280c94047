//! A provider with a database of its own on either engine, and one component `shop` that may send `order.*`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use instances::Postgres;
use manifest::{Component, Grants, Instances, Limits, Source, SqlGrant, TopicPattern};
use sql::{Client, Isolation, Migration, Options, PostgresConfig, SqlCtx, SqlProvider, Value};
use tempfile::TempDir;

/// The clock of every harness begins here (2026-01-01T00:00:00Z).
pub(crate) const START_US: i64 = 1_767_225_600_000_000;

/// Long enough never to matter.
pub(crate) const LONG: Duration = Duration::from_mins(1);

/// Options of an ordinary transaction.
pub(crate) const WRITE: Options = Options { isolation: Isolation::ReadCommitted, read_only: false };

/// Options of a transaction that only reads.
pub(crate) const READ: Options = Options { isolation: Isolation::RepeatableRead, read_only: true };

/// The role and password of the host on the server.
pub(crate) const HOST: &str = "wharf";

/// Where a test runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// What is so on one engine, and on the other.
    pub(crate) fn of<T>(self, sqlite: T, postgres: T) -> T {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
        }
    }

    /// An expression for so many zero bytes.
    pub(crate) fn zeros(self, count: u32) -> String {
        self.of(format!("zeroblob({count})"), format!("decode(repeat('00', {count}), 'hex')"))
    }
}

/// Makes of each function a test for either engine.
macro_rules! on_both_engines {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::harness::Engine::Sqlite).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::harness::Engine::Postgres).await;
            })*
        }
    };
}
pub(crate) use on_both_engines;

pub(crate) struct Harness {
    pub(crate) dir: TempDir,
    pub(crate) provider: SqlProvider,
    pub(crate) ctx: SqlCtx,
    pub(crate) clock_us: Arc<AtomicI64>,
    engine: Engine,
    prefix: String,
}

/// The server of this process. Its databases are apart by their prefix.
pub(crate) fn server() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| {
        let server = Postgres::start();
        make_host_role(&server);
        server
    })
}

/// The role that the host logs in with: no more than what the documentation asks for.
pub(crate) fn make_host_role(server: &Postgres) {
    server.psql("postgres", &format!("create role {HOST} login createdb createrole password '{HOST}'"));
}

/// A prefix that no other test has.
pub(crate) fn prefix() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("t{}_", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// How the host reaches a server on this port.
pub(crate) fn config(port: u16, prefix: &str) -> PostgresConfig {
    PostgresConfig {
        port,
        user: HOST.to_owned(),
        password: Some(HOST.to_owned()),
        prefix: prefix.to_owned(),
        ..PostgresConfig::default()
    }
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
        assets: None,
        watch: Vec::new(),
    }
}

/// A provider on a folder; every topic but `order.unbound` has a queue. With a configuration, it is on a server.
pub(crate) fn provider(dir: &Path, clock_us: &Arc<AtomicI64>, postgres: Option<&PostgresConfig>) -> SqlProvider {
    let clock_us = Arc::clone(clock_us);
    let clock = Arc::new(move || clock_us.load(Ordering::Relaxed));
    let bound = Arc::new(|topic: &str| topic != "order.unbound");
    match postgres {
        None => SqlProvider::open(dir.join("db"), clock, bound).unwrap(),
        Some(config) => SqlProvider::open_postgres(config, (dir.join("roles"), None), clock, bound).unwrap(),
    }
}

/// Migrations from file names and texts.
pub(crate) fn migrations(files: &[(&str, &str)]) -> Vec<Migration> {
    files.iter().map(|(name, text)| Migration::parse_dir_entry(name, text).unwrap().unwrap()).collect()
}

impl Harness {
    /// With this schema.
    pub(crate) async fn new(engine: Engine, schema: &str) -> Self {
        let prefix = prefix();
        let config = (engine == Engine::Postgres).then(|| config(server().port(), &prefix));
        Self::with(engine, config.as_ref(), prefix, schema).await
    }

    /// On a server of the test's own.
    pub(crate) async fn on_server(config: &PostgresConfig, schema: &str) -> Self {
        Self::with(Engine::Postgres, Some(config), config.prefix.clone(), schema).await
    }

    async fn with(engine: Engine, config: Option<&PostgresConfig>, prefix: String, schema: &str) -> Self {
        let dir = TempDir::new().unwrap();
        let clock_us = Arc::new(AtomicI64::new(START_US));
        let provider = provider(dir.path(), &clock_us, config);
        let shop = component("shop", Some("shop"), &["order.*"]);
        provider.declare(&shop, migrations(&[("0001_schema.expand.sql", schema)])).await.unwrap();
        let mut ctx = provider.prepare(&shop);
        ctx.begin_request(Instant::now() + LONG, None);
        Self { dir, provider, ctx, clock_us, engine, prefix }
    }

    /// A second provider on the same data, as after a restart.
    pub(crate) fn provider_again(&self) -> SqlProvider {
        let config = (self.engine == Engine::Postgres).then(|| config(server().port(), &self.prefix));
        provider(self.dir.path(), &self.clock_us, config.as_ref())
    }

    /// The name of a database on the server.
    pub(crate) fn database(&self, name: &str) -> String {
        format!("{}{name}_db", self.prefix)
    }

    /// For the current request.
    pub(crate) fn client(&self) -> Client {
        self.ctx.client().unwrap()
    }

    /// A client of another request, bounded to `limit`, and its context.
    pub(crate) fn request(&self, limit: Duration) -> (SqlCtx, Client) {
        let mut ctx = self.provider.prepare(&component("shop", Some("shop"), &["order.*"]));
        ctx.begin_request(Instant::now() + limit, None);
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
