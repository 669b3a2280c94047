//! Event streams are held by the host and outlive instances.

use serde_json::json;
use tests::event_stream::EventStream;
use tests::powers::builder;

#[test]
fn an_event_reaches_every_open_stream_of_its_channel_and_no_other() {
    let host = builder().start();
    let client = host.client();
    let mut streams: Vec<_> =
        (0..3).map(|_| EventStream::open(&client, "/stream?channels=news:a,news:b", None)).collect();
    let publish = |channel: &str, text: &str| {
        client.post("/publish", &json!({ "channel": channel, "data": text })).expect(200);
    };
    publish("news:other", "not for them");
    publish("news:a", "first");
    publish("news:b", "second");
    for stream in &mut streams {
        assert_eq!(stream.status, 200);
        let events = [stream.next_event(), stream.next_event()];
        assert_eq!(events.each_ref().map(|event| event.data.as_str()), ["\"first\"", "\"second\""]);
        assert_eq!(events[0].name, "news");
    }
}

#[test]
fn a_stream_resumes_after_the_last_event_it_saw() {
    let host = builder().start();
    let client = host.client();
    let mut stream = EventStream::open(&client, "/stream?channels=news:a", None);
    let publish = |text: &str| client.post("/publish", &json!({ "channel": "news:a", "data": text })).expect(200);
    publish("one");
    let seen = stream.next_event();
    drop(stream);
    publish("two");
    publish("three");
    let mut resumed = EventStream::open(&client, "/stream?channels=news:a", Some(&seen.id));
    assert_eq!([resumed.next_event().data, resumed.next_event().data], ["\"two\"", "\"three\""]);
}

#[test]
fn a_channel_outside_the_grant_opens_nothing() {
    let host = builder().start();
    let answer = host.client().get("/stream?channels=user:somebody").expect(500);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("wharf-event-channels"), "", "the header never leaves the host");
}
