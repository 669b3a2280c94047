//! What begins, steers and undoes a rollout.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use control::{Change, Kind, Order, Refusal, Verb};
use rollout::ReleaseId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Answer, Shared, request, within};
use crate::access::{Caller, forbidden};
use crate::refusal::Refused;

/// Compiling a large component on a small machine takes minutes.
const COMPILE_LIMIT: Duration = Duration::from_mins(10);
/// Everything else is a record and a pointer.
const ACT_LIMIT: Duration = Duration::from_secs(30);
/// Longest note of an order.
const NOTE_MAX: usize = 1_000;

/// A way back: the body of `POST /v1/rollback`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Return {
    /// Where to; absent: what was live before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<ReleaseId>,
    /// Only say what it means.
    pub dry_run: bool,
    /// Go, although something is not seen any more afterwards.
    pub accept_loss: bool,
}

/// `PlanView`.
pub(super) async fn plan(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let change: Change = request::json(&headers, body).await?;
    caller.may_change(&change)?;
    let plan = within(COMPILE_LIMIT, shared.operator.control.plan(change)).await??;
    Ok(Json(plan).into_response())
}

/// 202 and the number of the release that is on its way.
pub(super) async fn deploy(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let order: Order = request::json(&headers, body).await?;
    caller.may_order(&order)?;
    if order.note.len() > NOTE_MAX {
        let message = format!("the note is longer than {NOTE_MAX} bytes; shorten it");
        return Err(Refusal::new(Kind::Invalid, message).into());
    }
    let release = within(COMPILE_LIMIT, shared.operator.control.deploy(order, caller.who)).await??;
    Ok((StatusCode::ACCEPTED, Json(json!({ "release": release }))).into_response())
}

/// `Status` after the verb.
pub(super) async fn act(State(shared): State<Shared>, Extension(caller): Extension<Caller>, verb: Verb) -> Answer {
    let control = shared.operator.control;
    if !caller.deploys_all() {
        let candidate = control.status().rollout.map(|rollout| rollout.candidate);
        let releases = within(ACT_LIMIT, control.releases()).await??;
        let own = |id| releases.iter().any(|view| view.release.id == id && view.release.by == caller.who);
        if !candidate.is_none_or(own) {
            return Err(forbidden("This token steers only the rollouts that it began; others need `deploy:*`.").into());
        }
    }
    let status = within(ACT_LIMIT, control.act(verb, caller.who)).await??;
    Ok(Json(status).into_response())
}

/// `RollbackView`.
pub(super) async fn rollback(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let Return { release, dry_run, accept_loss } = request::json(&headers, body).await?;
    let going = shared.operator.control.rollback(release, dry_run, accept_loss, caller.who);
    let view = within(COMPILE_LIMIT, going).await?.map_err(Refused::from)?;
    Ok(Json(view).into_response())
}
