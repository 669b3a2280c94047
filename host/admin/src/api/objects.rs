//! Files on their way into the store.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use edge::{Problem, Slug};
use rollout::Digest;

use super::{Answer, Shared, request, within};
use crate::OBJECT_BYTES_MAX;
use crate::refusal::Refused;

/// How long an upload may wait for those before it.
const TURN_LIMIT: Duration = Duration::from_mins(1);
/// A whole upload, and its way to the disk: 64 MiB over a slow line of 1 Mbit/s.
const UPLOAD_LIMIT: Duration = Duration::from_mins(10);

/// 204, or 404.
pub(super) async fn has(State(shared): State<Shared>, Path(digest): Path<String>) -> Answer {
    let digest = parse(&digest)?;
    let control = shared.operator.control;
    let has = tokio::task::spawn_blocking(move || control.has(digest)).await.unwrap_or_default();
    if has { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(Refused(Problem::new(Slug::NotFound))) }
}

/// Takes the file and answers 204 once it is in the store.
pub(super) async fn keep(
    State(shared): State<Shared>,
    Path(digest): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let digest = parse(&digest)?;
    let busy = || Problem::new(Slug::Overloaded).detail("Others are sending files.").retry_after(TURN_LIMIT);
    let turn = tokio::time::timeout(TURN_LIMIT, shared.uploads.acquire()).await;
    let _turn = turn.ok().and_then(Result::ok).ok_or_else(busy)?;
    within(UPLOAD_LIMIT, async {
        let bytes = request::bytes(&headers, body, OBJECT_BYTES_MAX).await?;
        let measured = tokio::task::spawn_blocking(move || (Digest::of(&bytes), bytes)).await;
        let (found, bytes) = measured.map_err(|_| Problem::new(Slug::Internal))?;
        if found != digest {
            return Err(control::Refusal::from(rollout::Error::Mismatch { expected: digest, found }).into());
        }
        shared.operator.control.keep(digest, bytes).await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await?
}

fn parse(digest: &str) -> Result<Digest, Refused> {
    digest.parse().map_err(|error| control::Refusal::from(error).into())
}
