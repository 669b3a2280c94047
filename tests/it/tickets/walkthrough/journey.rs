//! People who go on when the host comes back.

use std::collections::BTreeMap;
use std::thread::JoinHandle;

use serde_json::{Value, json};
use tests::client::{Answer, Client};
use tests::host::{Builder, Host};
use tests::people::everybody;
use ureq::AsSendBody;

use super::power::Power;

/// Who takes part, by the first name in the demonstration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// An employee.
    Noor,
    /// Another employee.
    Luca,
    /// A coordinator.
    Clara,
    /// The administrator of everything, and in this journey the only one of the tracking system.
    Marit,
    /// An asset manager.
    Oskar,
    /// The other asset manager.
    Yara,
}

pub(super) const EVERYBODY: [Who; 6] = [Who::Noor, Who::Luca, Who::Clara, Who::Marit, Who::Oskar, Who::Yara];

/// How often something is asked before it counts as never coming; each question is a request to the host.
const QUESTIONS: u32 = 20_000;

/// A walk through the system.
pub(super) struct Journey {
    host: Option<Host>,
    power: Power,
    cutting: Option<JoinHandle<()>>,
    step: usize,
    cuts: usize,
    log_ins: BTreeMap<Who, (String, String)>,
    clients: BTreeMap<Who, Client>,
    /// The ticket's number, once it has one.
    pub(super) number: String,
}

impl Journey {
    pub(super) fn begin(host: Host, power: Power) -> Self {
        let people = everybody(&host);
        let log_in = |who: Who| {
            let first = format!("{who:?}.").to_lowercase();
            let person = people.iter().find(|person| person.email.starts_with(&first)).expect("they are in the demo");
            (who, (person.email.clone(), person.password.clone()))
        };
        let log_ins = EVERYBODY.map(log_in).into_iter().collect();
        let mut journey = Self {
            host: Some(host),
            power,
            cutting: None,
            step: 0,
            cuts: 0,
            log_ins,
            clients: BTreeMap::new(),
            number: String::new(),
        };
        EVERYBODY.into_iter().for_each(|who| journey.log_in(who));
        journey
    }

    /// Log-ins last ten minutes; whoever sets the clock forward has everybody log in again.
    pub(super) fn log_in(&mut self, who: Who) {
        let (email, password) = self.log_ins[&who].clone();
        loop {
            let client = self.host().client();
            let document = json!({ "email": email, "password": password }).to_string();
            let headers = [("content-type", "application/json")];
            let answer = client.try_send("POST", "/api/v1/auth/login", &headers, document.as_str().as_body());
            if let Ok(answer) = answer {
                answer.expect(200);
                self.clients.insert(who, client);
                return;
            }
            self.come_back();
        }
    }

    pub(super) fn email(&self, who: Who) -> &str {
        &self.log_ins[&who].0
    }

    pub(super) fn host(&self) -> &Host {
        self.host.as_ref().expect("it runs between two cuts")
    }

    pub(super) fn client(&self, who: Who) -> &Client {
        &self.clients[&who]
    }

    /// How often the power went so far.
    pub(super) const fn cuts(&self) -> usize {
        self.cuts
    }

    /// A new step begins; one that is to be cut is cut in the midst of what follows.
    pub(super) fn step(&mut self) {
        self.finish_cut();
        self.cutting = self.power.cut(self.step, self.host.as_ref().expect("it runs"));
        self.step += 1;
    }

    /// Waits for the cut of the last step, where its work was done before it came.
    pub(super) fn finish_cut(&mut self) {
        if self.cutting.is_some() {
            self.come_back();
        }
    }

    /// How many steps there were.
    pub(super) const fn steps(&self) -> usize {
        self.step
    }

    /// The host is gone, or about to be: starts it again, and everybody turns to where it is now.
    fn come_back(&mut self) {
        let cutting = self.cutting.take().expect("nobody else takes the power away");
        cutting.join().expect("the power went");
        self.cuts += 1;
        let builder: Builder = self.host.take().expect("it ran").kill();
        let host = builder.start();
        for client in self.clients.values_mut() {
            *client = client.at(host.http());
        }
        self.host = Some(host);
    }

    fn send(&mut self, who: Who, method: &str, path: &str, body: Option<&Value>) -> Option<Answer> {
        let client = self.client(who);
        let text = body.map(Value::to_string);
        let sent = match &text {
            Some(text) => {
                client.try_send(method, path, &[("content-type", "application/json")], text.as_str().as_body())
            }
            None => client.try_send(method, path, &[], ureq::SendBody::none()),
        };
        match sent {
            Ok(answer) => Some(answer),
            Err(error) => {
                assert!(self.cutting.is_some(), "{method} {path}: {error}");
                self.come_back();
                None
            }
        }
    }

    /// Reads, as often as it takes to get an answer.
    pub(super) fn get(&mut self, who: Who, path: &str) -> Answer {
        loop {
            if let Some(answer) = self.send(who, "GET", path, None) {
                return answer;
            }
        }
    }

    /// Reads a document that must be there.
    #[track_caller]
    pub(super) fn read(&mut self, who: Who, path: &str) -> Value {
        self.get(who, path).expect(200).json()
    }

    /// Asks for something that is refused, and so can be asked again.
    pub(super) fn refused(&mut self, who: Who, method: &str, path: &str, body: &Value) -> Answer {
        loop {
            if let Some(answer) = self.send(who, method, path, Some(body)) {
                return answer;
            }
        }
    }

    /// Does something. Where the answer is lost, it is done again unless `done` finds that it was.
    #[track_caller]
    pub(super) fn act(
        &mut self,
        who: Who,
        (method, path, body): (&str, &str, &Value),
        status: u16,
        mut done: impl FnMut(&mut Self) -> bool,
    ) -> Option<Value> {
        loop {
            match self.send(who, method, path, Some(body)) {
                Some(answer) => return Some(answer.expect(status).json()),
                None if done(self) => return None,
                None => {}
            }
        }
    }

    /// Submits a form, in the same manner.
    pub(super) fn submit(&mut self, who: Who, path: &str, form: &(String, Vec<u8>), done: impl Fn(&mut Self) -> bool) {
        loop {
            let sent =
                self.client(who).try_send("POST", path, &[("content-type", &form.0)], form.1.as_slice().as_body());
            match sent {
                Ok(answer) => {
                    answer.expect(201);
                    return;
                }
                Err(error) => {
                    assert!(self.cutting.is_some(), "{path}: {error}");
                    self.come_back();
                    if done(self) {
                        return;
                    }
                }
            }
        }
    }

    /// Asks until the answer is yes.
    #[track_caller]
    pub(super) fn until(&mut self, what: &str, mut asked: impl FnMut(&mut Self) -> bool) {
        assert!((0..QUESTIONS).any(|_| asked(self)), "{what}: still not after {QUESTIONS} questions");
    }

    /// Sets the clock forward; everybody logs in anew.
    pub(super) fn pass(&mut self, seconds: u64) {
        // Within no step: a cut in between could leave open whether the clock moved.
        self.finish_cut();
        self.host().advance_clock(seconds);
        EVERYBODY.into_iter().for_each(|who| self.log_in(who));
    }
}
