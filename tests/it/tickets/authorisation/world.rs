//! The people who ask, and the things they ask about.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::client::{Client, Upload};
use tests::event_stream::EventStream;
use tests::host::Host;
use tests::people::everybody;
use tests::powers::until;
use ureq::{AsSendBody, SendBody};

use super::super::{TICKETS, entries, text};
use super::row::{Body, CALLERS, Caller, Row, Thing};

const WORKFLOWS: &str = "/api/v1/workflows/";
const COMMENTS: &str = "/api/v1/comments/";
const PEOPLE: &str = "/api/v1/auth/";

/// Longer than an access token lives.
const TOKEN_LIFE_S: u64 = 601;

/// The parameters of a path, by name.
type Names = BTreeMap<&'static str, String>;

pub(super) struct World<'a> {
    host: &'a Host,
    people: BTreeMap<&'static str, Client>,
    /// Things that nobody changes, made once.
    shared: RefCell<BTreeMap<Thing, (Names, Option<String>)>>,
    serial: RefCell<u32>,
}

impl<'a> World<'a> {
    pub(super) fn new(host: &'a Host) -> Self {
        let disabled = Self::named(host, "diego.salvana");
        let superuser = Self::named(host, "marit.solheim");
        let found = superuser.get(&format!("{PEOPLE}users?search=Salvana")).expect(200).json();
        let path = format!("{PEOPLE}users/{}", text(&found["items"][0]["id"]));
        send_json(&superuser, "PATCH", &path, &json!({ "is_active": false }).to_string());
        host.advance_clock(TOKEN_LIFE_S);
        // One coordinator is left to own tasks, so that it is clear whose they are.
        let superuser = Self::named(host, "marit.solheim");
        let path = format!("{PEOPLE}assignments?system=tts&role=Ticket%20Coordinator&per_page=100");
        let owners = superuser.get(&path).expect(200).json();
        let others = owners["items"].as_array().unwrap().iter().filter(|row| row["user"]["name"] != "Clara Fontane");
        let others: Vec<_> = others.map(|row| format!("{PEOPLE}assignments/{}", text(&row["id"]))).collect();
        assert_eq!(others.len(), 2, "{owners}");
        for path in others {
            assert_eq!(send_json(&superuser, "PATCH", &path, r#"{"is_active":false}"#), 200);
        }
        let names = [
            "noor.haddan",
            "luca.ferrano",
            "clara.fontane",
            "jonas.tervell",
            "mei.haruna",
            "oskar.lindqvest",
            "tomas.verhage",
            "marit.solheim",
        ];
        let mut people: BTreeMap<_, _> = names.into_iter().map(|name| (name, Self::named(host, name))).collect();
        people.insert("diego.salvana", disabled);
        let world = Self { host, people, shared: RefCell::default(), serial: RefCell::new(0) };
        until("the workflows know the agents", || {
            let roles = world.people["marit.solheim"].get(&format!("{WORKFLOWS}roles")).expect(200).json();
            let coordinators = || {
                let roles = roles["items"].as_array().unwrap().iter();
                let mut owners = roles.filter(|role| role["system"] == "tts" && role["name"] == "Ticket Coordinator");
                owners.next().and_then(|role| role["members"].as_array()).map_or(0, Vec::len)
            };
            let known = |name: &str| {
                let roles = roles["items"].as_array().unwrap().iter().filter(|role| role["name"] == name);
                roles.filter_map(|role| role["members"].as_array()).flatten().count() > 1
            };
            known("Agent") && coordinators() == 1
        });
        world
    }

    fn named(host: &Host, name: &str) -> Client {
        let person = everybody(host).into_iter().find(|person| person.email.starts_with(&format!("{name}@")));
        let person = person.unwrap_or_else(|| panic!("nobody is called {name}"));
        let client = host.client();
        let log_in = json!({ "email": person.email, "password": person.password });
        client.post(&format!("{PEOPLE}login"), &log_in).expect(200);
        client
    }

    /// What the caller asks with; who holds the task depends on the task.
    fn client(&self, caller: Caller, assignee: Option<&str>) -> Client {
        let name = match caller {
            // A client of its own: nothing of an earlier answer is sent with it.
            Caller::Anonymous => return self.host.client(),
            Caller::Requester => "noor.haddan",
            Caller::Colleague => "luca.ferrano",
            Caller::Coordinator => "clara.fontane",
            Caller::Assignee => assignee.unwrap_or("jonas.tervell"),
            Caller::Agent => "oskar.lindqvest",
            Caller::Admin => "tomas.verhage",
            Caller::Superuser => "marit.solheim",
            Caller::Disabled => "diego.salvana",
        };
        self.people[name].copy()
    }

    /// The status that this caller gets.
    pub(super) fn ask(&self, row: &Row, caller: Caller) -> u16 {
        let changes = row.method != "GET" && row.thing != Thing::None;
        let (names, assignee) =
            if changes && may_change(row, caller) { self.make(row.thing) } else { self.share(row.thing) };
        let path = fill(&format!("{}{}", row.path, row.query), &names);
        let client = self.client(caller, assignee.as_deref());
        match row.body {
            Body::Empty => client.send(row.method, &path, &[], SendBody::none()).status,
            Body::Json(text) => send_json(&client, row.method, &path, &self.unique(&fill(text, &names))),
            Body::Form(fields) => client.post_form(&path, fields, &[note()]).status,
            Body::Stream => EventStream::open(&client, &path, None).status,
        }
    }

    /// `<serial>` is another number each time.
    fn unique(&self, text: &str) -> String {
        let mut serial = self.serial.borrow_mut();
        *serial += 1;
        text.replace("<serial>", &serial.to_string())
    }

    fn share(&self, thing: Thing) -> (Names, Option<String>) {
        let known = self.shared.borrow().get(&thing).cloned();
        known.unwrap_or_else(|| {
            let made = self.make(thing);
            self.shared.borrow_mut().insert(thing, made.clone());
            made
        })
    }

    /// A new thing of this kind: its names, and who holds its task.
    fn make(&self, thing: Thing) -> (Names, Option<String>) {
        let one = |name, value: &Value| Names::from([(name, text(value))]);
        match thing {
            Thing::None => (Names::new(), None),
            Thing::New => (self.new_ticket(), None),
            Thing::Task | Thing::Item => self.assigned(thing),
            Thing::Resolved | Thing::Closed => self.resolved(thing),
            Thing::Comment | Thing::Document | Thing::Internal => self.comment(thing),
            Thing::Entry => {
                let (names, _) = self.assigned(Thing::Task);
                let requester = &self.people["noor.haddan"];
                until("the requester is told", || !entries(requester, &names["number"]).is_empty());
                (one("id", &entries(requester, &names["number"])[0]["id"]), None)
            }
            Thing::Workflow | Thing::Draft | Thing::Paused => (self.workflow(thing), None),
            Thing::Newcomer | Thing::Staff | Thing::Assignment => (self.person(thing), None),
        }
    }

    fn submit(&self) -> Value {
        let fields = [
            ("subject", "with a file"),
            ("description", "d"),
            ("category", "IT Support"),
            ("sub_category", "Access Request"),
        ];
        self.people["noor.haddan"].post_form(TICKETS, &fields, &[note()]).expect(201).json()
    }

    fn new_ticket(&self) -> Names {
        let ticket = self.submit();
        Names::from([("number", text(&ticket["number"])), ("id", text(&ticket["attachments"][0]["id"]))])
    }

    fn view(&self, number: &str) -> Value {
        let path = format!("{WORKFLOWS}tasks/by-ticket/{number}");
        let admin = &self.people["marit.solheim"];
        until("there is a task", || admin.get(&path).status == 200);
        admin.get(&path).json()
    }

    /// A task of one step, held by an agent, that everybody concerned has heard of.
    fn assigned(&self, thing: Thing) -> (Names, Option<String>) {
        let number = text(&self.submit()["number"]);
        let approval = json!({ "priority": "High", "department": "IT Department" });
        self.people["clara.fontane"].post(&format!("{TICKETS}{number}/approve"), &approval).expect(200);
        let view = self.view(&number);
        let holder = text(&view["item"]["assignee"]["name"]).to_lowercase().replace(' ', ".");
        let client = &self.people[holder.as_str()];
        until("the ticket is open to who holds it", || client.get(&format!("{TICKETS}{number}")).status == 200);
        until("so are its comments", || client.get(&format!("{COMMENTS}?ticket={number}")).status == 200);
        let requester = &self.people["noor.haddan"];
        until("and the requester's", || requester.get(&format!("{COMMENTS}?ticket={number}")).status == 200);
        let (task, item) = (text(&view["task"]["id"]), text(&view["item"]["id"]));
        let id = if thing == Thing::Item { item.clone() } else { task };
        (Names::from([("number", number), ("id", id), ("item", item)]), Some(holder))
    }

    fn resolved(&self, thing: Thing) -> (Names, Option<String>) {
        let (names, holder) = self.assigned(Thing::Task);
        let client = &self.people[holder.as_deref().unwrap()];
        let end = json!({ "transition_id": null, "notes": "done" });
        client.post(&format!("{WORKFLOWS}tasks/{}/transition", names["id"]), &end).expect(200);
        let (requester, path) = (&self.people["noor.haddan"], format!("{TICKETS}{}", names["number"]));
        until("it is resolved", || requester.get(&path).json()["status"] == "Resolved");
        if thing == Thing::Closed {
            requester.post(&format!("{path}/status"), &json!({ "status": "Closed" })).expect(200);
        }
        (names, holder)
    }

    fn comment(&self, thing: Thing) -> (Names, Option<String>) {
        let (mut names, holder) = self.assigned(Thing::Task);
        let internal = if thing == Thing::Internal { "true" } else { "false" };
        let author = if thing == Thing::Internal { "clara.fontane" } else { "noor.haddan" };
        let fields = [("ticket", names["number"].as_str()), ("content", "a remark"), ("is_internal", internal)];
        let comment = self.people[author].post_form(COMMENTS, &fields, &[note()]).expect(201).json();
        let id = if thing == Thing::Document { &comment["files"][0]["id"] } else { &comment["id"] };
        names.insert("id", text(id));
        (names, holder)
    }

    /// A workflow of its own category words, so that it gets in no other's way.
    fn workflow(&self, thing: Thing) -> Names {
        let admin = &self.people["marit.solheim"];
        let draft = self.unique(super::workflows::DRAFT);
        let made = admin.post(WORKFLOWS, &serde_json::from_str(&draft).unwrap()).expect(201).json();
        let id = text(&made["workflow"]["id"]);
        let does = |verb: &str| drop(admin.post(&format!("{WORKFLOWS}{id}/{verb}"), &json!({})).expect(200));
        if thing != Thing::Draft {
            does("publish");
        }
        if thing == Thing::Paused {
            does("pause");
        }
        Names::from([("id", id)])
    }

    fn person(&self, thing: Thing) -> Names {
        let admin = &self.people["marit.solheim"];
        let id = match thing {
            Thing::Newcomer => {
                let newcomer = self.unique(super::auth::NEWCOMER);
                let document: Value = serde_json::from_str(&newcomer).unwrap();
                self.host.client().post(&format!("{PEOPLE}register"), &document).expect(201);
                let path = format!("{PEOPLE}users?search={}", document["email"].as_str().unwrap());
                text(&admin.get(&path).expect(200).json()["items"][0]["id"])
            }
            Thing::Staff => {
                text(&admin.get(&format!("{PEOPLE}users?search=Drozny")).expect(200).json()["items"][0]["id"])
            }
            _ => {
                let path = format!("{PEOPLE}assignments?system=tts&role=Budget%20Manager");
                text(&admin.get(&path).expect(200).json()["items"][0]["id"])
            }
        };
        Names::from([("id", id)])
    }
}

/// Whether the row lets this caller change anything; the others may ask about a thing that stays.
fn may_change(row: &Row, caller: Caller) -> bool {
    CALLERS.iter().zip(row.statuses).any(|(each, status)| *each == caller && status < 300)
}

fn fill(text: &str, names: &Names) -> String {
    names.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value).replace(&format!("<{name}>"), value)
    })
}

fn send_json(client: &Client, method: &str, path: &str, text: &str) -> u16 {
    let mut text = text;
    client.send(method, path, &[("content-type", "application/json")], text.as_body()).status
}

fn note() -> Upload<'static> {
    Upload { name: "note.txt", media_type: "text/plain", content: b"something to keep" }
}
