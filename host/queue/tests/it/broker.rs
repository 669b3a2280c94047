//! What holds while the broker is away, ill or unreachable. Each test has a broker of its own where it harms it.

use instances::{Proxy, Rabbit};
use lapin::options::BasicPublishOptions;
use lapin::{BasicProperties, Connection, ConnectionProperties};
use queue::ReleaseCounts;

use crate::bed::{Bed, Engine, broker, in_time, message};
use crate::flow::{Flow, Handled, SEND_MAX, ids};

/// By SIGKILL of the broker while messages are sent and handled, and a start with what it had on its disk, twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_killed_loses_nothing_and_nothing_is_handled_twice() {
    let rabbit = Rabbit::start();
    let handled = Handled::new();
    let flow = Flow::open(broker(&rabbit, rabbit.port()), &handled);
    let mut accepted = Vec::new();
    for life in ["first", "second"] {
        let (stop, sender) = flow.send_on(life);
        handled.all_of(&[format!("{life}-20")]).await;
        rabbit.kill();
        // Sending goes on without the broker.
        flow.until(|status| status.depth > 20).await;
        rabbit.start_again();
        stop.cancel();
        let sent = sender.await.unwrap();
        assert!(sent.len() > 20);
        accepted.extend(sent);
        handled.each_once(&accepted).await;
    }
    flow.until(|status| status.depth == 0 && status.dead == 0).await;
}

/// By a proxy that carries nothing any more and tells nobody: only the missing signs of life do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_is_cut_delays_messages_and_loses_none() {
    let rabbit = Rabbit::shared();
    let proxy = Proxy::start(rabbit.port());
    let handled = Handled::new();
    let flow = Flow::open(broker(rabbit, proxy.port()), &handled);
    let (before, during, after) = (ids("before", 50), ids("during", 50), ids("after", 50));
    flow.send(&before).await;
    handled.each_once(&before).await;
    proxy.cut();
    let longest = flow.send(&during).await;
    assert!(longest < SEND_MAX, "{longest:?}");
    proxy.restore();
    flow.send(&after).await;
    handled.each_once(&[before, during, after].concat()).await;
    flow.until(|status| status.depth == 0).await;
}

/// By a proxy that breaks every connection and refuses new ones, so that attempts under way outlive theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_that_outlives_its_connection_counts_and_is_not_repeated() {
    let rabbit = Rabbit::shared();
    let proxy = Proxy::start(rabbit.port());
    let mut bed = Bed::at(broker(rabbit, proxy.port()), vec![crate::bed::consumer("worker", "ticket.*")], Vec::new());
    let _running = bed.run();
    bed.publish_all(&["ends", "fails"]).await;
    let (one, two) = (bed.next().await, bed.next().await);
    let (ends, fails) = if one.id() == "ends" { (one, two) } else { (two, one) };
    proxy.refuse();
    // What is sent now waits, and shows that the queue has noticed.
    bed.publish_all(&["later"]).await;
    ends.ack();
    fails.status(503);
    bed.until(|status| status.handled_total == 1 && status.retried_total == 1).await;
    proxy.restore();
    bed.expect("later", 1).await.ack();
    bed.until(|status| status.delayed == 1 && status.depth == 1).await;
    bed.forward(crate::bed::HOUR_US);
    bed.expect("fails", 2).await.ack();
    bed.nothing_due().await;
    bed.until(|status| status.depth == 0).await;
}

/// By a broker that is out of reach first, and then keeps what nobody fetches yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_the_broker_names_its_release_and_what_is_with_it_is_counted() {
    let rabbit = Rabbit::shared();
    let proxy = Proxy::start(rabbit.port());
    proxy.refuse();
    let mut bed = Bed::at(broker(rabbit, proxy.port()), vec![crate::bed::consumer("worker", "ticket.*")], Vec::new());
    for (id, release) in [("a", Some(2)), ("b", None), ("c", Some(2))] {
        let mut message = message(id);
        message.release = release;
        bed.publish(message).await;
    }
    let counts = |release, waiting| ReleaseCounts { queue: "worker".to_owned(), release, waiting, dead: 0 };
    bed.until(|status| status.depth == 3 && status.away == 0).await;
    assert_eq!(bed.queue.releases().await.unwrap(), [counts(None, 1), counts(Some(2), 2)]);
    proxy.restore();
    bed.until(|status| status.depth == 3 && status.away == 3).await;
    assert_eq!(bed.queue.releases().await.unwrap(), []);
    let _running = bed.run();
    for _ in 0..3 {
        bed.next().await.ack();
    }
    bed.until(|status| status.depth == 0 && status.away == 0).await;
}

