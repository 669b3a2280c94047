//! Speed and memory beside native axum, as ratios measured in one run.
//!
//! Twice: with a core each for server and load generator, and with both on both cores, since the first charges the slower
//! server for waking the other core at each answer. Rounds are interleaved (native, ours, native, ours, ...) and the medians
//! compared, since the machine's speed varies between minutes far more than between neighbours. Logs are off on both
//! sides.
//!
//! Without arguments everything; else the parts that are named: hello, tickets, work, postgres, queue.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a program for people"
)]

mod load;
mod postgres;
mod queue;
mod subject;
mod work;

use std::process::ExitCode;

use load::Load;
use serde_json::json;
use subject::{Awake, Placement, Subject, Yardstick};
use tests::client::Client;
use tests::host::{Builder, Host};

/// Rounds of each subject; the median counts.
const ROUNDS: usize = 3;

/// Tickets in the list's database.
const TICKETS: usize = 200;

const HELLO: &str = r#"
spin_manifest_version = 2
[application]
name = "hello"
[[trigger.http]]
route = "/p2"
component = "p2"
[[trigger.http]]
route = "/p3"
component = "p3"
[[trigger.http]]
route = "/p2-fresh"
component = "p2-fresh"
[[trigger.http]]
route = "/p3-fresh"
component = "p3-fresh"
[component.p2]
source = "{guests}/hello-p2.wasm"
[component.p2.tool.wharf]
limits = { concurrency = 64 }
instances = { reuse = 10000 }
[component.p3]
source = "{guests}/hello-p3.wasm"
[component.p3.tool.wharf]
limits = { concurrency = 64 }
instances = { reuse = 10000 }
[component.p2-fresh]
source = "{guests}/hello-p2.wasm"
[component.p2-fresh.tool.wharf]
limits = { concurrency = 64 }
instances = { reuse = 1 }
[component.p3-fresh]
source = "{guests}/hello-p3.wasm"
[component.p3-fresh.tool.wharf]
limits = { concurrency = 64 }
instances = { reuse = 1 }
"#;

/// The parts, in the order in which they run.
const PARTS: [(&str, fn()); 5] =
    [("hello", hellos), ("tickets", tickets), ("work", work::all), ("postgres", postgres::all), ("queue", queue::all)];

fn main() -> ExitCode {
    let wanted: Vec<_> = std::env::args().skip(1).collect();
    if let Some(unknown) = wanted.iter().find(|name| PARTS.iter().all(|(part, _)| part != name)) {
        eprintln!(
            "there is no part `{unknown}`; usage: bench {}",
            PARTS.map(|(part, _)| format!("[{part}]")).join(" ")
        );
        return ExitCode::from(64);
    }
    for (part, run) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|name| name == part) {
            run();
        }
    }
    ExitCode::SUCCESS
}

fn hellos() {
    for (placement, title) in [
        (Placement::Apart, "server on one core, load on the other"),
        (Placement::Together, "server and load share both cores"),
    ] {
        println!("\n# hello: {title}\n");
        hello(placement);
    }
}

fn hello(placement: Placement) {
    let _awake = (placement == Placement::Apart).then(Awake::keep);
    let yardstick = Yardstick::start(&[], placement);
    let host = placed(Builder::of_text(HELLO), placement).start();
    let ours = |name: &str, path: &str| Subject::new(name, &host, path, None, placement);
    let subjects = [
        yardstick.subject("native axum", "/", None),
        ours("0.2, instances reused", "/p2"),
        ours("0.3, instances reused", "/p3"),
        ours("0.2, fresh instance", "/p2-fresh"),
        ours("0.3, fresh instance", "/p3-fresh"),
    ];
    print(&measure(&subjects, 64));
}

