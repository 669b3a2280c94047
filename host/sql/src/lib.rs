//! The `sql` capability: one relational database per component, behind the words of `wit/sql.wit`.
//!
//! Data plane, between the runtime and an engine: SQLite, embedded, or a PostgreSQL server. Owns databases, their
//! migrations and the outbox that makes a message part of a transaction. It does not deliver messages (the relay belongs to the
//! server, which reads [`Outbox`]) and knows no other capability.
//!
//! [`SqlProvider`] is process-wide, [`SqlCtx`] belongs to one instance, [`Client`] to one request, [`Transaction`] is
//! the resource. All of them work without a guest. The engines are two implementations of `backend::Backend`.

mod backend;
mod bindings;
mod client;
mod ctx;
mod error;
mod guard;
mod host;
mod migration;
mod outbox;
mod postgres;
mod provider;
mod sqlite;
mod stream;
mod transaction;
mod value;

pub use bindings::wharf::sql::sql::{Column, ConstraintKind, Dialect, Isolation, Options, Outgoing, Rows, Value};
pub use client::Client;
pub use ctx::SqlCtx;
pub use error::Error;
pub use host::{HasSql, SqlView, add_to_linker};
pub use migration::{AppliedMigration, Migration, Phase};
pub use outbox::{Outbox, OutboxRow};
pub use postgres::{Complaint, OwnDatabase, PostgresConfig, Tls};
pub use provider::{Bound, Clock, SqlProvider};
pub use stream::RowStream;
pub use transaction::Transaction;
