//! Somebody who looks into the database again and again, over one connection: a program for each look would take a whole
//! processor from what is measured.

use instances::Postgres;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Row};
use tokio::runtime::{Builder, Runtime};

use super::engines::DATABASE;

pub(super) struct Onlooker {
    runtime: Runtime,
    options: PgConnectOptions,
    connection: Option<PgConnection>,
}

impl Onlooker {
    pub(super) fn new(server: &Postgres) -> Self {
        let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(server.port());
        let options = options.username(Postgres::SUPERUSER).password(Postgres::PASSWORD).database(DATABASE);
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, options, connection: None }
    }

    /// How many of these messages have been handled. After an error the next look makes a new connection.
    pub(super) fn handled(&mut self, ids: &[String]) -> sqlx::Result<usize> {
        let Self { runtime, options, connection } = self;
        let counted = runtime.block_on(async {
            let mut there = match connection.take() {
                Some(there) => there,
                None => PgConnection::connect_with(options).await?,
            };
            let sql = "select count(distinct id) from handled where id = any($1)";
            let row = sqlx::query(sql).bind(ids).fetch_one(&mut there).await?;
            *connection = Some(there);
            row.try_get::<i64, _>(0)
        });
        counted.map(|count| usize::try_from(count).unwrap())
    }
}
