//! One route for each thing that a deploy could break.

use std::hash::{BuildHasher, RandomState};

use sdk::Outgoing;
use sdk::axum::http::{Error, Response};
use sdk::http::Incoming;
use spin_sdk::http::body::IncomingBodyExt;
use spin_sdk::wasip3::clocks::monotonic_clock;

use crate::block;

/// An answer: small, and whole when it leaves.
pub(crate) type Reply = Result<Response<String>, Error>;

const MS: u64 = 1_000_000;

/// An answer in plain text, with the version's label as a header.
pub(crate) fn plain(status: u16, text: &str) -> Reply {
    let head = Response::builder().status(status).header("x-version", block::version());
    head.header("content-type", "text/plain").body(text.to_owned())
}

/// Routes that the host calls: what the block says of people's requests is not for them.
const OF_THE_HOST: [&str; 4] = ["/readyz", "/messages", "/tick", "/assets.json"];

pub(crate) async fn answer(request: Incoming) -> Reply {
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    if !OF_THE_HOST.contains(&path.as_str())
        && let Some(reply) = misbehave(&path).await
    {
        return reply;
    }
    match path.as_str() {
        "/readyz" if block::text("ready") == Some("fail") => plain(503, "this version is never ready"),
        "/messages" => crate::consumer::consume(&request).await,
        "/tick" => crate::consumer::tick(&request).await,
        "/read" => read(&query).await,
        "/write" => write(&query).await,
        "/work" => work(&query).await,
        "/send" => send(&query).await,
        "/slow" => slow(&query).await,
        "/upload" => upload(request).await,
        "/events" => events(&query),
        "/publish" => publish(&query).await,
        "/mix" => mix().await,
        "/child" => plain(200, block::version()),
        "/assets.json" => plain(200, &format!("[\"{}\"]", asset())),
        _ if path.starts_with("/assets/") && path != asset() => plain(404, "no such file"),
        _ => plain(200, block::version()),
    }
}

/// A small draw from 0 to 99.
fn percent() -> u64 {
    RandomState::new().hash_one(0_u8) % 100
}

async fn misbehave(path: &str) -> Option<Reply> {
    assert!(block::text("trap").is_none_or(|route| route != path), "as this version's block says");
    let delay = block::number("delay_ms");
    if delay > 0 {
        monotonic_clock::wait_for(delay * MS).await;
    }
    (percent() < block::number("errors")).then(|| plain(500, "as this version's block says"))
}

/// A value of the query, or the empty text.
fn parameter<'a>(query: &'a str, name: &str) -> &'a str {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map_or("", |(_, value)| value)
}

async fn read(query: &str) -> Reply {
    let found = sdk::sql::query("SELECT id FROM writes WHERE id = $1", [parameter(query, "id").into()]).await;
    match found {
        Ok(rows) => plain(200, &rows.len().to_string()),
        Err(error) => plain(503, &format!("{error:?}")),
    }
}

async fn write(query: &str) -> Reply {
    let row = [parameter(query, "id").into(), block::version().into()];
    match sdk::sql::execute("INSERT INTO writes (id, version) VALUES ($1, $2)", row).await {
        Ok(_) => plain(200, "written"),
        Err(error) => plain(503, &format!("{error:?}")),
    }
}

/// A write and `messages` of them, one without a word, in one transaction. Of several the first has the write's id, the
/// others add their number to it.
async fn work(query: &str) -> Reply {
    let id = parameter(query, "id");
    let count: u32 = parameter(query, "messages").parse().unwrap_or(1);
    let others = (1..count).map(|number| Outgoing { id: Some(format!("{id}.{number}")), ..message(query) });
    let messages: Vec<_> = [message(query)].into_iter().chain(others).collect();
    let all = || async {
        let transaction = sdk::sql::begin().await?;
        let row = [id.into(), block::version().into()];
        transaction.execute("INSERT INTO writes (id, version) VALUES ($1, $2)", row).await?;
        for message in &messages {
            transaction.send(message).await?;
        }
        transaction.commit().await
    };
    match sdk::sql::retry(all).await {
        Ok::<(), sdk::sql::Error>(()) => plain(200, "sent"),
        Err(error) => plain(503, &format!("{error:?}")),
    }
}

/// A message alone.
async fn send(query: &str) -> Reply {
    match sdk::queue::send(&message(query)).await {
        Ok(_) => plain(200, "sent"),
        Err(error) => plain(503, &format!("{error:?}")),
    }
}

/// About the version that sends it.
fn message(query: &str) -> Outgoing {
    Outgoing {
        id: Some(parameter(query, "id").to_owned()),
        topic: "work.do".to_owned(),
        subject: Some(block::version().to_owned()),
        content_type: "text/plain".to_owned(),
        body: Vec::new(),
        group_key: None,
        dedupe_key: None,
        priority: 4,
        delay_ms: parameter(query, "delay_ms").parse().unwrap_or_default(),
    }
}

async fn slow(query: &str) -> Reply {
    let ms = parameter(query, "ms").parse().unwrap_or(2_000);
    monotonic_clock::wait_for(ms * MS).await;
    plain(200, "slow")
}

/// Answers the length of the body and its FNV-1a checksum.
async fn upload(request: Incoming) -> Reply {
    let Ok(bytes) = request.into_body().bytes().await else {
        return plain(400, "the body broke off");
    };
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let checksum = bytes.iter().fold(0xcbf2_9ce4_8422_2325, step);
    plain(200, &format!("{} {checksum:016x}", bytes.len()))
}

fn events(query: &str) -> Reply {
    let head = Response::builder().header("x-version", block::version());
    head.header(sdk::live::CHANNELS_HEADER, parameter(query, "channel")).body(String::new())
}

async fn publish(query: &str) -> Reply {
    let number: u64 = parameter(query, "data").parse().unwrap_or_default();
    match sdk::live::publish(parameter(query, "channel"), "news", &number).await {
        Ok(id) => plain(200, &id),
        Err(error) => plain(503, &format!("{error:?}")),
    }
}

/// The versions of both components that took part: `v7 v7`.
async fn mix() -> Reply {
    match sdk::http::fetch("http://back.spin.internal/child", 256).await {
        Ok(other) => plain(200, &format!("{} {}", block::version(), String::from_utf8_lossy(&other))),
        Err(problem) => plain(502, &format!("{problem:?}")),
    }
}

/// A file whose name changes with the version, as hashed assets do.
fn asset() -> String {
    format!("/assets/{}.txt", block::version())
}
