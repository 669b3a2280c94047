use std::time::Duration;

use super::*;

fn names(list: &[&str]) -> Vec<Arc<str>> {
    list.iter().map(|name| Arc::from(*name)).collect()
}

fn push(keep: &mut Keep, config: &Config, channel: &str) {
    keep.push(config, channel, |seq| Bytes::from(format!("{seq:08}")));
}

fn since(keep: &mut Keep, config: &Config, channels: &[&str], last: u64) -> Option<Vec<u64>> {
    let events = keep.since(config, &names(channels), last)?;
    Some(events.iter().map(|frame| str::from_utf8(frame).unwrap().parse().unwrap()).collect())
}

#[tokio::test(start_paused = true)]
async fn events_of_several_channels_come_in_the_order_of_publishing() {
    let (mut keep, config) = (Keep::default(), Config::default());
    for channel in ["a", "b", "a", "c", "b"] {
        push(&mut keep, &config, channel);
    }
    assert_eq!(since(&mut keep, &config, &["a", "b"], 0), Some(vec![1, 2, 3, 5]));
    assert_eq!(since(&mut keep, &config, &["b", "a"], 2), Some(vec![3, 5]));
    assert_eq!(since(&mut keep, &config, &["a"], 5), Some(vec![]));
    assert_eq!(since(&mut keep, &config, &["a"], 6), None, "from the future");
}

#[tokio::test(start_paused = true)]
async fn a_channel_keeps_its_newest_and_knows_what_it_lost() {
    let config = Config { kept_per_channel: 3, ..Config::default() };
    let mut keep = Keep::default();
    for channel in ["a", "b", "a", "a", "a"] {
        push(&mut keep, &config, channel);
    }
    assert_eq!(since(&mut keep, &config, &["a"], 0), None);
    assert_eq!(since(&mut keep, &config, &["a"], 1), Some(vec![3, 4, 5]));
    assert_eq!(since(&mut keep, &config, &["b"], 0), Some(vec![2]));
}

#[tokio::test(start_paused = true)]
async fn old_events_and_empty_channels_go() {
    let (mut keep, config) = (Keep::default(), Config::default());
    push(&mut keep, &config, "a");
    tokio::time::advance(config.kept_for / 2).await;
    push(&mut keep, &config, "b");
    tokio::time::advance(config.kept_for / 2 + Duration::from_secs(1)).await;
    assert_eq!(since(&mut keep, &config, &["a", "b"], 0), None);
    assert_eq!(since(&mut keep, &config, &["a", "b"], 1), Some(vec![2]));
    assert_eq!(keep.size(), (1, 1, 8));
    assert_eq!(since(&mut keep, &config, &["never-seen"], 0), None, "it may have been `a`");
    push(&mut keep, &config, "a");
    assert_eq!(since(&mut keep, &config, &["a"], 0), None, "a new channel of that name remembers that it had more");
}

#[tokio::test(start_paused = true)]
async fn number_and_bytes_are_bounded_over_all_channels() {
    let few = Config { kept: 10, ..Config::default() };
    let small = Config { kept_bytes: 80, ..Config::default() };
    for config in [few, small] {
        let mut keep = Keep::default();
        for number in 0..1000 {
            push(&mut keep, &config, &format!("channel-{number}"));
        }
        assert_eq!(keep.size(), (10, 10, 80));
    }
    let one_busy_channel = Config { kept: 100, kept_per_channel: 2, ..Config::default() };
    let mut keep = Keep::default();
    for _ in 0..1000 {
        push(&mut keep, &one_busy_channel, "a");
    }
    assert_eq!(keep.size(), (1, 100, 16));
}

#[tokio::test(start_paused = true)]
async fn a_closed_stream_leaves_nothing_behind() {
    let hub = Hub::new(Config::default());
    let body = hub.subscribe(vec!["a".into(), "b".into(), "a".into()], None).unwrap();
    assert_eq!(hub.streams(), 1);
    drop(body);
    let state = hub.state();
    assert!(state.streams.is_empty() && state.sets.is_empty());
    assert_eq!(state.keep.size(), (0, 0, 0));
}
