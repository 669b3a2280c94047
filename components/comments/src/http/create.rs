//! New comments and answers.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sdk::http::{Json, Path};
use sdk::sql::Transaction;
use sdk::{Principal, Problem, clock, id, sql};
use serde_json::Value;
use uuid::Uuid;

use super::caller::actor;
use super::stream::{self, Action};
use super::upload::{self, Upload};
use super::{Seen, admitted, draft, refused, seen, view};
use crate::domain::{Actor, Comment, Draft, Part, Stamp, answer, begin, mentioned, told, usernames};
use crate::events;
use crate::store::{self, Attached, Received};

/// What somebody wants to say, and where.
enum Wanted {
    Comment(Draft),
    Reply { to: Uuid, content: String },
}

/// A comment that is saved, as its author sees it, and stored bytes that turned out to be here already.
struct Saved {
    comment: Comment,
    shown: Value,
    spare: Vec<Received>,
}

/// `POST /`: JSON `{ticket, content, is_internal?}`, or a form with the same fields and `files[]`. 201.
pub(super) async fn create(principal: Principal, request: Request) -> Result<Response, Problem> {
    let actor = actor(&principal);
    let Upload { fields, files } = upload::receive(request, clock::now().0).await?;
    let wanted = draft::comment(&fields).map(Wanted::Comment);
    finish(&actor, wanted, files, Action::Create).await
}

/// `POST /{id}/replies`: JSON `{content}`, or a form. An answer is as visible as its comment. 201.
pub(super) async fn reply(principal: Principal, Path(to): Path<Uuid>, request: Request) -> Result<Response, Problem> {
    let actor = actor(&principal);
    let Upload { fields, files } = upload::receive(request, clock::now().0).await?;
    let wanted = draft::content(&fields).map(|content| Wanted::Reply { to, content });
    finish(&actor, wanted, files, Action::Reply).await
}

/// The files are in the blob store before the comment is in the database; a request that fails takes them away again.
async fn finish(
    actor: &Actor,
    wanted: Result<Wanted, Problem>,
    files: Vec<Received>,
    action: Action,
) -> Result<Response, Problem> {
    let saved = match wanted {
        Ok(wanted) => save(actor, &wanted, &files).await,
        Err(problem) => Err(problem),
    };
    match saved {
        Ok(Saved { comment, shown, spare }) => {
            upload::discard(&spare).await;
            stream::tell(action, &comment.number, comment.visibility, &shown).await;
            Ok(created(comment.id, shown))
        }
        Err(problem) => {
            upload::discard(&files).await;
            Err(problem)
        }
    }
}

/// Comment, files, mentions and message in one transaction.
async fn save(actor: &Actor, wanted: &Wanted, files: &[Received]) -> Result<Saved, Problem> {
    let stamp = Stamp { id: id::new(), at: clock::now().0 };
    sql::retry(|| async {
        let tx = sql::begin().await?;
        let (comment, parts) = decide(&tx, actor, wanted, stamp).await?;
        store::insert(&tx, &comment).await?;
        let mut spare = Vec::new();
        for file in files {
            match store::attach(&tx, comment.id, file, (actor.id, stamp.at)).await? {
                Attached::New => {}
                Attached::Known => spare.push(file.clone()),
                Attached::Swept => return Err(Problem::unavailable("an upload was swept away before it was saved")),
            }
        }
        announce(&tx, actor, &comment, &parts).await?;
        let shown = view::whole(&tx, &comment, actor).await?;
        tx.commit().await?;
        Ok(Saved { comment, shown, spare })
    })
    .await
}

async fn decide(
    tx: &Transaction,
    actor: &Actor,
    wanted: &Wanted,
    stamp: Stamp,
) -> Result<(Comment, Vec<Part>), Problem> {
    match wanted {
        Wanted::Comment(draft) => {
            let (standing, parts) = admitted(tx, actor, &draft.number).await?;
            let comment = begin(actor, standing, draft.clone(), stamp).map_err(refused)?;
            Ok((comment, parts))
        }
        Wanted::Reply { to, content } => {
            let Seen { comment: parent, standing, parts } = seen(tx, actor, *to).await?;
            let replies = store::reply_count(tx, parent.id).await?;
            let author = actor.author(standing);
            let reply = answer(&parent, replies, content.clone(), author, stamp).map_err(refused)?;
            Ok((reply, parts))
        }
    }
}

/// Notes whom the comment mentions, and sends word to them and to those who take part.
async fn announce(tx: &Transaction, actor: &Actor, comment: &Comment, parts: &[Part]) -> Result<(), Problem> {
    let called = store::called(tx, &usernames(&comment.body)).await?;
    let mentions = mentioned(&called, parts, comment.visibility, actor.id);
    store::remember_mentions(tx, comment.id, &mentions).await?;
    let recipients = store::people(tx, &told(parts, comment, &mentions)).await?;
    let mentions = store::people(tx, &mentions).await?;
    tx.send(&events::created(comment, actor, recipients, mentions)?).await?;
    Ok(())
}

fn created(id: Uuid, shown: Value) -> Response {
    let mut response = (StatusCode::CREATED, Json(shown)).into_response();
    if let Ok(location) = HeaderValue::from_str(&format!("/api/v1/comments/{id}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}
