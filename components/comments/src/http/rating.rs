//! Thumbs up and down.

use sdk::http::{Json, Path};
use sdk::{Principal, Problem, sql};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::caller::actor;
use super::stream::{self, Action};
use super::{Seen, refused, seen, view};
use crate::store;

/// The value must be there, and may be null.
#[derive(Debug, Deserialize)]
pub(super) struct Rating {
    rating: Value,
}

/// `PUT /{id}/rating {rating: true | false | null}`: the caller's thumb up, down, or neither. 200 with the comment.
pub(super) async fn rate(
    principal: Principal,
    Path(id): Path<Uuid>,
    Json(rating): Json<Rating>,
) -> Result<Json<Value>, Problem> {
    let actor = actor(&principal);
    let up = match rating.rating {
        Value::Bool(up) => Some(up),
        Value::Null => None,
        _ => return Err(Problem::invalid("rating", "must be true, false or null")),
    };
    let (comment, shown) = sql::retry(|| async {
        let tx = sql::begin().await?;
        let Seen { comment, .. } = seen(&tx, &actor, id).await?;
        comment.rate().map_err(refused)?;
        store::rate(&tx, id, actor.id, up).await?;
        let shown = view::whole(&tx, &comment, &actor).await?;
        tx.commit().await?;
        Ok::<_, Problem>((comment, shown))
    })
    .await?;
    stream::tell(Action::Rate, &comment.number, comment.visibility, &shown).await;
    Ok(Json(shown))
}
