//! Open event streams, and somebody who publishes the numbers from 1 on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{interval, timeout};

use super::connection::{Connection, chain};
use super::request::{Heard, ask};
use super::{Kind, Shared, TIMEOUT};

const CHANNEL: &str = "news:all";

/// Those who listen, and who speaks.
#[derive(Debug)]
pub(super) struct Listeners {
    listening: JoinSet<()>,
    publisher: JoinHandle<()>,
    end: watch::Sender<bool>,
    // The last number, once nothing more is published; listeners end when they have it.
    last: watch::Sender<Option<u64>>,
    published: Arc<AtomicU64>,
}

impl Listeners {
    pub(super) async fn open(shared: &Arc<Shared>, count: usize, rate: f64) -> Self {
        let (last, _) = watch::channel(None);
        let (end, ended) = watch::channel(false);
        let mut listening = JoinSet::new();
        for number in 0..count {
            match subscribe(shared, number).await {
                Ok((connection, body)) => {
                    shared.tally.lock().unwrap().streams.opened += 1;
                    listening.spawn(listen(Arc::clone(shared), connection, body, last.subscribe()));
                }
                Err(reason) => dropped(shared, &reason),
            }
        }
        let published = Arc::new(AtomicU64::new(0));
        let publisher = tokio::spawn(publish(Arc::clone(shared), rate, Arc::clone(&published), ended));
        Self { listening, publisher, end, last, published }
    }

    /// Publishes nothing more, and waits until everybody has the last event.
    pub(super) async fn close(mut self, shared: &Shared) {
        self.end.send_replace(true);
        self.publisher.await.unwrap();
        let last = self.published.load(Ordering::SeqCst);
        self.last.send_replace(Some(last));
        let all = async { while self.listening.join_next().await.is_some() {} };
        if timeout(TIMEOUT, all).await.is_err() {
            let mut tally = shared.tally.lock().unwrap();
            tally.streams.missing += 1;
            tally.streams.note(format!("event {last} did not reach everybody"));
        }
    }
}

fn dropped(shared: &Shared, reason: &str) {
    let mut tally = shared.tally.lock().unwrap();
    tally.streams.dropped += 1;
    tally.streams.note(reason.to_owned());
}

async fn subscribe(shared: &Shared, number: usize) -> Result<(Connection, Incoming), String> {
    let request = Request::builder()
        // A channel of its own beside the one for everybody: few streams may have exactly the same ones.
        .uri(format!("/events?channel={CHANNEL},news:{number}"))
        .header("host", shared.connections.host())
        .header("accept", "text/event-stream")
        .header("cookie", format!("wharf-client={number:032x}"))
        .body(Full::new(Bytes::new()))
        .unwrap();
    let mut connection = shared.connections.open().await?;
    let answer = connection.send_request(request).await.map_err(|error| chain(&error))?;
    if answer.status() != StatusCode::OK {
        return Err(format!("answered {}", answer.status()));
    }
    Ok((connection, answer.into_body()))
}

/// Reads events until the last one has come. The connection is held for as long.
async fn listen(
    shared: Arc<Shared>,
    connection: Connection,
    mut body: Incoming,
    mut end: watch::Receiver<Option<u64>>,
) {
    let (mut text, mut seen) = (String::new(), 0_u64);
    let is_last = |seen: u64, end: &watch::Receiver<Option<u64>>| end.borrow().is_some_and(|last| seen >= last);
    while !is_last(seen, &end) {
        let frame = tokio::select! {
            frame = body.frame() => frame,
            _ = end.changed() => continue,
        };
        let data = match frame {
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            Some(Err(error)) => return dropped(&shared, &chain(&error)),
            None => return dropped(&shared, "ended"),
        };
        text.push_str(&String::from_utf8_lossy(&data));
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        let mut tally = shared.tally.lock().unwrap();
        for number in text[..whole].lines().filter_map(|line| line.strip_prefix("data:")) {
            let number: u64 = number.trim().parse().unwrap_or_default();
            tally.streams.events += 1;
            tally.streams.again += u64::from(number <= seen);
            tally.streams.missing += number.saturating_sub(seen + 1);
            seen = seen.max(number);
        }
        drop(tally);
        text.drain(..whole);
    }
    drop(connection);
}

async fn publish(shared: Arc<Shared>, rate: f64, published: Arc<AtomicU64>, mut ended: watch::Receiver<bool>) {
    const KIND: Kind = Kind::Page("/publish");
    let mut ticks = interval(Duration::from_secs_f64(1.0 / rate));
    for number in 1_u64.. {
        tokio::select! {
            biased;
            _ = ended.changed() => return,
            _ = ticks.tick() => {}
        }
        let path = format!("/publish?channel={CHANNEL}&data={number}");
        match timeout(TIMEOUT, ask(&shared, "POST", &path, Bytes::new(), 0)).await {
            Ok(Ok(Heard { status: StatusCode::OK, .. })) => published.store(number, Ordering::SeqCst),
            Ok(Ok(Heard { status, text, .. })) => {
                shared.tally.lock().unwrap().fail(KIND, format!("{status}: {text}"));
            }
            Ok(Err(reason)) => shared.tally.lock().unwrap().fail(KIND, reason),
            Err(_) => shared.tally.lock().unwrap().fail(KIND, "no answer"),
        }
    }
}
