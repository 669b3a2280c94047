//! Changing and deleting what was said.

use axum::http::StatusCode;
use sdk::http::{Json, Path};
use sdk::{Principal, Problem, clock, sql};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::caller::actor;
use super::stream::{self, Action};
use super::{Seen, draft, refused, seen, view};
use crate::domain::{mentioned, usernames};
use crate::store::{self, Deed};

/// `PATCH /{id} {content}` by the author or an administrator. 200 with the comment. Nobody is told by message: those
/// concerned were told when it was written.
pub(super) async fn edit(
    principal: Principal,
    Path(id): Path<Uuid>,
    Json(fields): Json<Map<String, Value>>,
) -> Result<Json<Value>, Problem> {
    let actor = actor(&principal);
    let content = draft::content(&fields)?;
    let now = clock::now().0;
    let (comment, shown, is_new) = sql::retry(|| async {
        let tx = sql::begin().await?;
        let Seen { comment, parts, .. } = seen(&tx, &actor, id).await?;
        let edited = comment.edit(&actor, &content, now).map_err(refused)?;
        if let Some(edited) = &edited {
            store::update(&tx, edited, None).await?;
            store::note(&tx, &actor, Deed::Edited, &comment, now).await?;
            let called = store::called(&tx, &usernames(&content)).await?;
            let mentions = mentioned(&called, &parts, comment.visibility, comment.author.id);
            store::remember_mentions(&tx, id, &mentions).await?;
        }
        let is_new = edited.is_some();
        let comment = edited.unwrap_or(comment);
        let shown = view::whole(&tx, &comment, &actor).await?;
        tx.commit().await?;
        Ok::<_, Problem>((comment, shown, is_new))
    })
    .await?;
    if is_new {
        stream::tell(Action::Update, &comment.number, comment.visibility, &shown).await;
    }
    Ok(Json(shown))
}

/// `DELETE /{id}` by the author or an administrator. 204. With answers to it, it keeps its place, without its text.
pub(super) async fn delete(principal: Principal, Path(id): Path<Uuid>) -> Result<StatusCode, Problem> {
    let actor = actor(&principal);
    let now = clock::now().0;
    let (comment, shown) = sql::retry(|| async {
        let tx = sql::begin().await?;
        let Seen { comment, .. } = seen(&tx, &actor, id).await?;
        let deleted = comment.delete(&actor, now).map_err(refused)?;
        store::update(&tx, &deleted, Some(actor.id)).await?;
        store::note(&tx, &actor, Deed::Deleted, &comment, now).await?;
        let shown = view::whole(&tx, &deleted, &actor).await?;
        tx.commit().await?;
        Ok::<_, Problem>((deleted, shown))
    })
    .await?;
    stream::tell(Action::Delete, &comment.number, comment.visibility, &shown).await;
    Ok(StatusCode::NO_CONTENT)
}
