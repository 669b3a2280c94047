//! Guests that misbehave: each limit is a typed fault with a problem page, and a neighbour notices nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use tests::client::{Answer, Client};
use tests::host::{Builder, Host};
use tests::powers::until;
use ureq::AsSendBody;

const APPLICATION: &str = r#"
spin_manifest_version = 2
[application]
name = "faults"

[[trigger.http]]
route = "/faults/..."
component = "faults"
[[trigger.http]]
route = "/fresh/..."
component = "fresh"
[[trigger.http]]
route = "/neighbour/..."
component = "neighbour"
[[trigger.http]]
route = { private = true }
component = "loop"

[component.faults]
source = "{guests}/faults.wasm"
allowed_outbound_hosts = ["http://*.spin.internal"]
[component.faults.tool.wharf]
limits = { memory = "16MiB", deadline = "1s", request_body = "100KiB", response_body = "4MiB", concurrency = 2, wait = "100ms" }

[component.fresh]
source = "{guests}/faults.wasm"
[component.fresh.tool.wharf]
instances = { reuse = 1 }

[component.neighbour]
source = "{guests}/faults.wasm"

[component.loop]
source = "{guests}/faults.wasm"
allowed_outbound_hosts = ["http://loop.spin.internal"]
"#;

fn host() -> Host {
    Builder::of_text(APPLICATION).start()
}

#[track_caller]
fn problem(answer: Answer, status: u16, slug: &str) -> Answer {
    let answer = answer.expect(status);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let document = answer.json();
    assert_eq!(document["type"], format!("/problems/{slug}"), "{document}");
    assert_eq!(document["instance"], answer.header("x-request-id"), "{document}");
    answer
}

fn post(client: &Client, path: &str, mut body: &[u8]) -> Answer {
    client.send("POST", path, &[], body.as_body())
}

#[test]
fn a_trap_is_a_service_fault_and_the_next_request_succeeds() {
    let host = host();
    let client = host.client();
    let answer = problem(client.get("/faults/trap"), 500, "service-fault");
    assert!(!answer.text().contains("as asked"), "the guest's words stay in the log");
    client.get("/faults/ok").expect(200);
    until("the operator hears of it", || host.log().contains("\"fault\":\"trap\""));
}

/// The guest loops without a host call: only the engine's interruption can stop it.
#[test]
fn a_busy_loop_ends_at_the_deadline_while_neighbours_are_served() {
    let host = host();
    let started = Instant::now();
    let looping: Vec<_> = (0..2)
        .map(|_| {
            let client = host.client();
            std::thread::spawn(move || problem(client.get("/faults/spin"), 504, "deadline-exceeded"))
        })
        .collect();
    // Two loops on two cores, and the neighbour still answers well before they end.
    let mut served = 0;
    let neighbour = host.client();
    while looping.iter().any(|thread| !thread.is_finished()) {
        neighbour.get("/neighbour/ok").expect(200);
        served += 1;
    }
    looping.into_iter().for_each(|thread| drop(thread.join().unwrap()));
    assert!(started.elapsed() >= Duration::from_secs(1), "not before the deadline");
    assert!(served > 10, "the neighbour was served {served} times meanwhile");
    host.client().get("/faults/ok").expect(200);
}

#[test]
fn a_wait_ends_at_the_deadline() {
    let host = host();
    problem(host.client().get("/faults/wait"), 504, "deadline-exceeded");
}

#[test]
fn a_guest_that_hoards_memory_is_stopped_at_its_limit() {
    let host = host();
    let answer = problem(host.client().get("/faults/hoard"), 500, "service-fault");
    assert!(answer.text().contains("memory"), "{}", answer.text());
    until("the operator hears of it", || host.log().contains("\"fault\":\"memory\""));
    host.client().get("/neighbour/ok").expect(200);
}

