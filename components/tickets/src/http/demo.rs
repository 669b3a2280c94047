//! `POST /internal/demo` (private): fills an empty database with the scenario's tickets. What the story tells is done
//! over again by this room's own rules, so that nothing stands here that could not have come about.

use axum::body::Body;
use axum::http::StatusCode;
use scenario::{Asked, EntryKind, Who};
use sdk::http::Query;
use sdk::{Problem, blob, clock, id, sql};
use serde_json::{Map, Value};

use super::upload;
use crate::domain::{
    self, Actor, By, Catalogue, Change, Command, Entry, FILE_BYTES_DEFAULT, News, Part, Priority, Refusal, Right,
    Status, Submission, Ticket, decide, follow,
};
use crate::store::{self, Attachment, demo};

/// A ticket of the story by the rules of this room.
struct History {
    /// As it was submitted.
    first: Ticket,
    /// What became of it, in order.
    changes: Vec<Change>,
    /// Who takes part: person, part, since when.
    participants: Vec<(Who, Part, i64)>,
    file: Option<Attachment>,
}

/// Writes the story, without a message to anybody; 204 also if there is any ticket, or if only people are wanted.
pub(super) async fn seed(Query(asked): Query<Asked>) -> Result<StatusCode, Problem> {
    if !asked.is_full() || demo::any_ticket().await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let catalogue = store::catalogue().await?;
    let told = scenario::story(asked.moment(clock::now().0));
    let histories: Result<Vec<_>, Problem> = told.iter().map(|ticket| history(ticket, &catalogue)).collect();
    let mut histories = histories?;
    for (history, told) in histories.iter_mut().zip(&told) {
        if let Some(file) = &told.file {
            history.file = Some(keep(file, told).await?);
        }
    }
    let days: Vec<_> = told.iter().map(|ticket| (ticket.day(), ticket.sequence())).collect();
    match sql::retry(|| save(&histories, &days)).await {
        Ok(true) => {}
        lost => {
            let files: Vec<_> = histories.iter().filter_map(|history| history.file.clone()).collect();
            upload::discard(&files).await;
            lost?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Everything in one transaction; false if somebody else was first.
async fn save(histories: &[History], days: &[(&str, i64)]) -> Result<bool, Problem> {
    let tx = sql::begin().await?;
    if demo::any_ticket_in(&tx).await? {
        tx.rollback().await?;
        return Ok(false);
    }
    for (day, sequence) in days {
        demo::count(&tx, day, *sequence).await?;
    }
    for History { first, changes, participants, file } in histories {
        store::insert(&tx, first, "demo").await?;
        store::append(&tx, &first.id, &created(first)).await?;
        if let Some(file) = file
            && !store::adopt(&tx, &first.id, file).await?
        {
            return Err(Problem::unavailable("a file was swept away before its ticket was saved"));
        }
        for change in changes {
            store::save(&tx, change).await?;
        }
        for (person, part, since) in participants {
            store::join(&tx, &first.id, &person.key.to_string(), *part, *since).await?;
        }
    }
    tx.commit().await?;
    Ok(true)
}

/// Puts the picture into the blob store, noted for the sweep until its ticket is there.
async fn keep(file: &scenario::File, ticket: &scenario::Ticket) -> Result<Attachment, Problem> {
    let storage_key = format!("attachments/{}", id::new());
    store::intend(&storage_key, clock::now().0).await?;
    let picture = Body::from(scenario::picture());
    let info = blob::put(&storage_key, file.media_type, FILE_BYTES_DEFAULT, picture).await?;
    Ok(Attachment {
        id: file.key.to_string(),
        storage_key,
        name: file.name.to_owned(),
        media_type: file.media_type.to_owned(),
        size: i64::try_from(info.size).unwrap_or(i64::MAX),
        sha256: info.sha256,
        uploaded_by: ticket.requester.key.to_string(),
        uploaded_by_name: ticket.requester.full_name(),
        uploaded_at: ticket.submitted_at,
    })
}

// === the story by the rules of this room ===

fn history(told: &scenario::Ticket, catalogue: &Catalogue) -> Result<History, Problem> {
    let first = submitted(told, catalogue)?;
    let mut changes: Vec<Change> = Vec::new();
    for entry in &told.log {
        let before = changes.last().map_or(&first, |change| &change.ticket);
        let next = next(before, entry, told, catalogue);
        changes.extend(next.map_err(|refusal| Problem::internal(format!("{}: {refusal:?}", told.subject)))?);
    }
    let task = told.task.iter();
    let owner = task.clone().map(|task| (task.owner, Part::Coordinator, task.started_at));
    let assignees = task.flat_map(|task| &task.items).map(|item| (item.assignee, Part::Assignee, item.assigned_at));
    Ok(History { participants: owner.chain(assignees).collect(), first, changes, file: None })
}

/// As if the requester had filled in the form.
fn submitted(told: &scenario::Ticket, catalogue: &Catalogue) -> Result<Ticket, Problem> {
    let mut fields: Map<String, Value> = serde_json::from_str(told.details).map_err(Problem::internal)?;
    let texts = [("subject", told.subject), ("description", told.description), ("category", told.category.name)];
    let sub_category = told.category.sub.map(|name| ("sub_category", name));
    fields.extend(texts.into_iter().chain(sub_category).map(|(field, text)| (field.to_owned(), text.into())));
    let submission = Submission::read(catalogue, fields).map_err(super::invalid)?;
    Ok(Ticket {
        id: told.key.to_string(),
        number: told.number.clone(),
        requester: actor(told.requester).person(),
        subject: submission.subject,
        description: submission.description,
        category: submission.category,
        sub_category: submission.sub_category,
        scheduled_on: submission.scheduled_on,
        details: Value::Object(submission.details).to_string(),
        extra: Value::Object(submission.extra).to_string(),
        department: None,
        priority: None,
        status: Status::New,
        submitted_at: told.submitted_at,
        first_response_at: None,
        approval: None,
        rejection: None,
        withdrawal: None,
        resolved_at: None,
        closing: None,
        reopened_at: None,
        assignee_name: None,
        assigned_at: None,
        rating: None,
        updated_at: told.submitted_at,
        row_version: 1,
    })
}

fn created(ticket: &Ticket) -> Entry {
    Entry {
        kind: domain::EntryKind::Created,
        at: ticket.submitted_at,
        actor: Some(ticket.requester.clone()),
        from: None,
        to: Some(Status::New),
        note: None,
        is_internal: false,
    }
}

/// What a line of the story's log did to the ticket.
fn next(
    ticket: &Ticket,
    entry: &scenario::Entry,
    told: &scenario::Ticket,
    catalogue: &Catalogue,
) -> Result<Vec<Change>, Refusal> {
    let at = entry.at;
    let status = Status::read(entry.to.code()).unwrap_or(ticket.status);
    let command = match (entry.kind, entry.actor) {
        (EntryKind::Created, _) => return Ok(Vec::new()),
        (EntryKind::Assigned, _) => {
            let news = entry.assigned.map(|(who, step)| {
                let (assignee, step) = (who.full_name(), step.to_owned());
                News::Assigned { assignee, step, at }
            });
            return Ok(news.map(|news| follow(ticket, &news, at)).unwrap_or_default());
        }
        (EntryKind::Approved, _) => approval(told, catalogue).ok_or(Refusal::State { from: ticket.status })?,
        (EntryKind::Rated, _) => {
            let rating = told.rating.ok_or(Refusal::State { from: ticket.status })?;
            Command::Rate { stars: rating.stars, feedback: rating.feedback.map(str::to_owned) }
        }
        (EntryKind::AutoClosed, _) => Command::AutoClose,
        (EntryKind::Status, None) if status == Status::InProgress => Command::Start,
        _ => Command::towards(status, ticket.status, entry.note.map(str::to_owned))?,
    };
    let actor = entry.actor.map(actor);
    let by = actor.as_ref().map_or(By::System, By::Person);
    decide(ticket, command, by, at).map(|change| vec![change])
}

fn approval(told: &scenario::Ticket, catalogue: &Catalogue) -> Option<Command> {
    let approval = told.approval?;
    Some(Command::Approve {
        priority: Priority::read(approval.priority.label())?,
        department: catalogue.department(approval.department)?.code.clone(),
        notes: approval.notes.map(str::to_owned),
    })
}

fn actor(person: Who) -> Actor {
    let rights = [
        (person.holds("hdts", "Employee"), Right::Employee),
        (person.holds("hdts", "Ticket Coordinator"), Right::Coordinator),
    ];
    Actor {
        id: person.key.to_string(),
        full_name: person.full_name(),
        email: person.email(),
        rights: rights.into_iter().filter_map(|(holds, right)| holds.then_some(right)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{Category, Department, SubCategory};

    use super::*;

    /// What the story asks for, and every department; forms come from the database, so that answers count as extra.
    fn catalogue(told: &[scenario::Ticket]) -> Catalogue {
        let category = |it: &scenario::Ticket| {
            let named = |name: &str| SubCategory { code: name.to_lowercase(), name: name.to_owned() };
            Category {
                code: it.category.name.to_lowercase(),
                name: it.category.name.to_owned(),
                default_department: None,
                sub_categories: told.iter().filter_map(|it| it.category.sub).map(named).collect(),
                fields: Vec::new(),
            }
        };
        let department = |(code, name): &(&str, &str)| Department { code: (*code).into(), name: (*name).into() };
        Catalogue {
            departments: scenario::DEPARTMENTS.iter().map(department).collect(),
            categories: told.iter().map(category).collect(),
        }
    }

    #[test]
    fn every_story_comes_about_by_the_rules_of_this_room() {
        let told = scenario::story(1_773_065_100_000_000);
        let catalogue = catalogue(&told);
        for ticket in &told {
            let history = history(ticket, &catalogue).unwrap_or_else(|problem| panic!("{problem:?}"));
            let last = history.changes.last().map_or(&history.first, |change| &change.ticket);
            assert_eq!(last.status.code(), ticket.status.code(), "{}", ticket.subject);
            assert_eq!(last.resolved_at, ticket.resolved_at);
            assert_eq!(last.closing.map(|it| it.at), ticket.closing.map(|it| it.at));
            assert_eq!(last.rating.as_ref().map(|it| it.stars), ticket.rating.map(|it| it.stars));
            assert_eq!(last.first_response_at, ticket.first_response_at());
            assert_eq!(history.changes.len() + 1, ticket.log.len());
            let holder = ticket.task.as_ref().and_then(|task| task.items.last()).map(|item| item.assignee.full_name());
            assert_eq!(last.assignee_name, holder, "{}", ticket.subject);
        }
    }

    #[test]
    fn numbers_are_those_this_room_would_have_given() {
        for ticket in scenario::story(1_773_065_100_000_000) {
            let day = domain::day_key(ticket.submitted_at);
            assert_eq!(ticket.number, domain::number(&day, ticket.sequence()));
            assert!(domain::is_number(&ticket.number));
        }
    }
}
