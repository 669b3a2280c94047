//! Removes rows that say nothing any more.

use sdk::clock::Timestamp;
use sdk::sql::{self, Error};

use crate::domain::guard::FORGET_US;
use crate::domain::limit::WINDOW_MAX_US;
use crate::domain::sign_in::KEPT_US;

/// Table, the column whose moment decides, and the age of that moment at which a row goes.
const RULES: [(&str, &str, i64); 6] = [
    ("otp_challenges", "expires_at", 0),
    ("password_resets", "expires_at", 0),
    ("refresh_tokens", "expires_at", 0),
    ("throttle", "last_failed_at", FORGET_US),
    ("request_limits", "started_at", WINDOW_MAX_US),
    ("login_events", "at", KEPT_US),
];

/// Removes them, table by table, each in a transaction of its own so that sign-ins get in between. Returns each table
/// with the number of rows that went.
pub(crate) async fn run(now: Timestamp) -> Result<Vec<(&'static str, u64)>, Error> {
    let mut removed = Vec::with_capacity(RULES.len());
    for (table, column, age_us) in RULES {
        let before = Timestamp(now.0.saturating_sub(age_us));
        let statement = format!("DELETE FROM {table} WHERE {column} <= $1");
        removed.push((table, sql::retry(|| sql::execute(&statement, [before.into()])).await?));
    }
    Ok(removed)
}
