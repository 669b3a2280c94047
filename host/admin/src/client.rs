//! The other side of the door: what the command line and tests ask with.

mod following;
mod place;
mod queues;

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use control::{Change, Order, PlanView, Refusal, ReleaseView, RollbackView, Status, Verb};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use rollout::{AuditLine, Digest, ReleaseId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use self::place::{Answered, Connection, Place};
use crate::api::Return;
use crate::refusal::Document;
use crate::{Error, OBJECT_BYTES_MAX};

pub use following::{Following, LogQuery};

/// Above the host's own limit for compiling and for receiving a file.
const LONG: Duration = Duration::from_secs(630);
/// Above the host's own limit for everything else.
const SHORT: Duration = Duration::from_secs(40);
/// Longest wait of [`Client::status_after`].
const WAIT_MAX: Duration = Duration::from_secs(30);
/// Largest answer: twenty releases of a thousand components.
const ANSWER_MAX: usize = 16 << 20;

/// A client of one host. Every call is a connection of its own, and bounded in time and size.
///
/// Futures may be dropped; what the host has begun goes on.
#[derive(Clone, Debug)]
pub struct Client {
    place: Place,
}

#[derive(Deserialize)]
struct Deployed {
    release: ReleaseId,
}

impl Client {
    /// Over the socket at this path.
    pub fn socket(path: &Path) -> Self {
        Self { place: Place::socket(path) }
    }

    /// Over HTTPS with a token. `ca` is a PEM file with the certificates to trust; without it those of the public web.
    ///
    /// # Errors
    /// [`Error::Address`], [`Error::Certificate`], [`Error::Tls`].
    pub fn remote(url: &str, token: &str, ca: Option<&Path>) -> Result<Self, Error> {
        Ok(Self { place: Place::remote(url, token, ca)? })
    }

    /// Whether the host has this object.
    ///
    /// # Errors
    /// See [`Error`]; the same for every call.
    pub async fn has(&self, digest: Digest) -> Result<bool, Error> {
        let (_, response) = self.send(Method::HEAD, &format!("/v1/objects/{digest}"), Bytes::new(), SHORT).await?;
        match response.status() {
            StatusCode::NOT_FOUND => Ok(false),
            status if status.is_success() => Ok(true),
            // An answer to HEAD has no body that says why.
            status if status.is_client_error() => {
                Err(Error::Denied(format!("this token may not send files (the host answers {})", status.as_u16())))
            }
            status => Err(self.place.strange(format!("status {}", status.as_u16()))),
        }
    }

    /// Gives the host an object of at most 64 MiB.
    ///
    /// # Errors
    /// [`Error::TooLarge`] before anything is sent.
    pub async fn keep(&self, digest: Digest, bytes: Bytes) -> Result<(), Error> {
        if bytes.len() > OBJECT_BYTES_MAX {
            return Err(Error::TooLarge { bytes: bytes.len(), max: OBJECT_BYTES_MAX });
        }
        let sending = async {
            let (connection, response) = self.send(Method::PUT, &format!("/v1/objects/{digest}"), bytes, LONG).await?;
            self.answer(&connection, response).await.map(drop)
        };
        self.place.within(LONG, sending).await
    }

    /// What a change would do.
    ///
    /// # Errors
    /// [`Error::Refused`] with what is wrong.
    pub async fn plan(&self, change: &Change) -> Result<PlanView, Error> {
        self.post("/v1/plan", change, LONG).await
    }

    /// Begins a rollout.
    ///
    /// # Errors
    /// [`Error::Refused`]; nothing has changed then.
    pub async fn deploy(&self, order: &Order) -> Result<ReleaseId, Error> {
        self.post::<_, Deployed>("/v1/deploy", order, LONG).await.map(|deployed| deployed.release)
    }

    /// What is live and what is on its way.
    ///
    /// # Errors
    /// As every call.
    pub async fn status(&self) -> Result<Status, Error> {
        self.get("/v1/status", SHORT).await
    }

    /// The same, as soon as its sequence is not `sequence`, or after `wait` (at most 30 s).
    ///
    /// # Errors
    /// As every call.
    pub async fn status_after(&self, sequence: u64, wait: Duration) -> Result<Status, Error> {
        let wait = wait.min(WAIT_MAX).as_secs();
        self.get(&format!("/v1/status?after={sequence}&wait_s={wait}"), SHORT).await
    }

    /// Promotes, pauses, resumes or aborts.
    ///
    /// # Errors
    /// [`Error::Refused`] where there is nothing to do it to.
    pub async fn act(&self, verb: Verb) -> Result<Status, Error> {
        let path = match verb {
            Verb::Promote => "/v1/promote",
            Verb::Pause => "/v1/pause",
            Verb::Resume => "/v1/resume",
            Verb::Abort => "/v1/abort",
        };
        self.post(path, &serde_json::Map::new(), SHORT).await
    }

    /// Goes back, or says what that means.
    ///
    /// # Errors
    /// [`Error::Refused`] where there is no way back.
    pub async fn rollback(&self, order: &Return) -> Result<RollbackView, Error> {
        self.post("/v1/rollback", order, LONG).await
    }

    /// Releases that are kept, the newest first.
    ///
    /// # Errors
    /// As every call.
    pub async fn releases(&self) -> Result<Vec<ReleaseView>, Error> {
        self.get("/v1/releases", SHORT).await
    }

    /// The last lines of the audit log, oldest first; at most 1,000.
    ///
    /// # Errors
    /// As every call.
    pub async fn audit(&self, count: usize) -> Result<Vec<AuditLine>, Error> {
        self.get(&format!("/v1/audit?count={count}"), SHORT).await
    }

    /// The last lines of the log, and the next ones where they are followed.
    ///
    /// # Errors
    /// As every call.
    pub async fn logs(&self, query: &LogQuery) -> Result<Following, Error> {
        let (connection, response) = self.send(Method::GET, &query.path(), Bytes::new(), SHORT).await?;
        if !response.status().is_success() {
            return Err(self.refusal(&connection, response).await);
        }
        Ok(Following::new(self.place.clone(), connection, response.into_body()))
    }

    async fn get<A: DeserializeOwned>(&self, path: &str, limit: Duration) -> Result<A, Error> {
        self.ask(Method::GET, path, Bytes::new(), limit).await
    }

    async fn post<Q: Serialize, A: DeserializeOwned>(
        &self,
        path: &str,
        question: &Q,
        limit: Duration,
    ) -> Result<A, Error> {
        let body = serde_json::to_vec(question).map_err(|error| self.place.strange(error.to_string()))?;
        self.ask(Method::POST, path, body.into(), limit).await
    }

    async fn ask<A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
        limit: Duration,
    ) -> Result<A, Error> {
        let asking = async {
            let (connection, response) = self.send(method, path, body, limit).await?;
            let bytes = self.answer(&connection, response).await?;
            serde_json::from_slice(&bytes).map_err(|error| self.place.strange(error.to_string()))
        };
        self.place.within(limit, asking).await
    }

    /// Sends a request and waits for the head of the answer. The connection lives as long as its task is held.
    async fn send(&self, method: Method, path: &str, body: Bytes, limit: Duration) -> Result<Answered, Error> {
        let mut request = Request::builder().method(method).uri(path);
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json").header(CONTENT_LENGTH, body.len());
        }
        let request = request.body(Full::new(body)).map_err(|error| self.place.strange(error.to_string()))?;
        self.place.within(limit, self.place.send(request)).await
    }

    /// The body of a good answer.
    async fn answer(&self, connection: &Connection, response: http::Response<Incoming>) -> Result<Bytes, Error> {
        if !response.status().is_success() {
            return Err(self.refusal(connection, response).await);
        }
        let body = Limited::new(response.into_body(), ANSWER_MAX).collect().await;
        body.map(http_body_util::Collected::to_bytes).map_err(|error| self.place.strange(error.to_string()))
    }

    /// The error in an answer that is not good.
    async fn refusal(&self, _connection: &Connection, response: http::Response<Incoming>) -> Error {
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_MAX).collect().await;
        let bytes = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let Ok(document) = serde_json::from_slice::<Document>(&bytes) else {
            return self.place.strange(format!("status {}", status.as_u16()));
        };
        let message = document.detail.unwrap_or(document.title);
        match (document.kind, status) {
            (Some(kind), _) => Error::Refused(Refusal { kind, message, details: document.details }),
            (None, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS) => {
                Error::Denied(message)
            }
            (None, _) => self.place.strange(format!("{}: {message}", status.as_u16())),
        }
    }
}
