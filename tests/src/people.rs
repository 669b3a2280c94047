//! The people of the demonstration, as the screen shows them when the host starts.

use serde_json::json;

use crate::client::Client;
use crate::host::Host;

/// Who is needed, by what they may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Submits tickets.
    Employee,
    /// Another one who submits tickets.
    Colleague,
    /// Approves tickets; nothing else of the help desk.
    Coordinator,
    /// Administers the tracking system, not the help desk.
    TrackingAdmin,
    /// Works on tasks.
    Agent,
    /// Administers everything.
    Superuser,
    /// An employee whom nobody approved yet.
    Pending,
    /// An employee who asks for one-time codes.
    WithCodes,
}

impl Role {
    /// What the screen says of such a person, and how many others of the kind come first.
    const fn label(self) -> (&'static str, usize) {
        match self {
            Self::Employee => ("hdts/Employee", 0),
            Self::Colleague => ("hdts/Employee", 1),
            Self::Coordinator => ("hdts/Ticket Coordinator, tts/Ticket Coordinator", 0),
            Self::TrackingAdmin => ("tts/Admin", 0),
            Self::Agent => ("tts/Agent", 0),
            Self::Superuser => ("hdts/Admin, tts/Admin (superuser)", 0),
            Self::Pending => ("hdts/Employee (not yet approved)", 0),
            Self::WithCodes => ("hdts/Employee (one-time codes on)", 0),
        }
    }
}

/// Somebody who can log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The log-in name.
    pub email: String,
    /// In clear: made for this host and shown by it.
    pub password: String,
    /// Roles as the screen lists them.
    pub roles: String,
}

/// Everybody on the host's screen, in its order.
pub fn everybody(host: &Host) -> Vec<Person> {
    let read = |line: &str| {
        let mut parts = line.split("  ").map(str::to_owned);
        let (email, password, roles) = (parts.next()?, parts.next()?, parts.next()?);
        email.contains('@').then_some(Person { email, password, roles })
    };
    host.screen().lines().filter_map(read).collect()
}

/// The person with this role.
pub fn person(host: &Host, role: Role) -> Person {
    let (label, earlier) = role.label();
    let mut of_kind = everybody(host).into_iter().filter(|person| person.roles == label);
    of_kind.nth(earlier).unwrap_or_else(|| panic!("no {role:?} on the screen: {}", host.screen()))
}

/// A client with the session of the person with this role.
pub fn sign_in(host: &Host, role: Role) -> Client {
    let Person { email, password, .. } = person(host, role);
    let client = host.client();
    client.post("/api/v1/auth/login", &json!({ "email": email, "password": password })).expect(200);
    client
}
