//! Streams as a browser sees them, with time standing still unless a test moves it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fmt::Display;
use std::time::Duration;

use body::Body;
use http_body_util::BodyExt;
use live::{Config, Error, Hub};

/// What a browser makes of the bytes: events, and the id it would come back with.
struct Browser {
    body: Body,
    last_id: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Retry,
    Event(String, String),
    Place,
}

impl Browser {
    fn open(hub: &Hub, channels: &[&str], last_id: Option<&str>) -> Self {
        let channels = channels.iter().map(ToString::to_string).collect();
        Self { body: hub.subscribe(channels, last_id).unwrap(), last_id: last_id.map(str::to_owned) }
    }

    /// `None` when the stream has ended.
    async fn next(&mut self) -> Option<Seen> {
        let frame = self.body.frame().await?.unwrap().into_data().unwrap();
        let text = String::from_utf8(frame.to_vec()).unwrap();
        assert!(text.ends_with("\n\n"), "{text:?}");
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        if let Some(id) = field("id: ") {
            self.last_id = Some(id);
        }
        if text.starts_with("retry: ") {
            return Some(Seen::Retry);
        }
        Some(match field("event: ") {
            None => Seen::Place,
            Some(event) => Seen::Event(event, field("data: ").unwrap()),
        })
    }

    async fn skip_opening(&mut self) {
        assert_eq!(self.next().await, Some(Seen::Retry));
        assert_eq!(self.next().await, Some(Seen::Place));
    }

    /// The data of the next event.
    async fn data(&mut self) -> String {
        loop {
            match self.next().await {
                Some(Seen::Event(_, data)) => return data,
                Some(Seen::Retry | Seen::Place) => {}
                None => panic!("the stream has ended"),
            }
        }
    }
}

fn event(data: impl Display) -> Seen {
    Seen::Event("note".to_owned(), format!("{data}"))
}

