//! Links for a new password, known only by the SHA-256 of their tokens.

use sdk::clock::Timestamp;
use sdk::sql::{Error, Transaction};
use uuid::Uuid;

use crate::domain::password::RESET_S;

/// Adds a link in the place of the person's earlier ones.
pub(crate) async fn start(
    tx: &Transaction,
    user: Uuid,
    token_hash: &[u8],
    ip: Option<String>,
    now: Timestamp,
) -> Result<(), Error> {
    let earlier = "UPDATE password_resets SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL";
    tx.execute(earlier, [user.into(), now.into()]).await?;
    let statement = "INSERT INTO password_resets (id, user_id, token_hash, requested_at, requested_ip, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)";
    let expires_at = now.plus_seconds(RESET_S);
    let params =
        [sdk::id::new().into(), user.into(), token_hash.to_vec().into(), now.into(), ip.into(), expires_at.into()];
    tx.execute(statement, params).await?;
    Ok(())
}

/// Whose link it is, if it still leads somewhere.
pub(crate) async fn owner(tx: &Transaction, token_hash: &[u8], now: Timestamp) -> Result<Option<Uuid>, Error> {
    let statement =
        "SELECT user_id FROM password_resets WHERE token_hash = $1 AND ended_at IS NULL AND expires_at > $2";
    let rows = tx.query(statement, [token_hash.to_vec().into(), now.into()]).await?;
    rows.first().map(|row| row.get("user_id")).transpose()
}