/// By the alarm that a broker without memory raises: it reads nothing from whoever publishes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_without_memory_delays_no_sender_for_long() {
    let rabbit = Rabbit::start();
    let handled = Handled::new();
    let flow = Flow::open(broker(&rabbit, rabbit.port()), &handled);
    let (before, during, after) = (ids("before", 20), ids("during", 20), ids("after", 20));
    flow.send(&before).await;
    handled.each_once(&before).await;
    rabbit.set_memory_alarm(true);
    let longest = flow.send(&during).await;
    assert!(longest < SEND_MAX, "{longest:?}");
    flow.until(|status| status.depth >= 20).await;
    rabbit.set_memory_alarm(false);
    flow.send(&after).await;
    handled.each_once(&[before, during, after].concat()).await;
    flow.until(|status| status.depth == 0).await;
}

/// By refusing and restoring the network again and again while one group is sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_stays_in_order_whichever_way_its_messages_took() {
    let rabbit = Rabbit::shared();
    let proxy = Proxy::start(rabbit.port());
    let handled = Handled::new();
    let flow = Flow::open(broker(rabbit, proxy.port()), &handled);
    let sent = ids("m", 300);
    for (turn, part) in sent.chunks(25).enumerate() {
        if turn % 2 == 0 {
            proxy.restore();
        } else {
            proxy.refuse();
        }
        flow.send_in_group(part, Some("group")).await;
    }
    proxy.restore();
    handled.each_once(&sent).await;
    assert_eq!(handled.ids(), sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_somebody_deletes_is_made_anew() {
    let rabbit = Rabbit::shared();
    let handled = Handled::new();
    let config = broker(rabbit, rabbit.port());
    let flow = Flow::open(config.clone(), &handled);
    let (before, after) = (ids("before", 5), ids("after", 50));
    flow.send(&before).await;
    handled.each_once(&before).await;
    rabbit.ctl(&["delete_queue", "--vhost", &config.virtual_host, "wharf.worker"]);
    flow.send(&after).await;
    handled.each_once(&[before, after].concat()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_are_accepted_before_the_broker_was_ever_there() {
    let rabbit = Rabbit::shared();
    let proxy = Proxy::start(rabbit.port());
    proxy.refuse();
    let handled = Handled::new();
    let flow = Flow::open(broker(rabbit, proxy.port()), &handled);
    let sent = ids("m", 10);
    flow.send(&sent).await;
    flow.until(|status| status.depth == 10).await;
    proxy.restore();
    handled.each_once(&sent).await;
}

#[tokio::test]
async fn a_message_of_somebody_else_becomes_a_dead_letter() {
    let config = Engine::FileRabbitmq.place().broker.unwrap();
    let mut bed = Bed::at(config.clone(), vec![crate::bed::consumer("worker", "ticket.*")], Vec::new());
    let _running = bed.run();
    bed.publish_all(&["ours"]).await;
    bed.expect("ours", 1).await.ack();
    let url = format!("amqp://guest:guest@127.0.0.1:{}/{}", config.port, config.virtual_host);
    let stranger = in_time("a connection", Connection::connect(&url, ConnectionProperties::default())).await.unwrap();
    let channel = stranger.create_channel().await.unwrap();
    let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
    channel.basic_publish("".into(), "wharf.worker".into(), options, b"boo", properties).await.unwrap();
    bed.until(|status| status.dead == 1 && status.depth == 0).await;
    let letters = bed.queue.peek_dead("worker", 1).await.unwrap();
    assert_eq!((&letters[0].message.body[..], letters[0].attempts), (&b"boo"[..], 0));
    assert_eq!(letters[0].reason, "it was sent by something else than this platform");
}
