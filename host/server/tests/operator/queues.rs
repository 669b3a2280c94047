//! `wharf queue`.

use admin::{DeadLetterView, QueueView};
use control::{Kind, Refusal};
use serde_json::{Value, json};

use super::{Host, command, ended};

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A host with two dead letters of `work`.
fn host() -> Host {
    let host = Host::start();
    host.fake.holds(vec![QueueView { queue: "work".to_owned(), dead: 2, ..QueueView::default() }]);
    let letter =
        |id: &str| DeadLetterView { id: id.to_owned(), reason: "because".to_owned(), ..DeadLetterView::default() };
    host.fake.gives_up(["a", "b"].map(letter).to_vec());
    host
}

#[tokio::test(flavor = "multi_thread")]
async fn queues_and_their_dead_letters_are_shown() {
    let host = host();
    let ls = host.wharf(&["queue", "ls"]).await;
    assert!(ls.code == 0 && ls.out.contains("\nwork "), "{ls:?}");
    assert_eq!(json_of(&host.wharf(&["queue", "ls", "--json"]).await.out)[0]["dead"], 2);
    let peek = host.wharf(&["queue", "peek", "work", "--limit", "1"]).await;
    assert!(peek.code == 0 && peek.out.starts_with("a ") && peek.out.contains("because"), "{peek:?}");
    let letters = json_of(&host.wharf(&["queue", "peek", "work", "--body", "--json"]).await.out);
    assert_eq!(letters.as_array().unwrap().len(), 2);
    assert_eq!(host.fake.calls(), ["peek work limit=1 bodies=false", "peek work limit=10 bodies=true"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn named_dead_letters_are_redriven_or_discarded_and_what_is_not_there_is_told() {
    let host = host();
    let redriven = host.wharf(&["queue", "redrive", "work", "a", "z"]).await;
    assert_eq!(
        (redriven.code, redriven.out.as_str()),
        (0, "1 dead letter of work back in the queue\nno dead letter of work: z\n")
    );
    let discarded = host.wharf(&["queue", "discard", "work", "b", "--json"]).await;
    assert_eq!(json_of(&discarded.out), json!({ "queue": "work", "count": 1, "absent": [], "paused": false }));
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_discarded_only_by_somebody_who_is_sure() {
    let host = host();
    let unsure = host.wharf(&["queue", "discard", "work", "--all"]).await;
    assert_eq!(unsure.code, 2);
    assert!(unsure.err.starts_with("refused: 2 dead letters of `work` would be gone") && unsure.err.contains("--yes"));
    let unknown = host.wharf(&["queue", "discard", "wrok", "--all"]).await;
    assert_eq!((unknown.code, unknown.err.as_str()), (2, "refused: there is no queue `wrok`; there are:\n  work\n"));
    assert!(host.fake.calls().is_empty(), "{:?}", host.fake.calls());
    let sure = host.wharf(&["queue", "discard", "work", "--all", "--yes"]).await;
    assert_eq!((sure.code, sure.out.trim()), (0, "2 dead letters of work discarded"));
    let redriven = host.wharf(&["queue", "redrive", "work", "--all"]).await;
    assert_eq!((redriven.code, redriven.out.trim()), (0, "0 dead letters of work back in the queue"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_is_paused_and_resumed_by_one_word() {
    let host = host();
    let paused = host.wharf(&["queue", "pause", "work"]).await;
    assert!(paused.code == 0 && paused.out.contains("work is paused"), "{paused:?}");
    let resumed = json_of(&host.wharf(&["queue", "resume", "work", "--json"]).await.out);
    assert_eq!(resumed, json!({ "queue": "work", "paused": false, "depth": 0 }));
    host.fake
        .refuse(Refusal::new(Kind::Unknown, "there is no queue `a/b c`; there are:").with(vec!["work".to_owned()]));
    let unknown = host.wharf(&["queue", "pause", "a/b c"]).await;
    assert_eq!((unknown.code, unknown.err.as_str()), (2, "refused: there is no queue `a/b c`; there are:\n  work\n"));
    assert!(host.fake.calls().last().unwrap().starts_with("pause a/b c by "), "{:?}", host.fake.calls());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_64_and_a_host_that_is_not_there_69() {
    let folder = tempfile::tempdir().unwrap();
    for mistake in [
        &["queue"][..],
        &["queue", "redrive", "work"],
        &["queue", "redrive", "work", "--all", "a"],
        &["queue", "redrive", "work", "--all", "--yes"],
        &["queue", "discard", "work", "--yes"],
        &["queue", "pause", ""],
        &["queue", "peek", "work", "--limit", "-1"],
    ] {
        assert_eq!(ended(command(folder.path(), mistake)).await.code, 64, "{mistake:?}");
    }
    for verb in
        [&["ls"][..], &["peek", "work"], &["redrive", "work", "--all"], &["discard", "work", "a"], &["pause", "work"]]
    {
        let ended = ended(command(folder.path(), &[&["queue"], verb, &["--json"]].concat())).await;
        assert_eq!((ended.code, &json_of(&ended.out)["error"]["kind"]), (69, &json!("unreachable")), "{verb:?}");
    }
}
