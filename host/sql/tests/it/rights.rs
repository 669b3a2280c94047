//! On a server, a component has rights in its own database alone, and nobody is told how it logs in.

use std::os::unix::fs::PermissionsExt;

use instances::Postgres;
use sql::{Complaint, Error, PostgresConfig};

use crate::errors::refused;
use crate::harness::{Engine, HOST, Harness, component, config, make_host_role, migrations, provider, server};

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_tables_are_denied_by_every_way() {
    let harness = Harness::new(Engine::Postgres, "create table mine (a text)").await;
    for statement in [
        "select * from wharf_outbox",
        "select count(*) from WHARF_OUTBOX",
        "select * from public.\"wharf_outbox\"",
        "table wharf_outbox",
        "with x as (select * from wharf_outbox) select * from x",
        "insert into wharf_outbox (id) values ('x')",
        "insert into mine select id from wharf_outbox",
        "delete from schema_migrations",
        "update schema_migrations set checksum = ''",
        "drop table wharf_outbox",
        "alter table schema_migrations rename to mine2",
        "create table wharf_mine (a text)",
        "create table x () inherits (wharf_outbox)",
        "create index i on wharf_outbox (topic)",
        "create view peep as select * from wharf_outbox",
    ] {
        assert_eq!(refused(&harness, statement, vec![]).await, Error::Denied, "{statement}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_cannot_leave_its_database_its_role_or_its_session() {
    let harness = Harness::new(Engine::Postgres, "create table mine (a text)").await;
    let transaction = harness.client().begin(crate::harness::WRITE).await.unwrap();
    for statement in [
        "set role wharf",
        "reset role",
        "set session authorization wharf",
        "select set_config('role', 'wharf', false)",
        "select query_to_xml('select set_config(''role'', ''wharf'', false)', true, true, '')",
        "select pg_advisory_lock(1)",
        "select pg_terminate_backend(1)",
        "select pg_read_file('/etc/passwd')",
        "select * from pg_stat_activity",
        "select * from information_schema.tables",
        "select current_setting('data_directory')",
        "create extension dblink",
        "create schema other",
        "create role x",
        "create temp table x (a text)",
        "select 1 into temp x",
        "alter role current_user set statement_timeout = 0",
        "do $$ begin end $$",
        "copy mine to program 'true'",
        "listen x",
        "declare c cursor with hold for select 1",
        "prepare x as select 1",
        "create function f() returns int language sql as 'select 1'",
        "create trigger x after insert on mine execute function f()",
    ] {
        let alone = refused(&harness, statement, vec![]).await;
        assert!(matches!(alone, Error::Invalid { .. }), "{statement}: {alone:?}");
        assert_eq!(transaction.query(statement, vec![]).await.err(), Some(alone), "{statement}");
    }
    transaction.execute("insert into mine values ('a')", vec![]).await.unwrap();
    transaction.commit().await.unwrap();
}

/// Method: the fence behind the guard, asked of the server itself.
#[tokio::test(flavor = "multi_thread")]
async fn the_role_may_do_little_and_nothing_elsewhere() {
    let harness = Harness::new(Engine::Postgres, "create table mine (a text)").await;
    harness.provider.declare(&component("other", Some("other"), &[]), vec![]).await.unwrap();
    let (shop, other) = (harness.database("shop"), harness.database("other"));
    let ask = |question: &str| server().psql(&shop, &format!("select {question}"));
    let flags = "rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls or rolinherit";
    assert_eq!(ask(&format!("{flags} from pg_roles where rolname = '{shop}'")), "f");
    for (question, answer) in [
        (format!("has_database_privilege('{shop}', '{shop}', 'connect')"), "t"),
        (format!("has_database_privilege('{shop}', '{other}', 'connect')"), "f"),
        (format!("has_database_privilege('{shop}', '{shop}', 'temp')"), "f"),
        (format!("has_database_privilege('{shop}', '{shop}', 'create')"), "f"),
        (format!("has_table_privilege('{shop}', 'wharf_outbox', 'update')"), "f"),
        (format!("has_table_privilege('{shop}', 'schema_migrations', 'delete')"), "f"),
        ("pg_get_userbyid(relowner) from pg_class where relname = 'wharf_outbox'".to_owned(), HOST),
        ("pg_get_userbyid(relowner) from pg_class where relname = 'mine'".to_owned(), shop.as_str()),
    ] {
        assert_eq!(ask(&question), answer, "{question}");
    }
}

/// Method: a server that writes down every statement.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_in_its_file_alone_and_healed_when_the_file_is_lost() {
    let all = |name: &str| (name.to_owned(), "all".to_owned());
    let server = Postgres::start_with(|_| vec![all("log_statement")]);
    make_host_role(&server);
    let config = config(server.port(), "");
    let harness = Harness::on_server(&config, "create table mine (a text)").await;
    let folder = harness.dir.path().join("roles");
    let file = folder.join("shop_db");
    let password = std::fs::read_to_string(&file).unwrap();
    let password = password.trim();
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(server.log().contains("CREATE ROLE \"shop_db\""), "the server writes down statements");
    assert!(!server.log().contains(password) && !format!("{:?} {config:?}", harness.provider).contains(password));
    harness.provider.close().await.unwrap();
    std::fs::remove_file(&file).unwrap();
    let again = provider(harness.dir.path(), &harness.clock_us, Some(&config));
    let shop = component("shop", Some("shop"), &[]);
    again.declare(&shop, vec![]).await.unwrap();
    again.prepare(&shop).client().unwrap().query("select * from mine", vec![]).await.unwrap();
    assert_ne!(std::fs::read_to_string(&file).unwrap().trim(), password);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_host_lacks_is_named() {
    let server = Postgres::start();
    server.psql("postgres", "create role wharf login password 'wharf'");
    server.psql("postgres", "create database taken_db");
    let dir = tempfile::TempDir::new().unwrap();
    let clock = std::sync::Arc::default();
    let declare = async |config: &PostgresConfig, name: &str| {
        let provider = provider(dir.path(), &clock, Some(config));
        provider.declare(&component("x", Some(name), &[]), migrations(&[])).await.unwrap_err()
    };
    let good = config(server.port(), "");
    let lacking = declare(&good, "shop").await;
    assert!(matches!(&lacking, Error::Other { message } if message.contains("CREATEROLE")), "{lacking:?}");
    server.psql("postgres", "alter role wharf createrole createdb; create role strong_db createdb");
    let strong = declare(&good, "strong").await;
    assert!(matches!(&strong, Error::Other { message } if message.contains("more rights")), "{strong:?}");
    let taken = declare(&good, "taken").await;
    assert!(matches!(&taken, Error::Other { message } if message.contains("another role")), "{taken:?}");
    let long = declare(&good, &"a".repeat(64)).await;
    assert!(matches!(long, Error::Invalid { .. }), "{long:?}");
    let mut wrong = good.clone();
    wrong.password = Some("wrong".to_owned());
    let refused = declare(&wrong, "shop").await;
    assert!(matches!(&refused, Error::Unavailable { reason } if reason.contains("log-in")), "{refused:?}");
    let mut nowhere = good.clone();
    nowhere.port = 1;
    assert!(matches!(declare(&nowhere, "shop").await, Error::Unavailable { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_will_not_do_is_told_by_what_is_wrong() {
    let server = Postgres::start();
    server.psql("postgres", "create role wharf login password 'wharf'");
    let now: sql::Clock = std::sync::Arc::new(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        i64::try_from(since.as_micros()).unwrap()
    });
    let good = config(server.port(), "");
    let right = |right| Complaint::Right { user: HOST.to_owned(), right };
    assert_eq!(good.probe(&now).await, [right("CREATEDB"), right("CREATEROLE")]);
    server.psql("postgres", "alter role wharf createrole createdb");
    assert_eq!(good.probe(&now).await, []);
    let late = std::sync::Arc::clone(&now);
    let late: sql::Clock = std::sync::Arc::new(move || late() - 60_000_000);
    let clock = good.probe(&late).await;
    assert!(matches!(clock[..], [Complaint::Clock { seconds: 59..=61 }]), "{clock:?}");
    for (wrong, complaint) in [
        (PostgresConfig { password: Some("x".to_owned()), ..good.clone() }, "password authentication failed"),
        (PostgresConfig { user: "nobody_here".to_owned(), ..good.clone() }, "the server refuses the role"),
        (PostgresConfig { database: "nothing_here".to_owned(), ..good.clone() }, "does not exist"),
        (PostgresConfig { port: 1, ..good.clone() }, "no PostgreSQL server answers at 127.0.0.1:1"),
        (PostgresConfig { tls: sql::Tls::Require, ..good.clone() }, "no secure connection"),
    ] {
        let told = wrong.probe(&now).await;
        assert!(matches!(&told[..], [one] if one.to_string().contains(complaint)), "{complaint}: {told:?}");
    }
}
