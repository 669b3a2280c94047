//! Requests that cost something are counted, and refused (429) past their limit.

use sdk::Problem;
use sdk::clock::Timestamp;
use sdk::problem::Slug;
use sdk::sql::Transaction;

use super::session::hash;
use crate::domain::limit::Limit;
use crate::store::limits;

/// Counts one more for a key; the seconds to wait if there is no room.
pub(super) async fn count(
    tx: &Transaction,
    limit: Limit,
    key: &str,
    now: Timestamp,
) -> Result<Result<(), u64>, Problem> {
    let key_hash = hash(key);
    let window = limits::load(tx, limit, &key_hash).await?;
    match limit.take(window, now.0) {
        Ok(window) => {
            limits::save(tx, limit, &key_hash, window).await?;
            Ok(Ok(()))
        }
        Err(seconds) => Ok(Err(seconds)),
    }
}

/// How it is told.
pub(super) fn too_many(seconds: u64) -> Problem {
    let minutes = seconds.div_ceil(60);
    Problem::new(Slug::RateLimited)
        .detail(format!("This was asked for too often. Try again in {minutes} minutes."))
        .retry_after(seconds)
}
