//! A PostgreSQL server for the books of this process, each in a schema of its own.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use instances::Postgres;
use queue::{Book, PostgresConfig};

/// The role that hosts log in with, and its password: no more rights than the documentation asks for.
pub(crate) const ROLE: &str = "wharf";
/// The database of the books.
const DATABASE: &str = "books";

/// The server of this process.
pub(crate) fn shared() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| prepared(Postgres::start()))
}

/// With the role, and a database in which it may make schemas.
pub(crate) fn prepared(server: Postgres) -> Postgres {
    server.psql("postgres", &format!("create role {ROLE} login password '{ROLE}'"));
    server.psql("postgres", &format!("create database {DATABASE}"));
    server.psql(DATABASE, &format!("grant create on database {DATABASE} to {ROLE}"));
    server
}

/// A book that nobody else has.
pub(crate) fn book() -> Book {
    Book::Postgres(config(shared().port(), &schema()))
}

/// A name that no other schema has.
pub(crate) fn schema() -> String {
    static SCHEMAS: AtomicU32 = AtomicU32::new(0);
    format!("book_{}", SCHEMAS.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn config(port: u16, schema: &str) -> PostgresConfig {
    PostgresConfig {
        port,
        user: ROLE.to_owned(),
        password: Some(ROLE.to_owned()),
        database: DATABASE.to_owned(),
        schema: schema.to_owned(),
        ..PostgresConfig::default()
    }
}
