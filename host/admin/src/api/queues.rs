//! What waits between components, what was given up, and what is done about it.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::IntoResponse;
use control::{Kind, Refusal};
use serde::Deserialize;

use super::{Answer, Shared, request, within};
use crate::access::Caller;
use crate::{Operator, Which};

/// Counting looks at every message there is.
const READ_LIMIT: Duration = Duration::from_secs(30);
/// A full queue on a small machine; what is not done then goes on.
const CHANGE_LIMIT: Duration = Duration::from_mins(10);
/// Dead letters in one answer, and where nobody says how many.
const PEEK_MAX: u32 = 100;
const PEEK_DEFAULT: u32 = 10;
/// One durable write, and a look at what is there.
const PAUSE_LIMIT: Duration = Duration::from_secs(30);
/// Ids in one order: more than anybody writes by hand.
const IDS_MAX: usize = 1_000;

/// What becomes of dead letters.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    Redrive,
    Discard,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    limit: Option<u32>,
    #[serde(default)]
    body: bool,
}

/// A list of `QueueView`.
pub(super) async fn list(State(shared): State<Shared>) -> Answer {
    let queues = within(READ_LIMIT, shared.operator.queues.list()).await??;
    Ok(Json(queues).into_response())
}

/// A list of `DeadLetterView`, oldest first; `limit` at most 100, 10 by default. Bodies may hold what is personal: for
/// those who look after the queue.
pub(super) async fn peek(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path(queue): Path<String>,
    uri: Uri,
) -> Answer {
    let Query { limit, body } = request::query(&uri)?;
    if body {
        caller.may_work(&queue)?;
    }
    let limit = limit.unwrap_or(PEEK_DEFAULT).min(PEEK_MAX);
    let letters = within(READ_LIMIT, shared.operator.queues.peek(queue, limit, body)).await??;
    Ok(Json(letters).into_response())
}

/// `Changed`.
pub(super) async fn settle(
    State(shared): State<Shared>,
    (Extension(caller), Path(queue)): (Extension<Caller>, Path<String>),
    headers: HeaderMap,
    body: Body,
    fate: Fate,
) -> Answer {
    caller.may_work(&queue)?;
    let which: Which = request::json(&headers, body).await?;
    if matches!(&which, Which::Ids(ids) if ids.is_empty() || ids.len() > IDS_MAX) {
        return Err(Refusal::new(Kind::Invalid, format!("name 1 to {IDS_MAX} ids, or all")).into());
    }
    let Operator { queues, .. } = shared.operator;
    let changing = match fate {
        Fate::Redrive => queues.redrive(queue, which, caller.who),
        Fate::Discard => queues.discard(queue, which, caller.who),
    };
    let changed = within(CHANGE_LIMIT, changing).await??;
    Ok(Json(changed).into_response())
}

/// `Paused`.
pub(super) async fn set_paused(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path(queue): Path<String>,
    paused: bool,
) -> Answer {
    caller.may_work(&queue)?;
    let state = within(PAUSE_LIMIT, shared.operator.queues.set_paused(queue, paused, caller.who)).await??;
    Ok(Json(state).into_response())
}
