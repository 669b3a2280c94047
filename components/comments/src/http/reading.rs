//! Reading marks.

use sdk::http::Json;
use sdk::{Principal, Problem, clock};
use serde::Deserialize;
use serde_json::{Value, json};

use super::admitted;
use super::caller::actor;
use crate::store;

#[derive(Debug, Deserialize)]
pub(super) struct Read {
    ticket: String,
}

/// `POST /read {ticket}`: the caller has read what there is; pages count from here what is unread.
pub(super) async fn mark(principal: Principal, Json(read): Json<Read>) -> Result<Json<Value>, Problem> {
    let actor = actor(&principal);
    let tx = store::snapshot().await?;
    admitted(&tx, &actor, &read.ticket).await?;
    tx.rollback().await?;
    let now = clock::now();
    store::mark_read(&read.ticket, actor.id, now.0).await?;
    Ok(Json(json!({ "read_at": now.rfc3339() })))
}