fn publish(hub: &Hub, channel: &str, data: impl Display) -> String {
    hub.publish(channel, "note", &format!("{data}")).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_stream_has_what_its_channels_publish() {
    let hub = Hub::new(Config::default());
    publish(&hub, "a", "before");
    let mut browser = Browser::open(&hub, &["a", "b"], None);
    browser.skip_opening().await;
    publish(&hub, "a", 1);
    publish(&hub, "c", 2);
    let id = publish(&hub, "b", 3);
    assert_eq!(browser.next().await, Some(event(1)));
    assert_eq!(browser.next().await, Some(event(3)));
    assert_eq!(browser.last_id, Some(id));
}

/// The connection breaks after every possible event, in turn: the two halves make the whole.
#[tokio::test(start_paused = true)]
async fn a_resumed_stream_has_no_gap_and_no_duplicate() {
    for break_after in 0..20 {
        let hub = Hub::new(Config::default());
        let mut seen = Vec::new();
        let mut browser = Browser::open(&hub, &["a", "b"], None);
        browser.skip_opening().await;
        for number in 0..10 {
            publish(&hub, if number % 2 == 0 { "a" } else { "b" }, number);
            publish(&hub, "other", number);
            if number < break_after {
                seen.push(browser.data().await);
            }
        }
        let last_id = browser.last_id.clone();
        drop(browser);
        publish(&hub, "b", 10);
        let mut browser = Browser::open(&hub, &["b", "a"], last_id.as_deref());
        publish(&hub, "a", 11);
        while seen.len() < 12 {
            seen.push(browser.data().await);
        }
        let all: Vec<String> = (0..12).map(|number| number.to_string()).collect();
        assert_eq!(seen, all, "broken after {break_after}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_says_where_it_is_so_that_it_can_resume_later() {
    let config = Config::default();
    let hub = Hub::new(config);
    let mut browser = Browser::open(&hub, &["quiet"], None);
    browser.skip_opening().await;
    let before = tokio::time::Instant::now();
    let busy = publish(&hub, "busy", 1);
    assert_eq!(browser.next().await, Some(Seen::Place));
    assert_eq!(before.elapsed(), config.heartbeat);
    assert_eq!(browser.last_id.as_ref(), Some(&busy), "the heartbeat carries the newest id of all");
    // Much later, all that was kept is gone; the quiet stream has missed nothing, and knows it.
    for _ in 0..100 {
        assert_eq!(browser.next().await, Some(Seen::Place));
    }
    publish(&hub, "busy", 2);
    let mut again = Browser::open(&hub, &["quiet"], browser.last_id.as_deref());
    again.skip_opening().await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_resumed_is_reset() {
    let hub = Hub::new(Config { kept_per_channel: 2, ..Config::default() });
    let first = publish(&hub, "a", 1);
    let elsewhere = publish(&Hub::new(Config::default()), "a", 1);
    for number in 2..6 {
        publish(&hub, "a", number);
    }
    for id in [first.as_str(), &elsewhere, "", "nonsense", "ffffffffffffffff-1"] {
        let mut browser = Browser::open(&hub, &["a"], Some(id));
        assert_eq!(browser.next().await, Some(Seen::Retry), "{id}");
        assert_eq!(browser.next().await, Some(Seen::Event("reset".into(), "{}".into())), "{id}");
        assert_eq!(browser.next().await, Some(Seen::Place), "{id}");
        let id = publish(&hub, "a", "live");
        assert_eq!(browser.next().await, Some(event("live")));
        assert_eq!(browser.last_id, Some(id));
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_cut_and_can_resume_while_others_go_on() {
    let hub = Hub::new(Config { queue: 8, ..Config::default() });
    let mut slow = Browser::open(&hub, &["a"], None);
    let mut quick = Browser::open(&hub, &["a"], None);
    slow.skip_opening().await;
    quick.skip_opening().await;
    for number in 0..20 {
        publish(&hub, "a", number);
        assert_eq!(quick.next().await, Some(event(number)));
    }
    assert_eq!(hub.streams(), 1, "the slow stream has no place any more");
    for number in 0..8 {
        assert_eq!(slow.next().await, Some(event(number)));
    }
    assert_eq!(slow.next().await, None);
    let mut again = Browser::open(&hub, &["a"], slow.last_id.as_deref());
    for number in 8..20 {
        assert_eq!(again.data().await, number.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn the_number_of_streams_is_bounded() {
    let hub = Hub::new(Config { streams: 4, streams_per_set: 2, ..Config::default() });
    let open = |channel: &str| hub.subscribe(vec![channel.to_owned()], None);
    let mut held = vec![open("a").unwrap(), open("a").unwrap()];
    assert_eq!(open("a").err(), Some(Error::TooManyStreams { limit: 2 }));
    held.extend([open("b").unwrap(), open("c").unwrap()]);
    assert_eq!(open("d").err(), Some(Error::TooManyStreams { limit: 4 }));
    held.clear();
    assert!(open("a").is_ok());
}

#[tokio::test(start_paused = true)]
async fn shutdown_ends_streams_and_opens_none() {
    let hub = Hub::new(Config::default());
    let mut browser = Browser::open(&hub, &["a"], None);
    browser.skip_opening().await;
    let waiting = tokio::spawn(async move { browser.next().await });
    tokio::task::yield_now().await;
    hub.shut_down();
    assert_eq!(waiting.await.unwrap(), None);
    assert_eq!(hub.streams(), 0);
    assert_eq!(hub.subscribe(vec!["a".into()], None).err(), Some(Error::ShuttingDown));
    publish(&hub, "a", "still works");
}

#[tokio::test(start_paused = true)]
async fn reconnection_times_are_spread() {
    let hub = Hub::new(Config::default());
    let mut times = std::collections::BTreeSet::new();
    for _ in 0..50 {
        let mut body = hub.subscribe(vec!["a".into()], None).unwrap();
        let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
        let time = str::from_utf8(&frame).unwrap().trim().strip_prefix("retry: ").unwrap().parse::<u64>().unwrap();
        assert!(Duration::from_millis(time) >= Duration::from_secs(1) && time < 3000, "{time}");
        times.insert(time);
    }
    assert!(times.len() > 40);
}
