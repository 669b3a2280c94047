//! Other words for a ticket: who may still change them, and when.

use super::access::Actor;
use super::change::{Change, Entry, EntryKind, Refusal};
use super::status::Status;
use super::submission::{DESCRIPTION_MAX, SUBJECT_MAX};
use super::ticket::Ticket;

/// The words that are to change; at least one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// 1 to 255 characters.
    pub subject: Option<String>,
    /// 1 to 20,000 characters.
    pub description: Option<String>,
}

/// Decides over an edit: the requester may change what nobody has looked at yet, coordinators what is not resolved.
/// `now` in microseconds since 1970.
///
/// # Errors
/// A [`Refusal`]: first the right, then the fields, then the state.
pub fn edit(ticket: &Ticket, edit: &Edit, who: &Actor, now: i64) -> Result<Change, Refusal> {
    if !who.may_edit(ticket) {
        return Err(Refusal::Forbidden);
    }
    let subject = words("subject", edit.subject.as_deref(), SUBJECT_MAX)?;
    let description = words("description", edit.description.as_deref(), DESCRIPTION_MAX)?;
    if subject.is_none() && description.is_none() {
        return Err(Refusal::Invalid { field: "subject", message: "or description is required".to_owned() });
    }
    let before_work =
        matches!(ticket.status, Status::New | Status::Pending | Status::Open | Status::InProgress | Status::OnHold);
    if !(ticket.status == Status::New || before_work && who.may_coordinate()) {
        return Err(Refusal::State { from: ticket.status });
    }
    let changed: Vec<&str> = [("subject", &subject), ("description", &description)]
        .iter()
        .filter(|it| it.1.is_some())
        .map(|it| it.0)
        .collect();
    let mut after = ticket.clone();
    after.subject = subject.unwrap_or(after.subject);
    after.description = description.unwrap_or(after.description);
    after.updated_at = now;
    after.row_version += 1;
    let entry = Entry {
        kind: EntryKind::Edited,
        at: now,
        actor: Some(who.person()),
        from: None,
        to: None,
        note: Some(changed.join(", ")),
        is_internal: false,
    };
    Ok(Change { ticket: after, entry })
}

fn words(field: &'static str, text: Option<&str>, max: usize) -> Result<Option<String>, Refusal> {
    let Some(text) = text.map(str::trim) else { return Ok(None) };
    let refuse = |message: String| Err(Refusal::Invalid { field, message });
    if text.is_empty() {
        return refuse("must not be empty".to_owned());
    }
    if text.chars().count() > max {
        return refuse(format!("must have at most {max} characters"));
    }
    if text.contains('\0') {
        return refuse("must not have a null character".to_owned());
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::access::Right;
    use super::super::ticket::sample;
    use super::*;

    const NOW: i64 = 5;

    fn actor(id: &str, rights: &[Right]) -> Actor {
        Actor { id: id.to_owned(), full_name: String::new(), email: String::new(), rights: rights.to_vec() }
    }

    fn wanted(subject: &str) -> Edit {
        Edit { subject: Some(subject.to_owned()), description: None }
    }

    #[test]
    fn the_requester_edits_what_is_new_and_a_coordinator_what_is_not_resolved() {
        let (emp, coord) = (actor("emp", &[Right::Employee]), actor("coord", &[Right::Coordinator]));
        for status in Status::ALL {
            let ticket = sample(status);
            let refused = Err(Refusal::State { from: status });
            let by_emp = edit(&ticket, &wanted("s"), &emp, NOW);
            assert_eq!(by_emp == refused, status != Status::New, "{status:?}");
            let by_coord = edit(&ticket, &wanted("s"), &coord, NOW);
            let over = [Status::Resolved, Status::Rejected, Status::Withdrawn, Status::Closed].contains(&status);
            assert_eq!(by_coord == refused, over, "{status:?}");
        }
        for other in [actor("other", &[Right::Employee]), actor("tts", &[Right::TrackingAdmin, Right::Agent])] {
            assert_eq!(edit(&sample(Status::New), &wanted("s"), &other, NOW), Err(Refusal::Forbidden));
        }
    }

    #[test]
    fn an_edit_changes_what_it_names_and_says_so_in_the_log() {
        let change = edit(&sample(Status::New), &wanted(" Two chargers "), &actor("emp", &[]), NOW).unwrap();
        assert_eq!(
            (change.ticket.subject.as_str(), change.ticket.description.as_str()),
            ("Two chargers", "It is gone")
        );
        assert_eq!((change.ticket.row_version, change.entry.note.as_deref()), (5, Some("subject")));
    }

    #[test]
    fn words_that_are_missing_blank_or_too_many_are_named() {
        let emp = actor("emp", &[]);
        let field = |edit_of: Edit| match edit(&sample(Status::New), &edit_of, &emp, NOW) {
            Err(Refusal::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(field(Edit { subject: None, description: None }), "subject");
        for bad in [" ".to_owned(), "a\0".to_owned(), "x".repeat(DESCRIPTION_MAX + 1)] {
            assert_eq!(field(Edit { subject: None, description: Some(bad.clone()) }), "description");
            assert_eq!(field(wanted(&bad)), "subject");
        }
    }
}
