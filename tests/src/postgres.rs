//! A PostgreSQL server for the hosts of this process, each with a prefix of its own.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use instances::Postgres;

/// The role that hosts log in with, and its password: no more rights than the documentation asks for.
pub const ROLE: &str = "wharf";

/// The server of this process.
pub fn server() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| {
        let server = Postgres::start();
        server.psql("postgres", &format!("create role {ROLE} login createdb createrole password '{ROLE}'"));
        server
    })
}

/// `[sql]` of a host that has databases there which no other host has, with its password in this file.
pub fn section(password_file: &std::path::Path) -> String {
    static HOSTS: AtomicU32 = AtomicU32::new(0);
    let prefix = format!("h{}_", HOSTS.fetch_add(1, Ordering::Relaxed));
    std::fs::write(password_file, ROLE).unwrap();
    format!(
        "[sql]\nengine = \"postgres\"\nurl = \"postgres://{ROLE}@127.0.0.1:{}/postgres\"\npassword_file = \"{}\"\n\
         prefix = \"{prefix}\"\n",
        server().port(),
        password_file.display()
    )
}
