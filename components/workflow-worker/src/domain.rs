//! Messages as values of `tasks`. Pure: no host calls.

use events::{Person as PersonV1, TicketApprovedV1, TicketWithdrawnV1, UserChangedV1};
use tasks::{Member, Person, Priority, Ticket};
use uuid::Uuid;

/// What is noted where somebody took a ticket back without a word.
const NO_REASON: &str = "The ticket was withdrawn.";

/// A field that is not as the topic promises, in words.
pub(crate) type Wrong = String;

/// The whole present state of a person.
pub(crate) fn member(event: &UserChangedV1) -> Result<Member, Wrong> {
    let name = format!("{} {}", event.first_name.trim(), event.last_name.trim());
    Ok(Member {
        person: Person {
            id: key("user_id", &event.user_id)?,
            name: name.trim().to_owned(),
            email: event.email.clone(),
        },
        is_active: event.is_active,
        roles: event.roles.iter().map(|held| (held.system.clone(), held.role.clone())).collect(),
        source_version: event.changed_at,
    })
}

/// Whether somebody with this state may be whom a ticket waits for.
pub(crate) fn can_work(member: &Member) -> bool {
    member.is_active && member.roles.iter().any(|(system, _)| system == "tts")
}

/// An approved ticket. One that does not say how urgent it is counts as medium.
pub(crate) fn approved(event: &TicketApprovedV1) -> Result<Ticket, Wrong> {
    let priority = match event.priority.trim() {
        "" => Priority::Medium,
        text => Priority::read(text).ok_or_else(|| format!("priority `{text}` is not known here"))?,
    };
    Ok(Ticket {
        id: key("ticket_id", &event.ticket_id)?,
        number: event.number.clone(),
        subject: event.subject.clone(),
        description: event.description.clone(),
        department: event.department.clone(),
        category: event.category.clone(),
        sub_category: event.sub_category.clone().filter(|name| !name.trim().is_empty()),
        priority,
        requester: person(&event.requester)?,
    })
}

/// What is known of a ticket that was withdrawn before its approval arrived, if it ever does.
pub(crate) fn withdrawn(event: &TicketWithdrawnV1) -> Result<Ticket, Wrong> {
    Ok(Ticket {
        id: key("ticket_id", &event.ticket_id)?,
        number: event.number.clone(),
        subject: event.subject.clone(),
        description: String::new(),
        department: String::new(),
        category: String::new(),
        sub_category: None,
        priority: Priority::Medium,
        requester: person(&event.requester)?,
    })
}

/// Why a ticket was withdrawn; never empty.
pub(crate) fn reason(event: &TicketWithdrawnV1) -> &str {
    let reason = event.reason.trim();
    if reason.is_empty() { NO_REASON } else { reason }
}

fn person(person: &PersonV1) -> Result<Person, Wrong> {
    Ok(Person { id: key("requester.id", &person.id)?, name: person.name.clone(), email: person.email.clone() })
}

fn key(field: &str, text: &str) -> Result<Uuid, Wrong> {
    Uuid::parse_str(text).map_err(|_| format!("{field} is no UUID"))
}

#[cfg(test)]
mod tests;
