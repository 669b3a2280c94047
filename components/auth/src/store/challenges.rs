//! One-time codes on their way, known only by hashes.

use sdk::clock::Timestamp;
use sdk::sql::{Error, Row, Transaction, Value};
use uuid::Uuid;

use crate::domain::challenge::{Challenge, Purpose};

/// A challenge with the hash of its code.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) challenge: Challenge,
    pub(crate) code_hash: Vec<u8>,
}

const SELECT: &str =
    "SELECT id, user_id, code_hash, sent_at, resends, attempts, expires_at, ended_at FROM otp_challenges";

/// The challenge of a sign-in, by the hash of what the browser shows.
pub(crate) async fn of_secret(tx: &Transaction, secret_hash: &[u8]) -> Result<Option<Stored>, Error> {
    one(tx, "secret_hash = $1 AND purpose = 'login'", secret_hash.to_vec().into()).await
}

/// The open challenge of somebody who wants to switch codes off.
pub(crate) async fn of_switching_off(tx: &Transaction, user: Uuid) -> Result<Option<Stored>, Error> {
    one(tx, "user_id = $1 AND purpose = 'disable_2fa' AND ended_at IS NULL", user.into()).await
}

async fn one(tx: &Transaction, condition: &str, key: Value) -> Result<Option<Stored>, Error> {
    let rows = tx.query(&format!("{SELECT} WHERE {condition}"), [key]).await?;
    rows.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Stored, Error> {
    let challenge = Challenge {
        id: row.get("id")?,
        user_id: row.get("user_id")?,
        sent_at: row.get::<Timestamp>("sent_at")?.0,
        resends: row.get("resends")?,
        attempts: row.get("attempts")?,
        expires_at: row.get::<Timestamp>("expires_at")?.0,
        is_ended: row.get::<Option<Timestamp>>("ended_at")?.is_some(),
    };
    Ok(Stored { challenge, code_hash: row.get("code_hash")? })
}

/// What only hashes are kept of.
pub(crate) struct Hashes<'a> {
    /// Of what the browser shows; absent where it shows a session.
    pub(crate) secret: Option<&'a [u8]>,
    pub(crate) code: &'a [u8],
}

/// Adds a challenge in the place of the person's earlier ones.
pub(crate) async fn start(
    tx: &Transaction,
    challenge: &Challenge,
    purpose: Purpose,
    hashes: &Hashes<'_>,
) -> Result<(), Error> {
    let now = Timestamp(challenge.sent_at);
    let earlier = "UPDATE otp_challenges SET ended_at = $3 WHERE user_id = $1 AND purpose = $2 AND ended_at IS NULL";
    tx.execute(earlier, [challenge.user_id.into(), purpose.as_str().into(), now.into()]).await?;
    let statement = "INSERT INTO otp_challenges (id, user_id, purpose, secret_hash, code_hash, created_at, sent_at, \
         resends, attempts, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let params = [
        challenge.id.into(),
        challenge.user_id.into(),
        purpose.as_str().into(),
        hashes.secret.map(<[u8]>::to_vec).into(),
        hashes.code.to_vec().into(),
        now.into(),
        now.into(),
        challenge.resends.into(),
        challenge.attempts.into(),
        Timestamp(challenge.expires_at).into(),
    ];
    tx.execute(statement, params).await?;
    Ok(())
}

/// Writes what an answer changed.
pub(crate) async fn settle(tx: &Transaction, challenge: &Challenge, now: Timestamp) -> Result<(), Error> {
    let ended_at = challenge.is_ended.then_some(now);
    let statement = "UPDATE otp_challenges SET attempts = $2, ended_at = $3 WHERE id = $1";
    tx.execute(statement, [challenge.id.into(), challenge.attempts.into(), ended_at.into()]).await?;
    Ok(())
}

/// Writes a new code in the place of the old one.
pub(crate) async fn replace(tx: &Transaction, challenge: &Challenge, code_hash: &[u8]) -> Result<(), Error> {
    let statement =
        "UPDATE otp_challenges SET code_hash = $2, sent_at = $3, resends = $4, expires_at = $5 WHERE id = $1";
    let params = [
        challenge.id.into(),
        code_hash.to_vec().into(),
        Timestamp(challenge.sent_at).into(),
        challenge.resends.into(),
        Timestamp(challenge.expires_at).into(),
    ];
    tx.execute(statement, params).await?;
    Ok(())
}
