//! What a component may publish, and how its answer becomes a stream.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use body::Response;
use http::HeaderValue;
use http_body_util::BodyExt;
use live::{CHANNELS, Config, Error, LiveProvider};
use manifest::{Component, Grants, Instances, Limits, Source};

fn component(events: &[&str]) -> Component {
    Component {
        id: "notifications".to_owned(),
        description: String::new(),
        source: Source::File("n.wasm".to_owned()),
        build: None,
        variables: std::collections::BTreeMap::new(),
        environment: std::collections::BTreeMap::new(),
        grants: Grants { events: events.iter().map(ToString::to_string).collect(), ..Grants::default() },
        limits: Limits::default(),
        instances: Instances::default(),
        ready: None,
        demo: None,
        assets: None,
        watch: Vec::new(),
    }
}

fn answer(status: u16, channels: Option<&str>) -> Response {
    let mut builder = http::Response::builder().status(status).header("content-length", "2").header("x-own", "kept");
    if let Some(channels) = channels {
        builder = builder.header(CHANNELS, channels);
    }
    builder.extension(body::RequestId("r".into())).body(body::full("ok")).unwrap()
}

#[tokio::test(start_paused = true)]
async fn publishing_needs_a_grant_for_the_channel() {
    let live = LiveProvider::new(Config::default());
    let ctx = live.prepare(&component(&["user:*", "board"]));
    assert!(ctx.publish("user:1", "note", "{}").is_ok());
    assert!(ctx.publish("board", "note", "{}").is_ok());
    let denied = Error::Denied { component: "notifications".to_owned(), channel: "boards".to_owned() };
    assert_eq!(ctx.publish("boards", "note", "{}"), Err(denied));
    assert!(matches!(live.prepare(&component(&[])).publish("board", "note", "{}"), Err(Error::Denied { .. })));
    assert!(matches!(ctx.publish("user:1\n", "note", "{}"), Err(Error::Invalid { field: "channel", .. })));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_names_granted_channels_becomes_a_stream() {
    let live = LiveProvider::new(Config::default());
    let component = component(&["user:*"]);
    let first = live.prepare(&component).publish("user:1", "note", "first").unwrap();
    live.prepare(&component).publish("user:2", "note", "missed").unwrap();
    let resume = HeaderValue::from_str(&first).unwrap();
    let stream = live.intercept(&component, Some(&resume), answer(200, Some("user:1, user:2"))).unwrap();
    assert_eq!(stream.status(), 200);
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert_eq!(stream.headers()["cache-control"], "no-cache");
    assert_eq!(stream.headers()["x-accel-buffering"], "no");
    assert_eq!(stream.headers()["x-own"], "kept");
    assert!(!stream.headers().contains_key(CHANNELS) && !stream.headers().contains_key("content-length"));
    assert!(stream.extensions().get::<body::RequestId>().is_some());
    let mut body = stream.into_body();
    let mut text = String::new();
    while !text.contains("missed") {
        let frame = tokio::time::timeout(Duration::from_secs(1), body.frame()).await.unwrap().unwrap().unwrap();
        text.push_str(str::from_utf8(frame.data_ref().unwrap()).unwrap());
    }
    assert!(!text.contains("first"));
}

#[tokio::test(start_paused = true)]
async fn other_answers_stay_but_never_show_the_header() {
    let live = LiveProvider::new(Config::default());
    for response in [answer(403, Some("user:1")), answer(204, Some("user:1")), answer(200, None)] {
        let status = response.status();
        let same = live.intercept(&component(&["user:*"]), None, response).unwrap();
        assert_eq!(same.status(), status);
        assert!(!same.headers().contains_key(CHANNELS));
        assert_eq!(same.into_body().collect().await.unwrap().to_bytes(), "ok");
    }
    assert_eq!(live.hub().streams(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_channel_too_many_refuses_the_whole_stream() {
    let live = LiveProvider::new(Config::default());
    let component = component(&["user:*"]);
    let denied = live.intercept(&component, None, answer(200, Some("user:1,board")));
    assert_eq!(denied.err(), Some(Error::Denied { component: component.id.clone(), channel: "board".to_owned() }));
    let many: Vec<String> = (0..17).map(|number| format!("user:{number}")).collect();
    for list in [many.join(",").as_str(), "", ",", "user:1,", "user:*"] {
        let refused = live.intercept(&component, None, answer(200, Some(list)));
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{list:?}");
    }
    assert_eq!(live.hub().streams(), 0);
}
