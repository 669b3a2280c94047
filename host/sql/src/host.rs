//! The generated traits, answered by the plain types of this crate.

mod producer;

use tokio::sync::oneshot;
use wasmtime::component::{Accessor, FutureReader, HasData, Linker, Resource, ResourceTable, StreamReader};

use self::producer::RowProducer;
use crate::bindings::wharf::sql::sql;
use crate::{Client, Error, SqlCtx, Transaction};

/// What a store lends the capability for one call.
pub struct SqlView<'a> {
    /// The instance's part.
    pub ctx: &'a mut SqlCtx,
    /// Where its open transactions are.
    pub table: &'a mut ResourceTable,
}

impl std::fmt::Debug for SqlView<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqlView").field("ctx", &self.ctx).finish_non_exhaustive()
    }
}

/// A store's data that has the capability.
pub trait HasSql: Send {
    /// Lends it.
    fn sql(&mut self) -> SqlView<'_>;
}

/// Links `wharf:sql/sql@0.1.0`.
///
/// # Errors
/// When the name is linked already.
pub fn add_to_linker<T: HasSql + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    sql::add_to_linker::<T, SqlData>(linker, T::sql)
}

/// Names [`SqlView`] to the generated code.
struct SqlData;

impl HasData for SqlData {
    type Data<'a> = SqlView<'a>;
}

type Answer<T> = wasmtime::Result<Result<T, sql::Error>>;

fn client<T>(store: &Accessor<T, SqlData>) -> Result<Client, Error> {
    store.with(|mut store| store.get().ctx.client())
}

/// A second handle to the transaction, for the time of a call.
fn transaction<T>(store: &Accessor<T, SqlData>, this: &Resource<Transaction>) -> wasmtime::Result<Transaction> {
    store.with(|mut store| Ok(store.get().table.get(this)?.clone()))
}

impl sql::Host for SqlView<'_> {
    fn engine(&mut self) -> wasmtime::Result<sql::Dialect> {
        Ok(self.ctx.dialect())
    }
}

impl<T: Send> sql::HostWithStore<T> for SqlData {
    async fn query(store: &Accessor<T, Self>, statement: String, params: Vec<sql::Value>) -> Answer<sql::Rows> {
        let answer = match client(store) {
            Ok(client) => client.query(statement, params).await,
            Err(error) => Err(error),
        };
        Ok(answer.map_err(Into::into))
    }

    async fn execute(store: &Accessor<T, Self>, statement: String, params: Vec<sql::Value>) -> Answer<u64> {
        let answer = match client(store) {
            Ok(client) => client.execute(statement, params).await,
            Err(error) => Err(error),
        };
        Ok(answer.map_err(Into::into))
    }

    async fn query_stream(
        store: &Accessor<T, Self>,
        statement: String,
        params: Vec<sql::Value>,
    ) -> Answer<(Vec<sql::Column>, StreamReader<Vec<sql::Value>>, FutureReader<Result<(), sql::Error>>)> {
        let rows = match client(store) {
            Ok(client) => client.query_stream(statement, params).await,
            Err(error) => Err(error),
        };
        let mut rows = match rows {
            Ok(rows) => rows,
            Err(error) => return Ok(Err(error.into())),
        };
        let columns = std::mem::take(&mut rows.columns);
        let (end, ended) = oneshot::channel();
        store.with(|mut store| {
            let stream = StreamReader::new(&mut store, RowProducer::new(rows, end))?;
            let future =
                FutureReader::new(&mut store, async move { Ok::<_, wasmtime::Error>(ended.await.unwrap_or(Ok(()))) })?;
            Ok(Ok((columns, stream, future)))
        })
    }

    async fn begin(store: &Accessor<T, Self>, options: sql::Options) -> Answer<Resource<Transaction>> {
        let begun = match client(store) {
            Ok(client) => client.begin(options).await,
            Err(error) => Err(error),
        };
        match begun {
            Ok(transaction) => store.with(|mut store| Ok(Ok(store.get().table.push(transaction)?))),
            Err(error) => Ok(Err(error.into())),
        }
    }
}

impl sql::HostTransaction for SqlView<'_> {}

impl<T: Send> sql::HostTransactionWithStore<T> for SqlData {
    async fn query(
        store: &Accessor<T, Self>,
        this: Resource<Transaction>,
        statement: String,
        params: Vec<sql::Value>,
    ) -> Answer<sql::Rows> {
        Ok(transaction(store, &this)?.query(statement, params).await.map_err(Into::into))
    }

    async fn execute(
        store: &Accessor<T, Self>,
        this: Resource<Transaction>,
        statement: String,
        params: Vec<sql::Value>,
    ) -> Answer<u64> {
        Ok(transaction(store, &this)?.execute(statement, params).await.map_err(Into::into))
    }

    async fn send(store: &Accessor<T, Self>, this: Resource<Transaction>, message: sql::Outgoing) -> Answer<String> {
        Ok(transaction(store, &this)?.send(message).await.map_err(Into::into))
    }

    async fn commit(store: &Accessor<T, Self>, this: Resource<Transaction>) -> Answer<()> {
        let transaction = store.with(|mut store| store.get().table.delete(this))?;
        Ok(transaction.commit().await.map_err(Into::into))
    }

    async fn rollback(store: &Accessor<T, Self>, this: Resource<Transaction>) -> Answer<()> {
        let transaction = store.with(|mut store| store.get().table.delete(this))?;
        Ok(transaction.rollback().await.map_err(Into::into))
    }

    async fn drop(store: &Accessor<T, Self>, this: Resource<Transaction>) -> wasmtime::Result<()> {
        // Rolls back, if nothing else ended it.
        let transaction = store.with(|mut store| store.get().table.delete(this))?;
        drop(transaction);
        Ok(())
    }
}

impl From<Error> for sql::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied => Self::Denied,
            Error::Unavailable { reason } => Self::Unavailable(reason),
            Error::Timeout => Self::Timeout,
            Error::Conflict => Self::Conflict,
            Error::Constraint { kind, name } => Self::Constraint(sql::Constraint { kind, name }),
            Error::Invalid { message, position } => Self::Invalid(sql::Invalid { message, position }),
            Error::TooLarge { limit } => Self::TooLarge(limit),
            Error::Migration { .. } => Self::Other(error.to_string()),
            Error::Other { message } => Self::Other(message),
        }
    }
}
