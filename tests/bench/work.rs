//! The daily work on a system with many tickets: list, open, create, move, comment; by the real services.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::{Value, json};
use tests::client::Client;
use tests::host::{Builder, Host};
use tests::people::{Role, everybody, person, sign_in};
use tests::powers::until;

use crate::quiet;
use crate::subject::{Placement, Subject, Yardstick};

/// Tickets in the database.
const TICKETS: u32 = 20_000;
/// Of as many people; what one of them lists is their own part.
const REQUESTERS: u32 = 100;
/// People who work at the same time, each on a ticket of their own.
const WORKERS: usize = 8;
/// How long each kind of work is done.
const TIME: Duration = Duration::from_secs(4);

const LIST: &str = "/api/v1/tickets/";

/// Measures and prints everything.
pub(crate) fn all() {
    let host = quiet(Builder::of_ticket_system()).with("--demo=people").start();
    until("every component is ready", || host.admin().get("/readyz").status == 200);
    let employee = sign_in(&host, Role::Employee);
    let first = create(&employee, "the first");
    fill(&host, &first);
    println!("\n# the daily work at {TICKETS} tickets\n");
    lists(&host, &employee, &first);
    println!();
    println!("| work | by | per second | p50 ms | p99 ms |\n|---|---|---|---|---|");
    let people: Vec<Client> = (0..WORKERS).map(|_| employee.copy()).collect();
    report("create a ticket", people.iter().map(|client| move || drop(create(client, "one more"))).collect());
    let numbers: Vec<String> = people.iter().map(|client| create(client, "to be moved")).collect();
    let desks = desks(&host, &numbers);
    report("move a task to its next step", desks.into_iter().map(|mut desk| move || desk.advance()).collect());
    let says = |(client, number): (&Client, &String)| {
        let comment = json!({ "ticket": number, "content": "It is still broken." });
        let client = client.copy();
        move || drop(client.post("/api/v1/comments/", &comment).expect(201))
    };
    report("comment", people.iter().zip(&numbers).map(says).collect());
    println!("\nresident after it: {:.1} MB", crate::subject::resident_kib(host.pid()) / 1024.0);
}

/// Ours beside the native server, and ours alone.
fn lists(host: &Host, employee: &Client, number: &str) {
    let key = employee.get("/api/v1/auth/.well-known/jwks.json").expect(200).json()["keys"][0]["x"].clone();
    let database = host.state().join("sql/ticket.db");
    let placement = Placement::Together;
    let yardstick = Yardstick::start(&[database.to_str().unwrap(), key.as_str().unwrap()], placement);
    let (token, coordinator) = (employee.cookie("access_token"), sign_in(host, Role::Coordinator));
    let subject = |name, path: &str, token: Option<String>| Subject::new(name, host, path, token.as_deref(), placement);
    let subjects = [
        yardstick.subject("own tickets, native axum", LIST, token.as_deref()),
        subject("own tickets, ours", LIST, token.clone()),
        subject("all tickets, ours", LIST, coordinator.cookie("access_token")),
        subject("open a ticket, ours", &format!("{LIST}{number}"), token),
    ];
    crate::same_answer(&subjects[..2]);
    crate::print(&crate::measure(&subjects, 16));
}

fn create(client: &Client, subject: &str) -> String {
    let ticket = json!({
        "subject": subject, "category": "Asset Check In", "sub_category": "Check In", "description": "It comes back.",
    });
    client.post(LIST, &ticket).expect(201).json()["number"].as_str().unwrap().to_owned()
}

/// Copies the ticket until there are many, of many people and ages.
fn fill(host: &Host, number: &str) {
    let database = Connection::open(host.state().join("sql/ticket.db")).unwrap();
    database.busy_timeout(Duration::from_secs(10)).unwrap();
    let mut statement = database.prepare("select name from pragma_table_info('tickets')").unwrap();
    let columns: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let value = |column: &String| match column.as_str() {
        "id" => "printf('0198b000-0000-7000-8000-%012x', i)".to_owned(),
        "number" => "printf('TX20200101%06d', i)".to_owned(),
        "requester_id" => format!(
            "case i % {REQUESTERS} when 0 then requester_id else printf('0198c000-0000-7000-8000-%012x', i % {REQUESTERS}) end"
        ),
        "submitted_at" | "updated_at" => format!("{column} - i * 60000000"),
        other => other.to_owned(),
    };
    let values: Vec<_> = columns.iter().map(value).collect();
    let sql = format!(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < {}) \
         insert into tickets ({}) select {} from tickets, n where number = ?1",
        TICKETS - 1,
        columns.join(", "),
        values.join(", ")
    );
    assert_eq!(database.execute(&sql, [number]).unwrap(), usize::try_from(TICKETS - 1).unwrap());
    database.execute_batch("analyze").unwrap();
}

