//! The comments' table: one comment, pages of them, answers.

use sdk::clock::Timestamp;
use sdk::page::{Found, Page};
use sdk::sql::{Error, Row, Transaction, Value};
use uuid::Uuid;

use super::{at, maybe_at, places};
use crate::domain::{Author, Comment, REPLIES_MAX, RoleLabel, Standing, Visibility};

/// Answers on one page of comments: at their longest they fit one answer of the database (16 MiB).
const PAGE_REPLIES_MAX: usize = 500;

const COLUMNS: &str = "c.id, c.ticket_number, c.author_id, c.author_name, c.author_role, c.body, c.visibility, \
                       c.parent_id, c.created_at, c.edited_at, c.deleted_at";

/// Comments that keep their place: those there, and deleted ones that somebody answered.
const IN_PLACE: &str = "(c.deleted_at is null or exists \
                        (select 1 from comments r where r.parent_id = c.id and r.deleted_at is null))";

/// The answers to a comment that are shown, the oldest first, and how many there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Thread {
    pub(crate) replies: Vec<Comment>,
    pub(crate) total: i64,
}

/// Stores a new comment.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn insert(tx: &Transaction, comment: &Comment) -> Result<(), Error> {
    tx.execute(
        "insert into comments (id, ticket_number, author_id, author_name, author_role, body, visibility, parent_id, \
         created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        vec![
            comment.id.into(),
            (&comment.number).into(),
            comment.author.id.into(),
            (&comment.author.name).into(),
            comment.author.role.label().into(),
            (&comment.body).into(),
            comment.visibility.code().into(),
            comment.parent.into(),
            at(comment.created_at),
        ],
    )
    .await?;
    Ok(())
}

/// Writes what an edit or a deletion changes.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn update(tx: &Transaction, comment: &Comment, deleted_by: Option<Uuid>) -> Result<(), Error> {
    let statement = "update comments set body = $1, edited_at = $2, deleted_at = $3, deleted_by = $4 where id = $5";
    let params = [
        (&comment.body).into(),
        maybe_at(comment.edited_at),
        maybe_at(comment.deleted_at),
        deleted_by.into(),
        comment.id.into(),
    ];
    tx.execute(statement, params).await?;
    Ok(())
}

/// One comment or answer, also if it is deleted.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn by_id(tx: &Transaction, id: Uuid) -> Result<Option<Comment>, Error> {
    let rows = tx.query(&format!("select {COLUMNS} from comments c where c.id = $1"), [id.into()]).await?;
    rows.first().map(read).transpose()
}

/// Whether somebody answered, and did not take it back.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn has_live_reply(tx: &Transaction, id: Uuid) -> Result<bool, Error> {
    let statement = "select id from comments where parent_id = $1 and deleted_at is null limit 1";
    Ok(!tx.query(statement, [id.into()]).await?.is_empty())
}

/// How many answers were ever given to a comment.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn reply_count(tx: &Transaction, id: Uuid) -> Result<i64, Error> {
    let rows = tx.query("select count(*) as total from comments where parent_id = $1", [id.into()]).await?;
    rows.first().ok_or(Error::NoRow)?.get("total")
}

fn visible_to(standing: Standing) -> &'static str {
    if standing.sees(Visibility::Internal) { "" } else { " and c.visibility = 'public'" }
}

/// How many comments, answers apart, the ticket has for somebody who stands so to it.
///
/// # Errors
/// Those of [`Transaction::query`].
async fn count(tx: &Transaction, number: &str, standing: Standing) -> Result<i64, Error> {
    let statement = format!(
        "select count(*) as total from comments c where c.ticket_number = $1 and c.parent_id is null \
         and {IN_PLACE}{}",
        visible_to(standing)
    );
    tx.query(&statement, [number.into()]).await?.first().ok_or(Error::NoRow)?.get("total")
}

/// A page of the comments that [`count`] counts, the newest first.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn page(
    tx: &Transaction,
    number: &str,
    standing: Standing,
    page: Page,
) -> Result<Found<Comment>, Error> {
    let total = count(tx, number, standing).await?;
    let statement = format!(
        "select {COLUMNS} from comments c where c.ticket_number = $1 and c.parent_id is null and {IN_PLACE}{} \
         order by c.created_at desc, c.id desc limit $2 offset $3",
        visible_to(standing)
    );
    let rows = tx.query(&statement, [number.into(), page.limit().into(), page.offset().into()]).await?;
    Ok(Found { items: rows.iter().map(read).collect::<Result<_, _>>()?, total })
}

/// The answers to one comment, all of them.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn replies(tx: &Transaction, id: Uuid) -> Result<Thread, Error> {
    let statement = format!(
        "select {COLUMNS} from comments c where c.parent_id = $1 and c.deleted_at is null \
         order by c.created_at, c.id limit {REPLIES_MAX}"
    );
    let rows = tx.query(&statement, [id.into()]).await?;
    let replies = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let total = i64::try_from(replies.len()).unwrap_or(i64::MAX);
    Ok(Thread { replies, total })
}

/// The answers to these comments, in the order of the comments: of each the newest, as many as a page has room for.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn replies_of(tx: &Transaction, comments: &[Comment]) -> Result<Vec<Thread>, Error> {
    let mut threads = vec![Thread::default(); comments.len()];
    if comments.is_empty() {
        return Ok(threads);
    }
    let each = i64::try_from(PAGE_REPLIES_MAX / comments.len()).unwrap_or(1);
    let statement = format!(
        "select {COLUMNS}, n.total from comments c join (select id, count(*) over (partition by parent_id) as total, \
         row_number() over (partition by parent_id order by created_at desc, id desc) as place from comments \
         where deleted_at is null and parent_id in ({})) n on n.id = c.id where n.place <= $1 \
         order by c.created_at, c.id",
        places(2, comments.len())
    );
    let mut params = vec![Value::from(each)];
    params.extend(comments.iter().map(|comment| Value::from(comment.id)));
    for row in tx.query(&statement, params).await? {
        let reply = read(&row)?;
        let place = comments.iter().position(|comment| reply.parent == Some(comment.id));
        if let Some(thread) = place.and_then(|place| threads.get_mut(place)) {
            thread.total = row.get("total")?;
            thread.replies.push(reply);
        }
    }
    Ok(threads)
}

fn read(row: &Row) -> Result<Comment, Error> {
    let time = |column: &str| Ok::<_, Error>(row.get::<Option<Timestamp>>(column)?.map(|moment| moment.0));
    Ok(Comment {
        id: row.get("id")?,
        number: row.get("ticket_number")?,
        author: Author {
            id: row.get("author_id")?,
            name: row.get("author_name")?,
            role: row.word("author_role", RoleLabel::read)?,
        },
        body: row.get("body")?,
        visibility: row.word("visibility", Visibility::read)?,
        parent: row.get("parent_id")?,
        created_at: row.get::<Timestamp>("created_at")?.0,
        edited_at: time("edited_at")?,
        deleted_at: time("deleted_at")?,
    })
}