/// Prints the tables of the ticket list, and what the host takes at rest and to start.
fn tickets() {
    const LIST: &str = "/api/v1/tickets/";
    // Compiles what is not in the cache, so that the measured start is the usual one.
    drop(quiet(Builder::of_ticket_system()).start());
    let mut idle_kib = 0.0;
    for (placement, title) in [
        (Placement::Apart, "server on one core, load on the other"),
        (Placement::Together, "server and load share both cores"),
    ] {
        println!("\n# ticket list of 20, the real service beside native axum on the same SQLite file: {title}\n");
        let _awake = (placement == Placement::Apart).then(Awake::keep);
        let host = placed(Builder::of_ticket_system(), placement).with("--demo=people").start();
        while host.admin().get("/readyz").status != 200 {}
        idle_kib = subject::resident_kib(host.pid());
        let person = submit(&host);
        let key = person.get("/api/v1/auth/.well-known/jwks.json").expect(200).json()["keys"][0]["x"].clone();
        let database = host.state().join("sql/ticket.db");
        let yardstick = Yardstick::start(&[database.to_str().unwrap(), key.as_str().unwrap()], placement);
        let token = person.cookie("access_token");
        let subjects = [
            yardstick.subject("native axum", LIST, token.as_deref()),
            Subject::new("tickets component", &host, LIST, token.as_deref(), placement),
        ];
        same_answer(&subjects);
        print(&measure(&subjects, 16));
    }
    println!("\nwhole host, every component served once, then idle: {:.1} MB resident", idle_kib / 1024.0);
    start_up();
}

/// Without logs, and where it is to run.
fn placed(builder: Builder, placement: Placement) -> Builder {
    let builder = quiet(builder);
    if placement == Placement::Apart { builder.on_core(0) } else { builder }
}

fn quiet(builder: Builder) -> Builder {
    builder.with("--log").with("off")
}

/// An employee with many tickets.
fn submit(host: &Host) -> Client {
    let screen = host.screen();
    let employee = screen.lines().find(|line| line.contains("Employee")).expect("an employee among the log-ins");
    let mut words = employee.split_whitespace();
    let (email, password) = (words.next().unwrap(), words.next().unwrap());
    let client = host.client();
    client.post("/api/v1/auth/login", &json!({ "email": email, "password": password })).expect(200);
    for number in 0..TICKETS {
        let ticket = json!({
            "subject": format!("Printer {number} does not print"),
            "category": "IT Support",
            "sub_category": "Printer/Scanner Setup or Issue",
            "description": "It blinks and makes a noise.",
        });
        client.post("/api/v1/tickets/", &ticket).expect(201);
    }
    client
}

/// Both do the same work: the same number of lines, the same total, the same first number.
fn same_answer(subjects: &[Subject]) {
    let answers: Vec<_> = subjects.iter().map(Subject::answer).collect();
    for answer in &answers {
        assert_eq!(answer["items"].as_array().map(Vec::len), Some(20), "{answer}");
        assert_eq!(answer["total"], answers[0]["total"]);
        assert_eq!(answer["items"][0]["number"], answers[0]["items"][0]["number"]);
    }
}

struct Row {
    name: String,
    load: Load,
    resident_kib: f64,
}

fn measure(subjects: &[Subject], connections: u32) -> Vec<Row> {
    let mut rounds: Vec<Vec<Load>> = subjects.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (subject, loads) in subjects.iter().zip(&mut rounds) {
            loads.push(Load::run(subject, connections));
        }
    }
    let rows = subjects.iter().zip(rounds).map(|(subject, mut loads)| {
        loads.sort_by(|a, b| a.rate.total_cmp(&b.rate));
        Row {
            name: subject.name.clone(),
            load: loads.swap_remove(ROUNDS / 2),
            resident_kib: subject::resident_kib(subject.pid),
        }
    });
    rows.collect()
}

fn print(rows: &[Row]) {
    println!(
        "| subject | requests/s | of native | CPU us/request | of native | p50 ms | p99 ms | resident MB | failed |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let native = &rows[0].load;
    for Row { name, load, resident_kib } in rows {
        let Load { rate, p50_ms, p99_ms, cpu_us, failed } = load;
        let (rates, costs) = (rate / native.rate, native.cpu_us / cpu_us);
        let resident = resident_kib / 1024.0;
        println!(
            "| {name} | {rate:.0} | {rates:.2} | {cpu_us:.1} | {costs:.2} | {p50_ms:.2} | {p99_ms:.2} | {resident:.1} | {failed} |"
        );
    }
}

/// Time from starting the process to its first answer, with compiled components in the cache.
fn start_up() {
    let mut times: Vec<_> = (0..5)
        .map(|_| {
            let builder = quiet(Builder::of_ticket_system());
            let started = std::time::Instant::now();
            let host = builder.start();
            host.client().get("/api/v1/auth/.well-known/jwks.json").expect(200);
            started.elapsed()
        })
        .collect();
    times.sort();
    println!("\nstart from the cache to the first answer: median {:.0} ms of five", times[2].as_secs_f64() * 1000.0);
}
