//! What two lives make of one book on a server, step by step: a broker that brings the same message to one after the
//! other, whose own lives end without a word.

use instances::Postgres;

use super::*;
use crate::Message;
use crate::backend::{Batch, LEASE_US, Settlement};

const NOW: i64 = 1_700_000_000_000_000;
const QUEUE: &str = "q";

/// Two lives with a book that nobody else has.
struct Pair {
    one: BookBackend,
    two: BookBackend,
    _server: Postgres,
}

fn pair() -> Pair {
    let server = Postgres::start();
    let config = PostgresConfig {
        port: server.port(),
        user: Postgres::SUPERUSER.to_owned(),
        password: Some(Postgres::PASSWORD.to_owned()),
        database: "postgres".to_owned(),
        ..PostgresConfig::default()
    };
    let open = || BookBackend::open(Book::Postgres(config.clone())).expect("the book opens");
    Pair { one: open(), two: open(), _server: server }
}

fn message(id: &str) -> Message {
    let mut message = Message::new("tickets", "ticket.approved", "text/plain", "x");
    message.id = id.to_owned();
    message
}

async fn enter(book: &BookBackend, ids: &[&str]) -> Vec<Entered> {
    book.enter(QUEUE, ids.iter().map(|id| message(id)).collect(), NOW).await.expect("entered")
}

async fn take(book: &BookBackend, now_us: i64) -> Vec<(String, u32, Lease)> {
    let Batch { taken, .. } = book.take(QUEUE, 10, Vec::new(), now_us).await.expect("taken");
    taken.into_iter().map(|one| (one.message.id, one.attempt, one.lease)).collect()
}

async fn done(book: &BookBackend, lease: Lease) -> Settled {
    book.end(lease, Settlement::Done, NOW).await.expect("settled")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_brought_to_another_life_is_taken_by_that_one_alone_and_settled_once() {
    let Pair { one, two, _server } = pair();
    let entered = enter(&one, &["a", "b"]).await;
    assert!(matches!(entered[..], [Entered::Carried(_), Entered::Carried(_)]), "{entered:?}");
    assert_eq!(take(&two, NOW).await, []);
    let taken = one.take(QUEUE, 1, Vec::new(), NOW).await.expect("taken").taken;
    let (under_way, id) = (taken[0].lease, taken[0].message.id.clone());
    assert_eq!(id, "a");
    // The broker brings both to the other: the one under way stays so, the other one changes hands.
    assert_eq!(enter(&two, &["a", "b"]).await, entered);
    assert_eq!(enter(&two, &["a"]).await, [Entered::Known]);
    assert_eq!(take(&one, NOW).await, []);
    let taken = take(&two, NOW).await;
    assert_eq!((taken.len(), taken[0].0.as_str(), taken[0].1), (1, "b", 1));
    // The first one settles in time; its broker's copy is with the other, which finds out.
    let settled = done(&one, under_way).await;
    assert!(settled.done && settled.freed.is_empty(), "{settled:?}");
    let Entered::Carried(seq) = entered[0] else { panic!("{entered:?}") };
    assert_eq!(two.strays(QUEUE, vec![seq, taken[0].2.seq]).await.expect("looked"), [seq]);
    assert_eq!(enter(&one, &["a"]).await, [Entered::Known]);
    assert_eq!(done(&two, taken[0].2).await.freed, [taken[0].2.seq]);
    assert_eq!(take(&two, NOW + 2 * LEASE_US).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_of_a_life_that_is_over_ends_with_its_lease_and_counts() {
    let Pair { one, two, _server } = pair();
    enter(&one, &["a"]).await;
    let lost = take(&one, NOW).await;
    drop(one);
    enter(&two, &["a"]).await;
    assert_eq!(take(&two, NOW + LEASE_US - 1).await, []);
    let again = take(&two, NOW + LEASE_US).await;
    assert_eq!((again[0].0.as_str(), again[0].1), ("a", 2));
    assert_ne!(again[0].2.token, lost[0].2.token);
}

/// Without a broker that brings it again, as where somebody deleted its queue.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_brought_to_a_life_that_is_over_is_kept_for_all_and_what_another_life_has_is_left_to_it() {
    let Pair { one, two, _server } = pair();
    enter(&one, &["a", "b"]).await;
    two.give_up(QUEUE, NOW).await.expect("looked");
    assert_eq!(take(&two, NOW).await, []);
    one.lose(QUEUE).await.expect("lost");
    two.give_up(QUEUE, NOW).await.expect("looked");
    assert_eq!(take(&two, NOW).await, []);
    drop(one);
    // The server has to notice that it is gone.
    let taken = loop {
        two.give_up(QUEUE, NOW).await.expect("looked");
        let taken = take(&two, NOW).await;
        if !taken.is_empty() {
            break taken;
        }
    };
    assert_eq!(taken.iter().map(|one| one.0.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert!(done(&two, taken[0].2).await.freed.is_empty());
    assert_eq!(enter(&two, &["a", "b"]).await, [Entered::Known, Entered::Known]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_with_a_character_that_the_server_has_no_place_for_is_kept_with_another_in_its_place() {
    let Pair { one, two, _server } = pair();
    let mut odd = message("odd");
    odd.subject = Some("a\0b".to_owned());
    one.enter(QUEUE, vec![odd], NOW).await.expect("entered");
    let taken = one.take(QUEUE, 1, Vec::new(), NOW).await.expect("taken").taken;
    assert_eq!(taken[0].message.subject.as_deref(), Some("a\u{fffd}b"));
    assert_eq!(take(&two, NOW).await, []);
}
