//! `POST /internal/demo` (private): fills an empty database with who takes part in the scenario's tickets and what they
//! said. Everything goes by this room's own rules; nobody is told.

use axum::body::Body;
use axum::http::StatusCode;
use events::{RoleHeld, UserChangedV1};
use scenario::{Asked, Note, PEOPLE, Ticket, Who};
use sdk::http::Query;
use sdk::sql::{self, Transaction};
use sdk::{Problem, blob, clock, id};
use uuid::Uuid;

use super::{refused, upload};
use crate::domain::{
    Actor, Comment, Draft, FILE_BYTES_MAX, Part, PartKind, Stamp, Taken, Visibility, answer, begin, check_content,
    checked_content, standing, take,
};
use crate::store::{self, Attached, Received, demo};

/// Older than any news of auth, which replaces it.
const SOURCE_VERSION: i64 = 1;

/// Writes the story; 204 also if anything is known of any ticket, or if only people are wanted.
pub(super) async fn seed(Query(asked): Query<Asked>) -> Result<StatusCode, Problem> {
    let snapshot = store::snapshot().await?;
    let is_known = demo::any_ticket(&snapshot).await?;
    snapshot.rollback().await?;
    if !asked.is_full() || is_known {
        return Ok(StatusCode::NO_CONTENT);
    }
    let now = clock::now().0;
    let tickets = scenario::story(asked.moment(now));
    let threads: Vec<_> = tickets.iter().map(thread).collect::<Result<_, Problem>>()?;
    let picture = keep_picture(now).await?;
    match sql::retry(|| save(&tickets, &threads, &picture, now)).await {
        Ok(true) => {}
        lost => {
            upload::discard(std::slice::from_ref(&picture)).await;
            lost?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The picture that comments of the story show, whatever they call it; noted for the sweep until it is attached.
async fn keep_picture(now: i64) -> Result<Received, Problem> {
    let (name, picture) = ("picture.png", scenario::picture());
    let refused = |_| Problem::internal("the picture of the scenario is none");
    let media_type = check_content(name, None, &picture).map_err(refused)?;
    let storage_key = format!("files/{}", id::new());
    store::intend(&storage_key, now).await?;
    let info = blob::put(&storage_key, media_type, FILE_BYTES_MAX, Body::from(picture)).await?;
    let size = i64::try_from(info.size).unwrap_or(i64::MAX);
    Ok(Received { storage_key, name: name.to_owned(), media_type, size, sha256: info.sha256 })
}

/// Everything in one transaction; false if somebody else was first.
async fn save(tickets: &[Ticket], threads: &[Thread], picture: &Received, now: i64) -> Result<bool, Problem> {
    let tx = sql::begin().await?;
    if demo::any_ticket(&tx).await? {
        tx.rollback().await?;
        return Ok(false);
    }
    for person in PEOPLE {
        store::upsert(&tx, person.key, &as_told(person), now).await?;
    }
    for (ticket, thread) in tickets.iter().zip(threads) {
        for part in &thread.parts {
            store::put_part(&tx, &ticket.number, part).await?;
        }
        for (comment, told) in thread.comments.iter().zip(&ticket.comments) {
            save_comment(&tx, comment, told, picture).await?;
        }
    }
    tx.commit().await?;
    Ok(true)
}

async fn save_comment(
    tx: &Transaction,
    comment: &Comment,
    told: &scenario::Comment,
    picture: &Received,
) -> Result<(), Problem> {
    store::insert(tx, comment).await?;
    let mentioned: Vec<_> = told.mentions().iter().map(|person| person.key).collect();
    store::remember_mentions(tx, comment.id, &mentioned).await?;
    for person in told.liked_by {
        store::rate(tx, comment.id, person.key, Some(true)).await?;
    }
    let Some(name) = told.file else { return Ok(()) };
    let named = Received { name: name.to_owned(), ..picture.clone() };
    match store::attach(tx, comment.id, &named, (comment.author.id, comment.created_at)).await? {
        Attached::New | Attached::Known => Ok(()),
        Attached::Swept => Err(Problem::unavailable("the picture was swept away before its comment was saved")),
    }
}

/// What auth will tell of a person in a moment.
fn as_told(person: Who) -> UserChangedV1 {
    let role = |(system, role): &(&str, &str)| RoleHeld { system: (*system).to_owned(), role: (*role).to_owned() };
    UserChangedV1 {
        version: UserChangedV1::VERSION,
        user_id: person.key.to_string(),
        email: person.email(),
        first_name: person.first.to_owned(),
        last_name: person.last.to_owned(),
        user_type: if person.is_employee() { "employee" } else { "staff" }.to_owned(),
        department: person.department.map(str::to_owned),
        is_active: true,
        approval: if person.note == Note::Pending { "pending" } else { "approved" }.to_owned(),
        roles: person.roles.iter().map(role).collect(),
        changed_at: SOURCE_VERSION,
    }
}

// === the story by the rules of this room ===

/// Who takes part in a ticket, and what they said.
struct Thread {
    parts: Vec<Part>,
    comments: Vec<Comment>,
}

fn thread(ticket: &Ticket) -> Result<Thread, Problem> {
    let parts = parts(ticket);
    let mut comments: Vec<Comment> = Vec::new();
    for told in &ticket.comments {
        let comment = comment(ticket, told, &parts, &comments)?;
        comments.push(comment);
    }
    Ok(Thread { parts, comments })
}

fn parts(ticket: &Ticket) -> Vec<Part> {
    let taken = |kind, user: Uuid, at| Taken { user, kind, at };
    let requester = taken(PartKind::Requester, ticket.requester.key, ticket.submitted_at);
    let approver = ticket.approval.map(|it| taken(PartKind::Approver, it.by.key, it.at));
    let task = ticket.task.iter();
    let owner = task.clone().map(|it| taken(PartKind::Owner, it.owner.key, it.started_at));
    let items = task.flat_map(|it| &it.items);
    let assignees = items.map(|item| taken(PartKind::Assignee, item.assignee.key, item.assigned_at));
    let mut parts = Vec::new();
    for news in std::iter::once(requester).chain(approver).chain(owner).chain(assignees) {
        take(&mut parts, news);
    }
    parts
}

fn comment(ticket: &Ticket, told: &scenario::Comment, parts: &[Part], earlier: &[Comment]) -> Result<Comment, Problem> {
    let actor = actor(told.author);
    let none = || Problem::internal(format!("{} has no part in {}", actor.name, ticket.number));
    let standing = standing(&actor, parts).ok_or_else(none)?;
    let content = checked_content(told.text).map_err(refused)?;
    let stamp = Stamp { id: told.key, at: told.at };
    let parent = earlier.iter().find(|comment| told.parent == Some(comment.id));
    let comment = if let Some(parent) = parent {
        let replies = earlier.iter().filter(|other| other.parent == told.parent).count();
        answer(parent, i64::try_from(replies).unwrap_or(i64::MAX), content, actor.author(standing), stamp)
    } else {
        let visibility = if told.is_internal { Visibility::Internal } else { Visibility::Public };
        begin(&actor, standing, Draft { number: ticket.number.clone(), content, visibility }, stamp)
    };
    comment.map_err(refused)
}

fn actor(person: Who) -> Actor {
    let holds = |role: &str| person.holds("tts", role) || person.holds("hdts", role);
    Actor {
        id: person.key,
        name: person.full_name(),
        email: person.email(),
        is_admin: holds("Admin"),
        is_coordinator: holds("Ticket Coordinator"),
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{mentioned, usernames};

    use super::*;

    #[test]
    fn every_thread_comes_about_by_the_rules_of_this_room() {
        for ticket in scenario::story(1_773_065_100_000_000) {
            let thread = thread(&ticket).unwrap_or_else(|problem| panic!("{problem:?}"));
            assert_eq!(thread.comments.len(), ticket.comments.len());
            let current = |kind| thread.parts.iter().filter(|part| part.kind == kind && part.until.is_none()).count();
            assert_eq!(current(PartKind::Requester), 1);
            assert_eq!(current(PartKind::Assignee), usize::from(ticket.task.is_some()), "{}", ticket.number);
        }
    }

    #[test]
    fn mentions_of_the_story_are_those_this_room_finds() {
        for ticket in scenario::story(1_773_065_100_000_000) {
            let thread = thread(&ticket).unwrap_or_else(|problem| panic!("{problem:?}"));
            for (comment, told) in thread.comments.iter().zip(&ticket.comments) {
                let called = usernames(&comment.body);
                let known: Vec<_> = PEOPLE.iter().filter(|person| called.contains(&person.username())).collect();
                let known = known.iter().map(|person| crate::domain::Known {
                    user: person.key,
                    oversees: actor(person).is_admin || actor(person).is_coordinator,
                });
                let known: Vec<_> = known.collect();
                let found = mentioned(&known, &thread.parts, comment.visibility, comment.author.id);
                let told: Vec<_> = told.mentions().iter().map(|person| person.key).collect();
                assert_eq!((found.len(), &found), (called.len(), &told), "{}", comment.body);
            }
        }
    }
}
