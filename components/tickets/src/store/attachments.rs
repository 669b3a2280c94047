//! The attachments' table, and the intents that keep a crash from leaving blobs nobody knows of.

use sdk::clock::Timestamp;
use sdk::sql::{self, Error, Row, Transaction, Value};

use super::{at, uuid};

/// Attachments of one ticket that are shown; a ticket has at most ten per request and few requests.
const ATTACHMENTS_MAX: i64 = 200;
/// Intents looked at in one sweep.
const SWEEP_MAX: i64 = 100;

/// A file at a ticket.
#[derive(Debug, Clone)]
pub(crate) struct Attachment {
    /// Its key (UUID).
    pub(crate) id: String,
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
    /// Who sent it, by id.
    pub(crate) uploaded_by: String,
    /// Who sent it, by name.
    pub(crate) uploaded_by_name: String,
    /// When, in microseconds since 1970.
    pub(crate) uploaded_at: i64,
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

/// Gives the blob to a ticket; its intent goes in the same transaction. False if the sweep was faster and took the
/// blob away, which takes an upload of an hour.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn adopt(tx: &Transaction, ticket_id: &str, file: &Attachment) -> Result<bool, Error> {
    let params = vec![
        uuid(&file.id),
        uuid(ticket_id),
        (&file.storage_key).into(),
        (&file.name).into(),
        (&file.media_type).into(),
        file.size.into(),
        (&file.sha256).into(),
        uuid(&file.uploaded_by),
        (&file.uploaded_by_name).into(),
        at(file.uploaded_at),
    ];
    tx.execute(
        "insert into ticket_attachments (id, ticket_id, storage_key, original_name, media_type, byte_size, sha256, \
         uploaded_by, uploaded_by_name, uploaded_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params,
    )
    .await?;
    let key = [Value::from(&file.storage_key)];
    Ok(tx.execute("delete from upload_intents where storage_key = $1", key).await? == 1)
}

/// Forgets the intent of a blob that is gone.
///
/// # Errors
/// Those of [`sql::execute`].
pub(crate) async fn forget(storage_key: &str) -> Result<(), Error> {
    sql::execute("delete from upload_intents where storage_key = $1", [storage_key.into()]).await?;
    Ok(())
}

/// Keys of blobs that were begun before `before` (microseconds since 1970) and that no ticket took.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn stale_intents(before: i64) -> Result<Vec<String>, Error> {
    let statement =
        format!("select storage_key from upload_intents where started_at < $1 order by started_at limit {SWEEP_MAX}");
    let rows = sql::query(&statement, [at(before)]).await?;
    rows.iter().map(|row| row.get("storage_key")).collect()
}

const COLUMNS: &str =
    "id, storage_key, original_name, media_type, byte_size, sha256, uploaded_by, uploaded_by_name, uploaded_at";

/// The files of a ticket, in the order they came.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn attachments(ticket_id: &str) -> Result<Vec<Attachment>, Error> {
    let statement = format!(
        "select {COLUMNS} from ticket_attachments where ticket_id = $1 and deleted_at is null \
         order by uploaded_at, id limit {ATTACHMENTS_MAX}"
    );
    let rows = sql::query(&statement, [uuid(ticket_id)]).await?;
    rows.iter().map(read).collect()
}

/// One file of a ticket.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn attachment(ticket_id: &str, id: &str) -> Result<Option<Attachment>, Error> {
    let statement =
        format!("select {COLUMNS} from ticket_attachments where ticket_id = $1 and id = $2 and deleted_at is null");
    let rows = sql::query(&statement, [uuid(ticket_id), uuid(id)]).await?;
    rows.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Attachment, Error> {
    Ok(Attachment {
        id: row.get("id")?,
        storage_key: row.get("storage_key")?,
        name: row.get("original_name")?,
        media_type: row.get("media_type")?,
        size: row.get("byte_size")?,
        sha256: row.get("sha256")?,
        uploaded_by: row.get("uploaded_by")?,
        uploaded_by_name: row.get("uploaded_by_name")?,
        uploaded_at: row.get::<Timestamp>("uploaded_at")?.0,
    })
}
