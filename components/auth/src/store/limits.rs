//! Counted requests, by the hash of whoever they are counted for.

use sdk::clock::Timestamp;
use sdk::sql::{Error, Row, Transaction};

use crate::domain::limit::{Limit, Window};

/// What is counted so far.
pub(crate) async fn load(tx: &Transaction, limit: Limit, key_hash: &[u8]) -> Result<Option<Window>, Error> {
    let statement = "SELECT started_at, hits FROM request_limits WHERE scope = $1 AND key_hash = $2";
    let rows = tx.query(statement, [limit.scope.into(), key_hash.to_vec().into()]).await?;
    let read = |row: &Row| Ok(Window { started_at: row.get::<Timestamp>("started_at")?.0, hits: row.get("hits")? });
    rows.first().map(read).transpose()
}

/// Keeps a window.
pub(crate) async fn save(tx: &Transaction, limit: Limit, key_hash: &[u8], window: Window) -> Result<(), Error> {
    let statement = "INSERT INTO request_limits (scope, key_hash, started_at, hits) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (scope, key_hash) DO UPDATE SET started_at = excluded.started_at, hits = excluded.hits";
    let started_at = Timestamp(window.started_at);
    tx.execute(statement, [limit.scope.into(), key_hash.to_vec().into(), started_at.into(), window.hits.into()])
        .await?;
    Ok(())
}
