//! The last lines of the log, and the next ones as they come.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::Uri;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use edge::{Problem, Slug};
use futures::Stream;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_util::sync::CancellationToken;
use tracing::Level;

use super::{Answer, Shared, request};
use crate::logs::{Excerpt, Logs, Selection};

/// Lines where nobody says how many.
const LINES_DEFAULT: usize = 100;
/// An empty line comes when nothing else does, so that either side notices when the other is gone.
const HEARTBEAT: Duration = Duration::from_secs(15);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    component: Option<String>,
    level: Option<String>,
    lines: Option<usize>,
    #[serde(default)]
    follow: bool,
    #[serde(default)]
    access: bool,
}

/// JSON lines, oldest first. `level` is the least severe one wanted, `trace` by default; `access` adds the access log.
pub(super) async fn logs(State(shared): State<Shared>, uri: Uri) -> Answer {
    let Query { component, level, lines, follow, access } = request::query(&uri)?;
    let level = level.map_or(Ok(Level::TRACE), |level| level.parse());
    let level = level.map_err(|_| {
        Problem::new(Slug::BadRequest).detail("`level` is one of `error`, `warn`, `info`, `debug` and `trace`.")
    })?;
    let selection = Selection { component, level, access };
    let logs = shared.operator.logs;
    let lines = lines.unwrap_or(LINES_DEFAULT);
    if !follow {
        let excerpt = logs.last(&selection, lines);
        return Ok(response(Body::from(text(&excerpt))));
    }
    let busy = || Problem::new(Slug::Overloaded).detail("Too many follow the log already.").retry_after(HEARTBEAT);
    let place = shared.followers.try_acquire_owned().map_err(|_| busy())?;
    // Subscribed first: no line falls between.
    let changes = logs.changes();
    let excerpt = logs.last(&selection, lines);
    let follower = Follower { logs, selection, changes, newest: 0, shutdown: shared.shutdown, _place: place };
    Ok(response(Body::from_stream(follower.stream(excerpt))))
}

fn response(body: Body) -> Response {
    ([(CONTENT_TYPE, "application/x-ndjson"), (CACHE_CONTROL, "no-store")], body).into_response()
}

fn text(excerpt: &Excerpt) -> Bytes {
    let mut text = String::new();
    for line in &excerpt.lines {
        text.push_str(line);
        text.push('\n');
    }
    text.into()
}

struct Follower {
    logs: Logs,
    selection: Selection,
    changes: watch::Receiver<u64>,
    newest: u64,
    shutdown: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl Follower {
    fn stream(mut self, first: Excerpt) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        self.newest = first.newest;
        futures::stream::unfold((self, Some(first)), |(mut follower, first)| async move {
            let bytes = match first {
                Some(first) => text(&first),
                None => follower.next().await?,
            };
            Some((Ok(bytes), (follower, None)))
        })
    }

    /// The next lines; `None` when the host stops.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let changed = tokio::time::timeout(HEARTBEAT, self.changes.changed());
            match self.shutdown.run_until_cancelled(changed).await? {
                Err(_) => return Some(Bytes::from_static(b"\n")),
                Ok(Err(_)) => return None,
                Ok(Ok(())) => {}
            }
            let excerpt = self.logs.since(&self.selection, self.newest);
            self.newest = excerpt.newest;
            if !excerpt.lines.is_empty() {
                return Some(text(&excerpt));
            }
        }
    }
}
