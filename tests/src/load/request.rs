//! One request, and whether its answer is right.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode};
use tokio::time::{Instant, timeout};

use super::connection::chain;
use super::{Shared, TIMEOUT, now_us, since};

/// What somebody asks the fixture `release`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Reads a row.
    Read,
    /// Writes a row.
    Write,
    /// Writes a row and sends a message in one transaction.
    Work,
    /// Writes a row and sends so many messages in one transaction.
    Batch(u32),
    /// Sends a message, and writes nothing.
    Send,
    /// Takes two seconds.
    Slow,
    /// Sends this many KiB and is told their checksum.
    Upload(u32),
    /// Has both components name their version.
    Mix,
    /// Any path.
    Page(&'static str),
}

impl Kind {
    /// Whether its latency is the host's rather than its own.
    pub(super) const fn is_quick(self) -> bool {
        !matches!(self, Self::Slow | Self::Upload(_))
    }

    /// Of its own or of its message.
    pub(super) const fn leaves_a_row(self) -> bool {
        matches!(self, Self::Write | Self::Work | Self::Batch(_) | Self::Send)
    }

    fn request(self, id: &str) -> (&'static str, String, Bytes) {
        let empty = Bytes::new();
        match self {
            Self::Read => ("GET", format!("/read?id={id}"), empty),
            Self::Write => ("POST", format!("/write?id={id}"), empty),
            Self::Work => ("POST", format!("/work?id={id}"), empty),
            Self::Batch(messages) => ("POST", format!("/work?id={id}&messages={messages}"), empty),
            Self::Send => ("POST", format!("/send?id={id}"), empty),
            Self::Slow => ("GET", "/slow".to_owned(), empty),
            Self::Upload(kib) => ("POST", "/upload".to_owned(), content(kib)),
            Self::Mix => ("GET", "/mix".to_owned(), empty),
            Self::Page(path) => ("GET", path.to_owned(), empty),
        }
    }
}

fn content(kib: u32) -> Bytes {
    let length = usize::try_from(kib).unwrap() << 10;
    (0..=250_u8).cycle().take(length).collect::<Vec<_>>().into()
}

fn checksum(bytes: &[u8]) -> String {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    format!("{} {:016x}", bytes.len(), bytes.iter().fold(0xcbf2_9ce4_8422_2325, step))
}

/// An answer that was read whole.
pub(super) struct Heard {
    pub(super) status: StatusCode,
    pub(super) version: String,
    pub(super) text: String,
}

/// Makes the request and counts what came of it.
pub(super) async fn make(shared: &Shared, kind: Kind, client: u32, number: u64) {
    let id = format!("{}-{number}", shared.name);
    let (method, path, body) = kind.request(&id);
    let expected = matches!(kind, Kind::Upload(_)).then(|| checksum(&body));
    let (begun, begun_us) = (Instant::now(), now_us());
    let outcome = timeout(TIMEOUT, ask(shared, method, &path, body, client)).await;
    let took = since(begun);
    let mut tally = shared.tally.lock().unwrap();
    tally.requests += 1;
    if kind == Kind::Send {
        tally.sending.add(took);
    }
    let heard = match outcome {
        Ok(Ok(heard)) => heard,
        Ok(Err(reason)) => {
            tally.unsure.extend(kind.leaves_a_row().then_some(id));
            return tally.fail(kind, reason);
        }
        Err(_) => {
            tally.unsure.extend(kind.leaves_a_row().then_some(id));
            return tally.fail(kind, format!("no answer within {} s", TIMEOUT.as_secs()));
        }
    };
    let Heard { status, version, text } = heard;
    let good = status == StatusCode::OK;
    tally.seen(&version, good, begun_us);
    if !good {
        tally.unsure.extend(kind.leaves_a_row().then_some(id));
        return tally.fail(kind, format!("{status} by `{version}`: {}", text.chars().take(200).collect::<String>()));
    }
    if kind.is_quick() {
        tally.took(kind, took);
    }
    match kind {
        Kind::Write => tally.written.push(id),
        Kind::Work => {
            tally.written.push(id.clone());
            tally.sent.push(id);
        }
        Kind::Batch(messages) => {
            tally.sent.extend((1..messages).map(|number| format!("{id}.{number}")));
            tally.written.push(id.clone());
            tally.sent.push(id);
        }
        Kind::Send => tally.sent.push(id),
        Kind::Mix => *tally.mixes.entry(text).or_default() += 1,
        Kind::Upload(_) if Some(&text) != expected.as_ref() => {
            tally.fail(kind, format!("checksum {text}, not {}", expected.unwrap_or_default()));
        }
        _ => {}
    }
}

/// Sends one request and reads its answer.
pub(super) async fn ask(shared: &Shared, method: &str, path: &str, body: Bytes, client: u32) -> Result<Heard, String> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", shared.connections.host())
        .header("cookie", format!("wharf-client={client:032x}"))
        .body(Full::new(body))
        .unwrap();
    let (connection, answer) = shared.connections.send(request).await?;
    let status = answer.status();
    let version = answer.headers().get("x-version").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let version = version.to_owned();
    let body = answer.into_body().collect().await.map_err(|error| format!("cut: {}", chain(&error)))?;
    shared.connections.keep(connection);
    Ok(Heard { status, version, text: String::from_utf8_lossy(&body.to_bytes()).into_owned() })
}
