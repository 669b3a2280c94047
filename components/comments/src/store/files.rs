//! Files of comments, the bytes they share, and the intents that keep a crash from leaving bytes nobody knows of.

use sdk::sql::{self, Error, Row, Transaction, Value};
use uuid::Uuid;

use super::{at, places};

/// Intents looked at in one sweep.
const SWEEP_MAX: i64 = 100;

/// A file at a comment.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) id: Uuid,
    pub(crate) comment_id: Uuid,
    /// Where its bytes lie.
    pub(crate) storage_key: String,
    /// The name it was given, reduced to a plain one.
    pub(crate) name: String,
    /// The type its name and content agree on.
    pub(crate) media_type: String,
    /// Bytes.
    pub(crate) size: i64,
    /// Lower-case hexadecimal.
    pub(crate) sha256: String,
}

/// A file that is stored and belongs to no comment yet.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) storage_key: String,
    pub(crate) name: String,
    pub(crate) media_type: &'static str,
    pub(crate) size: i64,
    pub(crate) sha256: String,
}

/// What became of the bytes of a file that was attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attached {
    /// They are kept.
    New,
    /// The same bytes were here before and serve; these can go.
    Known,
    /// The sweep was faster and took them away, which takes an upload of an hour.
    Swept,
}

/// Notes that a blob is about to be written.
///
/// # Errors
/// Those of [`sql::execute`].
pub(crate) async fn intend(storage_key: &str, now: i64) -> Result<(), Error> {
    let statement = "insert into upload_intents (storage_key, started_at) values ($1, $2)";
    sql::execute(statement, [storage_key.into(), at(now)]).await?;
    Ok(())
}

/// Forgets the intent of a blob that is gone.
///
/// # Errors
/// Those of [`sql::execute`].
pub(crate) async fn forget(storage_key: &str) -> Result<(), Error> {
    sql::execute("delete from upload_intents where storage_key = $1", [storage_key.into()]).await?;
    Ok(())
}

/// Keys of blobs that were begun before `before` (microseconds since 1970) and that nothing took.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn stale_intents(before: i64) -> Result<Vec<String>, Error> {
    let statement =
        format!("select storage_key from upload_intents where started_at < $1 order by started_at limit {SWEEP_MAX}");
    let rows = sql::query(&statement, [at(before)]).await?;
    rows.iter().map(|row| row.get("storage_key")).collect()
}

/// Gives a file to a comment. New bytes are adopted: their intent goes in the same transaction.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn attach(
    tx: &Transaction,
    comment: Uuid,
    received: &Received,
    (user, now): (Uuid, i64),
) -> Result<Attached, Error> {
    let statement = "insert into blobs (sha256, storage_key, byte_size, created_at) values ($1, $2, $3, $4) \
                     on conflict (sha256) do nothing";
    let blob = [(&received.sha256).into(), (&received.storage_key).into(), received.size.into(), at(now)];
    let is_new = tx.execute(statement, blob).await? == 1;
    tx.execute(
        "insert into comment_files (id, comment_id, blob_sha256, original_name, media_type, attached_by, attached_at) \
         values ($1, $2, $3, $4, $5, $6, $7)",
        vec![
            sdk::id::new().into(),
            comment.into(),
            (&received.sha256).into(),
            (&received.name).into(),
            received.media_type.into(),
            user.into(),
            at(now),
        ],
    )
    .await?;
    if !is_new {
        return Ok(Attached::Known);
    }
    let key = [Value::from(&received.storage_key)];
    let adopted = tx.execute("delete from upload_intents where storage_key = $1", key).await? == 1;
    Ok(if adopted { Attached::New } else { Attached::Swept })
}

const SELECT: &str = "select f.id, f.comment_id, f.original_name, f.media_type, b.sha256, b.storage_key, b.byte_size \
                      from comment_files f join blobs b on b.sha256 = f.blob_sha256";

/// The files of these comments, in the order they came.
pub(super) async fn files_of(tx: &Transaction, comments: &[Uuid]) -> Result<Vec<File>, Error> {
    let statement = format!("{SELECT} where f.comment_id in ({}) order by f.id", places(1, comments.len()));
    let rows = tx.query(&statement, comments.iter().map(|id| Value::from(*id)).collect::<Vec<_>>()).await?;
    rows.iter().map(read).collect()
}

/// One file.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn file(tx: &Transaction, id: Uuid) -> Result<Option<File>, Error> {
    let rows = tx.query(&format!("{SELECT} where f.id = $1"), [id.into()]).await?;
    rows.first().map(read).transpose()
}

fn read(row: &Row) -> Result<File, Error> {
    Ok(File {
        id: row.get("id")?,
        comment_id: row.get("comment_id")?,
        storage_key: row.get("storage_key")?,
        name: row.get("original_name")?,
        media_type: row.get("media_type")?,
        size: row.get("byte_size")?,
        sha256: row.get("sha256")?,
    })
}
