//! Refresh tokens, known only by their SHA-256.

use sdk::clock::Timestamp;
use sdk::sql::{Error, Row, Transaction};
use uuid::Uuid;

use super::journal::Caller;
use crate::domain::session::RefreshToken;

/// The token with this hash.
pub(crate) async fn find(tx: &Transaction, hash: &[u8]) -> Result<Option<RefreshToken>, Error> {
    let statement = "SELECT id, family_id, family_started_at, user_id, epoch, expires_at, rotated_to, revoked_at \
         FROM refresh_tokens WHERE token_hash = $1";
    let rows = tx.query(statement, [hash.to_vec().into()]).await?;
    rows.first().map(read).transpose()
}

fn read(row: &Row) -> Result<RefreshToken, Error> {
    Ok(RefreshToken {
        id: row.get("id")?,
        family_id: row.get("family_id")?,
        family_started_at: row.get::<Timestamp>("family_started_at")?.0,
        user_id: row.get("user_id")?,
        epoch: row.get("epoch")?,
        expires_at: row.get::<Timestamp>("expires_at")?.0,
        is_rotated: row.get::<Option<Uuid>>("rotated_to")?.is_some(),
        is_revoked: row.get::<Option<Timestamp>>("revoked_at")?.is_some(),
    })
}

/// Adds a token, and drops those of the person that expired, which say nothing any more.
pub(crate) async fn add(
    tx: &Transaction,
    token: &RefreshToken,
    hash: &[u8],
    caller: &Caller,
    now: Timestamp,
) -> Result<(), Error> {
    let stale = "DELETE FROM refresh_tokens WHERE user_id = $1 AND expires_at <= $2";
    tx.execute(stale, [token.user_id.into(), now.into()]).await?;
    let statement = "INSERT INTO refresh_tokens (id, family_id, family_started_at, user_id, token_hash, epoch, \
         issued_at, expires_at, ip, user_agent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let params = [
        token.id.into(),
        token.family_id.into(),
        Timestamp(token.family_started_at).into(),
        token.user_id.into(),
        hash.to_vec().into(),
        token.epoch.into(),
        now.into(),
        Timestamp(token.expires_at).into(),
        caller.address.clone().into(),
        caller.user_agent.clone().into(),
    ];
    tx.execute(statement, params).await?;
    Ok(())
}

/// Notes that a token was exchanged for the next one.
///
/// # Errors
/// [`Error::Conflict`] if that happened in the meantime: decide again.
pub(crate) async fn rotate(tx: &Transaction, id: Uuid, next: Uuid) -> Result<(), Error> {
    let statement = "UPDATE refresh_tokens SET rotated_to = $2 \
         WHERE id = $1 AND rotated_to IS NULL AND revoked_at IS NULL";
    match tx.execute(statement, [id.into(), next.into()]).await? {
        1 => Ok(()),
        _ => Err(Error::Conflict),
    }
}

/// Ends a family, for a reason that is a word of the schema. Returns how many tokens it ended.
pub(crate) async fn revoke(tx: &Transaction, family: Uuid, reason: &str, at: Timestamp) -> Result<u64, Error> {
    let statement =
        "UPDATE refresh_tokens SET revoked_at = $2, reason = $3 WHERE family_id = $1 AND revoked_at IS NULL";
    tx.execute(statement, [family.into(), at.into(), reason.into()]).await
}
