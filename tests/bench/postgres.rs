//! The ticket list and a new ticket on PostgreSQL, beside native axum with sqlx on the same server.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::client::Client;
use tests::host::{Builder, Host};
use tests::operator::Operator;
use tests::postgres::server;

use crate::subject::{Placement, Subject, Yardstick};
use crate::{ROUNDS, quiet};

/// People who ask at the same time.
const PEOPLE: usize = 8;

/// How long a round of new tickets lasts.
const TIME: Duration = Duration::from_secs(4);

const LIST: &str = "/api/v1/tickets/";

/// Measures and prints both.
pub(crate) fn all() {
    let host = quiet(Builder::of_ticket_system()).on_postgres().with("--demo=people").start();
    while host.admin().get("/readyz").status != 200 {}
    let person = crate::submit(&host);
    let key = person.get("/api/v1/auth/.well-known/jwks.json").expect(200).json()["keys"][0]["x"].clone();
    let newest = "select datname from pg_database where datname like '%ticket_db' order by oid desc limit 1";
    let (user, password, port) = (instances::Postgres::SUPERUSER, instances::Postgres::PASSWORD, server().port());
    let database = server().psql("postgres", newest);
    let url = format!("postgres://{user}:{password}@127.0.0.1:{port}/{database}?sslmode=disable");
    let placement = Placement::Together;
    let yardstick = Yardstick::start(&[&url, key.as_str().unwrap()], placement);
    let token = person.cookie("access_token");
    let subjects = [
        yardstick.subject("native axum and sqlx", LIST, token.as_deref()),
        Subject::new("tickets component", &host, LIST, token.as_deref(), placement),
    ];
    println!("\n# PostgreSQL: ticket list of 20, the real service beside native axum and sqlx on the same server\n");
    crate::same_answer(&subjects);
    crate::print(&crate::measure(&subjects, 16));
    println!("\n# PostgreSQL: a new ticket with its number, log line and message, by {PEOPLE} people at once\n");
    creations(&host, &subjects);
}

/// First while the messages are handled, in four rooms. Then with the queues paused: the messages wait there, as those of
/// the native server wait in its table.
fn creations(host: &Host, [native, ours]: &[Subject; 2]) {
    let handled: Vec<_> = (0..ROUNDS).map(|_| round(ours)).collect();
    pause_queues(host);
    // In turn, since the machine's speed varies.
    let (natives, waiting): (Vec<_>, Vec<_>) = (0..ROUNDS).map(|_| (round(native), round(ours))).unzip();
    println!("| subject | per second | of native | p50 ms | p99 ms |\n|---|---|---|---|---|");
    let name = |how: &str| format!("{}, messages {how}", ours.name);
    let rows = [(native.name.clone(), natives), (name("wait"), waiting), (name("are handled meanwhile"), handled)];
    let mut of = None;
    for (name, mut rounds) in rows {
        rounds.sort_by(|a, b| a.rate.total_cmp(&b.rate));
        let Round { rate, p50_ms, p99_ms } = rounds.swap_remove(ROUNDS / 2);
        let of_native = rate / *of.get_or_insert(rate);
        println!("| {name} | {rate:.0} | {of_native:.2} | {p50_ms:.1} | {p99_ms:.1} |");
    }
}

fn pause_queues(host: &Host) {
    let operator = Operator::of(&host.state());
    let list = operator.run(&["queue", "ls"]).expect(0).json();
    let queues = list.as_array().unwrap();
    assert!(queues.len() >= 4, "queues of the ticket system: {list}");
    for queue in queues {
        operator.run(&["queue", "pause", queue["queue"].as_str().unwrap()]).expect(0);
    }
}

struct Round {
    rate: f64,
    p50_ms: f64,
    p99_ms: f64,
}

fn round(subject: &Subject) -> Round {
    let ticket = json!({
        "subject": "It comes back", "category": "Asset Check In", "sub_category": "Check In",
        "description": "It was lent for a week.",
    });
    let end = Instant::now() + TIME;
    let work = || {
        let client = Client::new(&subject.base);
        if let Some(token) = &subject.token {
            client.set_cookie("access_token", token);
        }
        let mut times = Vec::new();
        while Instant::now() < end {
            let begun = Instant::now();
            client.post(LIST, &ticket).expect(201);
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        times
    };
    let mut times: Vec<f64> = std::thread::scope(|scope| {
        let people: Vec<_> = (0..PEOPLE).map(|_| scope.spawn(work)).collect();
        people.into_iter().flat_map(|person| person.join().unwrap()).collect()
    });
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    let total = u32::try_from(times.len()).unwrap();
    Round { rate: f64::from(total) / TIME.as_secs_f64(), p50_ms: at(50), p99_ms: at(99) }
}