/// Sends a request and reads the raw answer until the connection ends.
fn raw(host: &Host, path: &str) -> Vec<u8> {
    let address = host.http().trim_start_matches("http://");
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(socket, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    // A reset is one of the ways in which a broken answer may end.
    drop(socket.read_to_end(&mut answer));
    answer
}

/// A chunked answer that is whole ends with an empty chunk.
fn looks_complete(answer: &[u8]) -> bool {
    answer.ends_with(b"0\r\n\r\n")
}

#[test]
fn an_answer_that_breaks_in_the_middle_never_looks_complete() {
    let host = host();
    let half = raw(&host, "/faults/half");
    assert!(half.windows(10).any(|window| window == b"first half"), "{}", String::from_utf8_lossy(&half));
    assert!(!looks_complete(&half));
    let drip = raw(&host, "/faults/drip");
    assert!(drip.starts_with(b"HTTP/1.1 200"), "the head came before the deadline");
    assert!(!looks_complete(&drip), "a stream cut by the deadline");
    host.client().get("/faults/ok").expect(200);
}

#[test]
fn an_answer_over_its_limit_is_cut() {
    let host = host();
    let flood = raw(&host, "/faults/flood");
    assert!(!looks_complete(&flood));
    assert!(flood.len() <= (4 << 20) + (64 << 10), "{} bytes came through", flood.len());
}

/// The client takes the head and then reads nothing: the instance is held by the network, and only by its deadline.
#[test]
fn a_client_that_reads_nothing_holds_an_instance_no_longer_than_the_deadline() {
    let host = host();
    let address = host.http().trim_start_matches("http://").to_owned();
    let idle: Vec<_> = (0..2)
        .map(|_| {
            let mut socket = TcpStream::connect(&address).unwrap();
            write!(socket, "GET /faults/drip HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
            let mut head = [0; 12];
            socket.read_exact(&mut head).unwrap();
            assert_eq!(&head, b"HTTP/1.1 200");
            socket
        })
        .collect();
    // Both places are taken; within the deadline of one second they come free again.
    let client = host.client();
    let started = Instant::now();
    while client.get("/faults/ok").status != 200 {
        assert!(started.elapsed() < Duration::from_secs(10), "the places never came free");
    }
    drop(idle);
}

#[test]
fn a_body_over_the_limit_is_refused_with_and_without_its_length() {
    let host = host();
    let client = host.client();
    let large = vec![b'x'; 100 << 10];
    assert_eq!(post(&client, "/faults/count", &large).expect(200).text(), "102400");
    let larger = vec![b'x'; (100 << 10) + 1];
    problem(post(&client, "/faults/count", &larger), 413, "body-too-large");
    let mut reader = larger.as_slice();
    let chunked = client.send("POST", "/faults/count", &[], ureq::SendBody::from_reader(&mut reader));
    problem(chunked, 413, "body-too-large");
    client.get("/faults/ok").expect(200);
}

#[test]
fn bodies_stream_both_ways_and_may_be_ignored() {
    let host = host();
    let client = host.client();
    let body: Vec<u8> = (0..100_000_u32).map(|byte| u8::try_from(byte % 251).unwrap()).collect();
    assert_eq!(post(&client, "/faults/echo", &body).expect(200).body, body);
    assert_eq!(post(&client, "/faults/ignore", &body).expect(200).text(), "ignored");
    client.get("/faults/ok").expect(200);
}

#[test]
fn more_requests_than_places_wait_and_are_then_refused_with_a_time_to_retry() {
    let host = host();
    let held: Vec<_> = (0..2)
        .map(|_| {
            let client = host.client();
            std::thread::spawn(move || client.get("/faults/wait").expect(504))
        })
        .collect();
    // Only a full house answers 503, so this loop ends when both places are taken.
    let client = host.client();
    let refused = loop {
        let answer = client.get("/faults/ok");
        if answer.status == 503 {
            break answer;
        }
        assert!(held.iter().any(|thread| !thread.is_finished()), "the places were never full");
    };
    let refused = problem(refused, 503, "overloaded");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    client.get("/neighbour/ok").expect(200);
    held.into_iter().for_each(|thread| drop(thread.join().unwrap()));
}

#[test]
fn instances_are_fresh_or_reused_by_policy() {
    let host = host();
    let client = host.client();
    let served = |path: &str| client.get(path).expect(200).text().parse::<u32>().unwrap();
    assert_eq!([served("/fresh/served"), served("/fresh/served")], [1, 1]);
    assert_eq!([served("/neighbour/served"), served("/neighbour/served")], [1, 2]);
}

#[test]
fn an_instance_that_trapped_is_not_reused() {
    let host = host();
    let client = host.client();
    assert_eq!(client.get("/faults/served").expect(200).text(), "1");
    client.get("/faults/trap").expect(500);
    assert_eq!(client.get("/faults/served").expect(200).text(), "1", "a new instance");
}

#[test]
fn components_call_each_other_in_process() {
    let host = host();
    let client = host.client();
    let call = |url: &str| client.get(&format!("/faults/call?url={url}")).expect(200).text();
    assert_eq!(call("http://neighbour.spin.internal/ok"), "200 ok");
    // A callee that fails is an answer for the caller, not its own fault.
    assert!(call("http://fresh.spin.internal/trap").starts_with("502 "), "{}", call("http://fresh.spin.internal/trap"));
    assert!(call("http://nobody.spin.internal/").starts_with("error"), "no such component");
}

#[test]
fn a_chain_that_calls_itself_ends() {
    let host = host();
    let inner = "http://loop.spin.internal/call?url=".repeat(20);
    let answer = host.client().get(&format!("/faults/call?url={inner}http://loop.spin.internal/ok")).expect(200).text();
    assert!(!answer.is_empty());
    host.client().get("/faults/ok").expect(200);
}

#[test]
fn what_the_manifest_does_not_allow_is_not_reached() {
    let host = host();
    // The host itself listens there, so that only the allow-list stands in between.
    let url = format!("{}/neighbour/ok", host.http());
    let answer = host.client().get(&format!("/faults/call?url={url}")).expect(200).text();
    assert!(answer.starts_with("error") && answer.contains("Denied"), "{answer}");
}

#[test]
fn private_routes_and_unknown_paths_are_not_found() {
    let host = host();
    problem(host.client().get("/loop/ok"), 404, "not-found");
    problem(host.client().get("/"), 404, "not-found");
}

#[test]
fn headers_that_only_the_host_may_set_are_stripped() {
    let host = host();
    let answer = host.client().send("GET", "/neighbour/ok", &[("x-request-id", "mine-1")], ureq::SendBody::none());
    assert_eq!(answer.header("x-request-id"), "mine-1", "a well-formed id is kept for tracing");
}
