//! What holds while the server of the book is away. Each test has a server of its own, or harms the way there alone.

use std::time::{Duration, Instant};

use instances::{Postgres, Proxy};
use queue::{Book, Error};

use crate::bed::{Engine, Place, message};
use crate::flow::{Flow, Handled, SEND_MAX, ids};
use crate::server::{self, config, prepared, schema};

/// Sends these, each as often as it takes; the longest time that one attempt took.
async fn send_stubbornly(flow: &Flow, ids: &[String]) -> Duration {
    let mut longest = Duration::ZERO;
    for id in ids {
        loop {
            let begin = Instant::now();
            let sent = flow.queue.publish(message(id)).await;
            longest = longest.max(begin.elapsed());
            match sent {
                Ok(_) => break,
                Err(Error::Unavailable { .. }) => tokio::task::yield_now().await,
                Err(error) => panic!("{error:?}"),
            }
        }
    }
    longest
}

/// By ending the server as a power cut would while messages are sent and handled, and starting it on the same data.
async fn a_server_that_is_cut_off_and_comes_back_loses_nothing(engine: Engine) {
    let postgres = prepared(Postgres::start());
    let place = Place { book: Some(Book::Postgres(config(postgres.port(), "book"))), ..engine.place() };
    let handled = Handled::new();
    let flow = Flow::open(place, &handled);
    let (before, during, after) = (ids("before", 20), ids("during", 20), ids("after", 20));
    send_stubbornly(&flow, &before).await;
    handled.each_once(&before).await;
    let (waits, ()) = tokio::join!(send_stubbornly(&flow, &during), async {
        tokio::task::block_in_place(|| {
            postgres.stop_immediately();
            postgres.start_again();
        });
    });
    assert!(waits < SEND_MAX, "{waits:?}");
    send_stubbornly(&flow, &after).await;
    handled.all_of(&[before, during, after].concat()).await;
    flow.until(|status| status.depth == 0 && status.dead == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_cut_off_and_comes_back_loses_nothing_without_a_broker() {
    a_server_that_is_cut_off_and_comes_back_loses_nothing(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_cut_off_and_comes_back_loses_nothing_beside_a_broker() {
    a_server_that_is_cut_off_and_comes_back_loses_nothing(Engine::PostgresRabbitmq).await;
}

/// By a proxy that carries nothing any more and tells nobody, and one that refuses.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_out_of_reach_delays_no_sender_for_long() {
    let proxy = Proxy::start(server::shared().port());
    let handled = Handled::new();
    let flow = Flow::open(Book::Postgres(config(proxy.port(), &schema())), &handled);
    let (before, after) = (ids("before", 5), ids("after", 5));
    flow.send(&before).await;
    handled.each_once(&before).await;
    for break_it in [Proxy::cut, Proxy::refuse] {
        break_it(&proxy);
        for id in ids("during", 3) {
            let begin = Instant::now();
            let refused = flow.queue.publish(message(&id)).await;
            assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
            assert!(begin.elapsed() < SEND_MAX, "{:?}", begin.elapsed());
        }
    }
    proxy.restore();
    send_stubbornly(&flow, &after).await;
    handled.all_of(&after).await;
    flow.until(|status| status.depth == 0 && status.dead == 0).await;
}

/// By a host whose network is cut in the middle of its work, while another one goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_is_cut_off_holds_the_others_up_for_some_seconds_at_most() {
    let (proxy, schema) = (Proxy::start(server::shared().port()), schema());
    let handled = Handled::new();
    let one = Flow::open(Book::Postgres(config(proxy.port(), &schema)), &handled);
    let two = Flow::open(Book::Postgres(config(server::shared().port(), &schema)), &handled);
    let queue = one.queue.clone();
    let sender = tokio::spawn(async move {
        let mut numbers = 0..;
        while queue.publish(message(&format!("cut-{}", numbers.next().unwrap()))).await.is_ok() {}
    });
    handled.all_of(&["cut-10".to_owned()]).await;
    proxy.cut();
    sender.await.unwrap();
    let sent = ids("m", 20);
    send_stubbornly(&two, &sent).await;
    handled.all_of(&sent).await;
    two.until(|status| status.depth == 0 && status.dead == 0).await;
    // What waits at the end of the test does not wait for the cable.
    proxy.restore();
}

/// By breaking the way to the book of the very host that the broker brings everything to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_reaches_the_broker_alone_leaves_the_queue_to_one_that_reaches_both() {
    let (proxy, schema, place) = (Proxy::start(server::shared().port()), schema(), Engine::FileRabbitmq.place());
    let handled = Handled::new();
    let at = |port| Place { book: Some(Book::Postgres(config(port, &schema))), ..place.clone() };
    let one = Flow::open(at(proxy.port()), &handled);
    let (before, after) = (ids("before", 5), ids("after", 100));
    one.send(&before).await;
    handled.each_once(&before).await;
    let two = Flow::open(at(server::shared().port()), &handled);
    proxy.refuse();
    send_stubbornly(&two, &after).await;
    handled.all_of(&after).await;
    two.until(|status| status.depth == 0 && status.dead == 0).await;
    proxy.restore();
}