/// A task that goes to and fro between two steps.
struct Desk {
    task: String,
    holder: String,
    at_start: bool,
    forward: Value,
    back: Value,
    people: BTreeMap<String, Client>,
}

impl Desk {
    fn advance(&mut self) {
        let transition = if self.at_start { &self.forward } else { &self.back };
        let step = json!({ "transition_id": transition, "notes": "next" });
        let path = format!("/api/v1/workflows/tasks/{}/transition", self.task);
        let view = self.people[&self.holder].post(&path, &step).expect(200).json();
        view["next_item"]["assignee"]["name"].as_str().unwrap().clone_into(&mut self.holder);
        self.at_start = !self.at_start;
    }
}

/// A task for each ticket, approved and assigned.
fn desks(host: &Host, numbers: &[String]) -> Vec<Desk> {
    let (coordinator, admin) = (sign_in(host, Role::Coordinator), sign_in(host, Role::Superuser));
    let approval = json!({ "priority": "Low", "department": "Asset Department" });
    let people = staff(host);
    let mut desks = Vec::new();
    for number in numbers {
        coordinator.post(&format!("{LIST}{number}/approve"), &approval).expect(200);
        let path = format!("/api/v1/workflows/tasks/by-ticket/{number}");
        until("there is a task", || admin.get(&path).status == 200);
        let view = admin.get(&path).json();
        let workflow = view["task"]["workflow"]["id"].as_str().unwrap().to_owned();
        let graph = admin.get(&format!("/api/v1/workflows/{workflow}/graph")).expect(200).json()["graph"].clone();
        let named = |name: &str| {
            let transitions = graph["transitions"].as_array().unwrap();
            transitions.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("no {name}: {graph}"))["id"]
                .clone()
        };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        desks.push(Desk {
            task: text(&view["task"]["id"]),
            holder: text(&view["item"]["assignee"]["name"]),
            at_start: true,
            forward: named("Submit"),
            back: named("Reject"),
            people: people.iter().map(|(name, client)| (name.clone(), client.copy())).collect(),
        });
    }
    desks
}

/// Everybody who may hold a task of this workflow, by name.
fn staff(host: &Host) -> BTreeMap<String, Client> {
    let holds = ["tts/Admin", "tts/Asset Manager"];
    let staff = everybody(host).into_iter().filter(|person| holds.iter().any(|role| person.roles.contains(role)));
    let sign_in = |who: tests::people::Person| {
        let client = host.client();
        let document = json!({ "email": who.email, "password": who.password });
        let user = client.post("/api/v1/auth/login", &document).expect(200).json();
        let name = |field: &str| user["user"][field].as_str().unwrap().to_owned();
        (format!("{} {}", name("first_name"), name("last_name")), client)
    };
    assert!(!person(host, Role::Superuser).email.is_empty());
    staff.map(sign_in).collect()
}

/// Lets everybody work for a while and prints how it went.
fn report<W: FnMut() + Send>(name: &str, workers: Vec<W>) {
    let count = workers.len();
    let end = Instant::now() + TIME;
    let work = |mut once: W| {
        let mut times = Vec::new();
        while Instant::now() < end {
            let begun = Instant::now();
            once();
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        times
    };
    let mut times: Vec<f64> = std::thread::scope(|scope| {
        let running: Vec<_> = workers.into_iter().map(|once| scope.spawn(move || work(once))).collect();
        running.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    let total = u32::try_from(times.len()).unwrap();
    println!("| {name} | {count} | {:.0} | {:.1} | {:.1} |", f64::from(total) / TIME.as_secs_f64(), at(50), at(99));
}
