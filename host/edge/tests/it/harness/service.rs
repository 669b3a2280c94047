//! A service with one path for each behaviour that a test needs.

use std::cell::RefCell;
use std::fmt::Write;
use std::sync::Arc;

use body::{BoxError, Request, Response};
use bytes::Bytes;
use futures::StreamExt;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tokio::sync::Notify;

/// Where tests and the service meet.
#[derive(Default)]
pub(crate) struct Stage {
    pub(crate) entered: Notify,
    pub(crate) gate: Notify,
    pub(crate) left: Notify,
    pub(crate) endless_ended: Notify,
}

#[derive(Debug, thiserror::Error)]
#[error("full")]
pub(crate) struct Full;

thread_local! {
    // Each test has a runtime on its own thread.
    static LAST_ERROR: RefCell<String> = const { RefCell::new(String::new()) };
}

pub(crate) fn remember(error: &BoxError) {
    LAST_ERROR.set(error.to_string());
}

pub(crate) fn last_error() -> String {
    LAST_ERROR.with_borrow(Clone::clone)
}

struct Leaving(Arc<Stage>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.left.notify_one();
    }
}

struct Ending(Arc<Stage>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.endless_ended.notify_one();
    }
}

pub(crate) fn service(stage: &Arc<Stage>) -> body::Service {
    let stage = Arc::clone(stage);
    body::Service::new(tower::service_fn(move |request| answer(Arc::clone(&stage), request)))
}

async fn answer(stage: Arc<Stage>, request: Request) -> Result<Response, BoxError> {
    let body = match request.uri().path() {
        "/hello" => body::full("hello"),
        "/headers" => body::full(describe(&request)),
        "/echo" => request.into_body(),
        "/collect" => body::full(request.into_body().collect().await?.to_bytes()),
        "/api/error" => return Err(Box::new(Full)),
        "/panic" => panic!("secret of the panic"),
        "/gate" => {
            let _leaving = Leaving(Arc::clone(&stage));
            stage.entered.notify_one();
            stage.gate.notified().await;
            body::full("through the gate")
        }
        "/endless" => {
            let ending = Ending(stage);
            let frames = futures::stream::repeat_with(move || {
                let _ending = &ending;
                Ok::<_, BoxError>(Frame::data(Bytes::from_static(&[b'x'; 4096])))
            });
            StreamBody::new(frames.boxed()).boxed_unsync()
        }
        path => panic!("no such path {path}"),
    };
    Ok(Response::new(body))
}

fn describe(request: &Request) -> String {
    let mut lines: Vec<String> =
        request.headers().iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap())).collect();
    lines.sort();
    let mut text = lines.concat();
    let client = request.extensions().get::<body::ClientAddress>().unwrap();
    let id = request.extensions().get::<body::RequestId>().unwrap();
    writeln!(text, "client {} id {}", client.0.ip(), id.0).unwrap();
    text
}
