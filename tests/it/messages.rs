//! The queue's promises through a real component and a real host.

use serde_json::{Value, json};
use tests::client::Client;
use tests::powers::{attempts, builder, sql, until};

fn send(client: &Client, body: Value) -> String {
    let answer = client.post("/send", &json!({ "topic": "work.do", "body": body })).expect(200).json();
    answer["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[test]
fn a_message_is_handled_and_acknowledged() {
    let host = builder().start();
    let client = host.client();
    let id = send(&client, json!({}));
    until("handled", || attempts(&client, &id) == 1);
}

#[test]
fn a_message_that_fails_is_tried_again_and_then_dead_lettered_with_the_reason() {
    let host = builder().start();
    let client = host.client();
    let recovers = send(&client, json!({ "fail": 1 }));
    let hopeless = send(&client, json!({ "status": 503 }));
    let refused = send(&client, json!({ "status": 422 }));
    let trapping = send(&client, json!({ "trap": true }));
    let next = send(&client, json!({}));
    until("the next one is delivered", || attempts(&client, &next) == 1);
    until("tried again", || attempts(&client, &recovers) == 2);
    until("tried three times", || attempts(&client, &hopeless) == 3 && attempts(&client, &trapping) == 3);
    let dead = || host.admin().get("/queues").expect(200).json();
    until("dead-lettered", || {
        dead()["queues"].as_array().is_some_and(|queues| queues.iter().any(|queue| queue["dead"] == 3))
    });
    assert_eq!(attempts(&client, &refused), 1, "a refusal is not tried again");
}

#[test]
fn a_message_sent_in_a_transaction_exists_exactly_if_it_commits() {
    let host = builder().start();
    let client = host.client();
    let work = |id: &str, end: &str| json!({ "statements": [], "messages": [{ "topic": "work.do", "body": {}, "id": id }], "end": end });
    client.post("/transaction", &work("rolled-back", "rollback")).expect(200);
    client.post("/transaction", &work("trapped", "trap")).expect(500);
    client.post("/transaction", &work("committed", "commit")).expect(200);
    until("the committed one", || attempts(&client, "committed") == 1);
    assert_eq!(attempts(&client, "rolled-back") + attempts(&client, "trapped"), 0);
}

#[test]
fn a_topic_without_a_queue_is_refused_when_it_is_sent() {
    let host = builder().start();
    let answer = host.client().post("/weak/send", &json!({ "topic": "nothing.else", "body": {} })).expect(200).json();
    assert!(answer["error"].as_str().unwrap().contains("NotFound"), "{answer}");
}

#[test]
fn a_delayed_message_waits_for_its_time() {
    let host = builder().start();
    let client = host.client();
    let body = json!({ "topic": "work.do", "body": {}, "delay_ms": 3_600_000 });
    let id = client.post("/send", &body).expect(200).json()["id"].as_str().unwrap().to_owned();
    let other = send(&client, json!({}));
    until("the other one", || attempts(&client, &other) == 1);
    assert_eq!(attempts(&client, &id), 0);
    host.advance_clock(3_601);
    until("its time has come", || attempts(&client, &id) == 1);
}

#[test]
fn a_schedule_fires_once_for_its_slot() {
    let host = builder().start();
    let client = host.client();
    let ticks = || sql(&client, "SELECT id FROM handled WHERE id LIKE 'tick %'", &[])["rows"].as_array().unwrap().len();
    assert_eq!(ticks(), 0);
    host.advance_clock(3_600);
    until("the hour has struck", || ticks() == 1);
    let marker = send(&client, json!({}));
    until("later work is done", || attempts(&client, &marker) == 1);
    assert_eq!(ticks(), 1);
}

/// Sends messages through transactions and through the queue while the host is killed again and again; every id that
/// was acknowledged must be handled, and its note in the database be there, after the last start.
#[test]
fn a_killed_host_loses_nothing_that_was_acknowledged() {
    const ROUNDS: u32 = 6;
    let mut host = builder().start();
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..ROUNDS {
        let pid = host.pid();
        let base = host.http().to_owned();
        let (sender, receiver) = std::sync::mpsc::channel();
        let producer = std::thread::spawn(move || {
            // Ends when the host is gone: the client panics on a broken connection, and only acknowledged ids count.
            let client = Client::new(&base);
            for number in 0_u32.. {
                let id = format!("r{round}-{number}");
                let message = json!({ "topic": "work.do", "body": { "take_ms": 5 }, "id": id });
                let answer = if number % 2 == 0 {
                    client.post("/send", &message)
                } else {
                    client.post("/transaction", &json!({ "statements": [], "messages": [message], "end": "commit" }))
                };
                if answer.status == 200 && answer.json().get("error").is_none() {
                    sender.send(id).unwrap();
                }
            }
        });
        // The instant differs from round to round: after so many acknowledgements.
        let kill_after = 5 + round * 7;
        for _ in 0..kill_after {
            acknowledged.push(receiver.recv().unwrap());
        }
        assert_eq!(host.pid(), pid);
        let builder = host.kill();
        producer.join().expect_err("the producer ends with the host");
        acknowledged.extend(receiver.try_iter());
        host = builder.start();
    }
    let client = host.client();
    for id in &acknowledged {
        until(&format!("{id} is handled"), || attempts(&client, id) >= 1);
    }
    assert!(acknowledged.len() >= usize::try_from(ROUNDS).unwrap() * 5);
}
