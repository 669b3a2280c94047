//! Running one statement on one connection.

use std::sync::Arc;
use std::time::Instant;

use futures::TryStreamExt;
use sqlx::postgres::{PgArguments, PgStatement};
use sqlx::{AssertSqlSafe, Either, Executor as _, SqlSafeStr as _, Statement as _};

use super::cell::Shape;
use super::connection::Conn;
use super::failure::{After, Failure, translate};
use super::guard::Effect;
use super::param::{bind, suggested};
use crate::backend::Call;
use crate::value::RESULT_BYTES_MAX;
use crate::{Error, Rows};

/// Brings an open transaction back to where the statement began.
const UNDO: &str = "ROLLBACK TO SAVEPOINT wharf";

/// What is wanted of a statement.
#[derive(Debug)]
pub(crate) struct Wish<'a> {
    pub(crate) call: &'a Call,
    pub(crate) effect: Effect,
    /// Whether anybody wants to see the rows.
    pub(crate) rows: bool,
}

/// What a statement brought.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) rows: Rows,
    pub(crate) changed: u64,
}

/// How far a statement of its own came before it failed.
#[derive(Debug)]
pub(crate) struct Stopped {
    pub(crate) failure: Failure,
    /// The statement may have begun, and nobody knows whether it ended.
    pub(crate) begun: bool,
}

impl Stopped {
    fn before(failure: Failure) -> Self {
        Self { failure, begun: false }
    }

    fn within(failure: Failure) -> Self {
        Self { failure, begun: true }
    }
}

/// Runs a statement in a transaction of its own.
pub(crate) async fn alone(conn: &mut Conn, wish: &Wish<'_>, deadline: Instant) -> Result<Outcome, Stopped> {
    conn.limit(deadline).await.map_err(Stopped::before)?;
    let prepared = match prepare(conn, wish.call).await {
        Err(failure) if failure.untyped => prepare_as_suggested(conn, wish.call).await,
        prepared => prepared,
    };
    let prepared = prepared.map_err(Stopped::before)?;
    let arguments = arguments(wish.call, &prepared).map_err(Stopped::before)?;
    // The rows of a change come after it, and a result over its limit must not leave it behind.
    let guarded = wish.rows && wish.effect == Effect::Change && !prepared.columns().is_empty();
    if !guarded {
        return collect(conn, &prepared, arguments, wish).await.map_err(Stopped::within);
    }
    conn.simple("BEGIN").await.map_err(Stopped::before)?;
    let outcome = collect(conn, &prepared, arguments, wish).await;
    if let Err(failure) = &outcome
        && failure.after == After::Lost
    {
        return outcome.map_err(Stopped::within);
    }
    let ended = match &outcome {
        // Also a commit that fails ends the transaction.
        Ok(_) => conn.simple("COMMIT").await,
        // The connection is still inside it.
        Err(_) => conn.simple("ROLLBACK").await.map_err(|failure| Failure { after: After::Lost, ..failure }),
    };
    ended.map_err(Stopped::within)?;
    outcome.map_err(Stopped::within)
}

/// Runs a statement in an open transaction that has a savepoint; an error undoes this statement alone, where the
/// server allows it.
pub(crate) async fn within(conn: &mut Conn, wish: &Wish<'_>) -> Result<Outcome, Failure> {
    let mut prepared = prepare(conn, wish.call).await;
    if let Err(Failure { untyped: true, .. }) = &prepared {
        conn.simple(UNDO).await?;
        prepared = prepare_as_suggested(conn, wish.call).await;
    }
    let outcome = match prepared {
        Ok(prepared) => match arguments(wish.call, &prepared) {
            Ok(arguments) => collect(conn, &prepared, arguments, wish).await,
            // The server has not seen it.
            Err(failure) => return Err(failure),
        },
        Err(failure) => Err(failure),
    };
    if let Err(failure) = &outcome
        && failure.after == After::Usable
    {
        conn.simple(UNDO).await?;
    }
    outcome
}

/// Prepares a statement, or finds it prepared.
pub(crate) async fn prepare(conn: &mut Conn, call: &Call) -> Result<PgStatement, Failure> {
    prepare_with(conn, call, &[]).await
}

async fn prepare_as_suggested(conn: &mut Conn, call: &Call) -> Result<PgStatement, Failure> {
    prepare_with(conn, call, &suggested(&call.params)).await
}

async fn prepare_with(
    conn: &mut Conn,
    call: &Call,
    types: &[sqlx::postgres::PgTypeInfo],
) -> Result<PgStatement, Failure> {
    let text: Arc<str> = Arc::from(call.statement.as_str());
    let prepared = conn.raw.prepare_with(AssertSqlSafe(text).into_sql_str(), types).await;
    let prepared = prepared.map_err(|error| translate(&error, &call.statement))?;
    conn.remember(&call.statement);
    Ok(prepared)
}

/// Encodes the parameters for a prepared statement.
pub(crate) fn arguments(call: &Call, prepared: &PgStatement) -> Result<PgArguments, Failure> {
    let types = match prepared.parameters() {
        Some(Either::Left(types)) => types,
        _ => &[],
    };
    bind(&call.params, types).map_err(Failure::untouched)
}

async fn collect(
    conn: &mut Conn,
    prepared: &PgStatement,
    arguments: PgArguments,
    wish: &Wish<'_>,
) -> Result<Outcome, Failure> {
    let shape = Shape::of(prepared.columns());
    let (mut rows, mut changed, mut total) = (Vec::new(), 0_u64, 0_u64);
    let refused = {
        let mut items = conn.raw.fetch_many(prepared.query_with(arguments));
        loop {
            let item = items.try_next().await.map_err(|error| translate(&error, &wish.call.statement))?;
            match item {
                None => break None,
                Some(Either::Left(done)) => changed += done.rows_affected(),
                Some(Either::Right(_)) if !wish.rows => {}
                Some(Either::Right(row)) => match shape.read(&row) {
                    Ok((values, bytes)) => {
                        total = total.saturating_add(bytes);
                        if total > RESULT_BYTES_MAX {
                            break Some(Error::TooLarge { limit: RESULT_BYTES_MAX });
                        }
                        rows.push(values);
                    }
                    Err(error) => break Some(error),
                },
            }
        }
    };
    if let Some(error) = refused {
        // What is still on its way is not read.
        conn.stop().await?;
        return Err(Failure::usable(error));
    }
    // The server counts the rows of a read too.
    let changed = if wish.effect == Effect::Change { changed } else { 0 };
    Ok(Outcome { rows: Rows { columns: shape.columns, rows }, changed })
}
