//! What people found in their inboxes of late. The wording follows that of the worker that tells them.

use crate::comment::Comment;
use crate::person::PEOPLE;
use crate::task::{Item, Origin, Task};
use crate::ticket::{Status, Ticket, Who};

const HOUR_US: i64 = 3_600_000_000;

/// Older entries are not shown: nobody looks that far back.
const KEPT_US: i64 = 7 * 24 * HOUR_US;

/// Everybody has read what is older.
const READ_AFTER_US: i64 = 20 * HOUR_US;

/// An entry of somebody's inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Whose inbox.
    pub to: Who,
    /// Code of the type of notification.
    pub kind: &'static str,
    /// At most 200 characters.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The ticket it is about.
    pub number: String,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// When it was read.
    pub read_at: Option<i64>,
}

/// The entries of all inboxes that the story left until `now`, the oldest first.
pub fn notices(tickets: &[Ticket], now: i64) -> Vec<Notice> {
    let mut notices: Vec<_> = tickets.iter().flat_map(|ticket| of_ticket(ticket, now)).collect();
    notices.retain(|notice| notice.at >= now - KEPT_US);
    notices.sort_by_key(|notice| notice.at);
    for notice in notices.iter_mut().filter(|notice| notice.read_at.is_none()) {
        notice.read_at = (notice.at < now - READ_AFTER_US).then_some(notice.at + HOUR_US);
    }
    notices
}

fn of_ticket(ticket: &Ticket, now: i64) -> Vec<Notice> {
    let mut list = List { ticket, notices: Vec::new() };
    submitted(&mut list);
    decided(&mut list);
    match &ticket.task {
        Some(task) => worked(&mut list, task, now),
        None => unassigned(&mut list),
    }
    ended(&mut list);
    for comment in &ticket.comments {
        said(&mut list, comment);
    }
    list.notices
}

struct List<'a> {
    ticket: &'a Ticket,
    notices: Vec<Notice>,
}

impl List<'_> {
    fn tell(&mut self, to: Who, at: i64, kind: &'static str, (subject, body): (String, String)) {
        let number = self.ticket.number.clone();
        self.notices.push(Notice { to, kind, subject, body, number, at, read_at: None });
    }
}

fn holders(system: &'static str, role: &'static str) -> impl Iterator<Item = Who> {
    PEOPLE.iter().copied().filter(move |person| person.holds(system, role))
}

/// Read by the coordinators once one of them has acted on it.
fn submitted(list: &mut List<'_>) {
    let Ticket { number, subject, requester, category, submitted_at, .. } = list.ticket;
    let body = format!("{} asks: \"{subject}\" ({}).", requester.full_name(), category.name);
    for coordinator in holders("hdts", "Ticket Coordinator") {
        let words = (format!("Ticket {number} waits for a decision"), body.clone());
        list.tell(coordinator, *submitted_at, "system", words);
    }
    for notice in &mut list.notices {
        notice.read_at = list.ticket.first_response_at();
    }
}

fn decided(list: &mut List<'_>) {
    let ticket = list.ticket;
    let (number, subject) = (&ticket.number, ticket.subject);
    if let Some(it) = ticket.approval {
        let (priority, department) = (it.priority.label(), it.department);
        let body = format!("\"{subject}\" is now Open with priority {priority}. {department} takes care of it.");
        list.tell(ticket.requester, it.at, "task_status_update", (format!("Your ticket {number} is approved"), body));
    }
    if let Some(it) = ticket.rejection {
        let body = format!("{} rejected \"{subject}\". Reason: {}", it.by.full_name(), it.text);
        list.tell(ticket.requester, it.at, "task_status_update", (format!("Your ticket {number} is rejected"), body));
    }
}

fn unassigned(list: &mut List<'_>) {
    let ticket = list.ticket;
    let Some(approval) = ticket.approval else { return };
    for admin in holders("tts", "Admin") {
        let body = format!("\"{}\" is approved and has no workflow.", ticket.subject);
        list.tell(admin, approval.at, "system", (format!("Ticket {} has no workflow", ticket.number), body));
    }
}

// === the work ===

fn worked(list: &mut List<'_>, task: &Task, now: i64) {
    let Ticket { number, subject, .. } = list.ticket;
    let body = format!("\"{subject}\" goes through the workflow {}, and you follow its task.", task.workflow.name);
    list.tell(task.owner, task.started_at, "task_assignment", (format!("You follow ticket {number}"), body));
    let mut before: Option<&Item> = None;
    for item in &task.items {
        assigned(list, item, before);
        timed(list, task, item, now);
        before = Some(item);
    }
}

fn assigned(list: &mut List<'_>, item: &Item, before: Option<&Item>) {
    let Ticket { number, subject, .. } = list.ticket;
    let (step, at) = (item.step.name, item.assigned_at);
    let (from, to) = (before.map_or(item.assignee, |before| before.assignee), item.assignee);
    let notes = before.and_then(|before| before.notes.as_deref()).unwrap_or_default();
    match item.origin {
        Origin::System => {
            let body = format!("You have been assigned to \"{subject}\" as {}: step {step}.", item.role);
            list.tell(to, at, "task_assignment", (format!("Ticket {number} is assigned to you"), body));
        }
        Origin::Escalation => {
            let body = format!("Step {step} of \"{subject}\" went to {}. Reason: {notes}", to.full_name());
            list.tell(from, at, "task_escalation_out", (format!("Your step of ticket {number} is escalated"), body));
            let body = format!("Step {step} of \"{subject}\" came from {}. Reason: {notes}", from.full_name());
            list.tell(to, at, "task_escalation_in", (format!("Ticket {number} is escalated to you"), body));
        }
        Origin::Transferred => {
            let body = format!("Step {step} of \"{subject}\" went to {}. Notes: {notes}", to.full_name());
            list.tell(from, at, "task_transfer_out", (format!("Your step of ticket {number} is transferred"), body));
            let body = format!("Step {step} of \"{subject}\" came from {}. Notes: {notes}", from.full_name());
            list.tell(to, at, "task_transfer_in", (format!("Ticket {number} is transferred to you"), body));
        }
    }
}

/// At 80 per cent the assignee is told, at 90 the owner too, and past the target the administrators as well.
fn timed(list: &mut List<'_>, task: &Task, item: &Item, now: i64) {
    let Ticket { number, subject, .. } = list.ticket;
    let (step, who) = (item.step.name, item.assignee.full_name());
    for alert in item.alerts(now) {
        let mut people = vec![item.assignee];
        if alert.level >= 90 {
            people.push(task.owner);
        }
        let (kind, words) = if alert.level < 100 {
            let body = format!("Step {step} of \"{subject}\" ({who}) has used {} % of its time.", alert.level);
            ("sla_warning", (format!("Ticket {number} is due soon"), body))
        } else {
            people.extend(holders("tts", "Admin").filter(|admin| *admin != item.assignee));
            let body = format!("Step {step} of \"{subject}\" ({who}) is past its target.");
            ("sla_breach", (format!("Ticket {number} is overdue"), body))
        };
        for person in people {
            list.tell(person, alert.at, kind, words.clone());
        }
    }
}

fn ended(list: &mut List<'_>) {
    let ticket = list.ticket;
    let (number, subject, requester) = (&ticket.number, ticket.subject, ticket.requester);
    if let Some(at) = ticket.resolved_at {
        let body = format!("\"{subject}\" is resolved. Please close it, or reopen it if it is not.");
        list.tell(requester, at, "ticket_resolved", (format!("Your ticket {number} is resolved"), body));
    }
    if let Some(closing) = ticket.closing.filter(|closing| closing.by != Some(requester)) {
        let body = format!("\"{subject}\" is closed. You can now say how it went.");
        list.tell(requester, closing.at, "ticket_closed", (format!("Your ticket {number} is closed"), body));
    }
    if let Some(it) = ticket.withdrawal.filter(|_| ticket.status == Status::Withdrawn) {
        let body = format!("{} withdrew \"{subject}\". Reason: {}", requester.full_name(), it.text);
        for coordinator in holders("hdts", "Ticket Coordinator") {
            let words = (format!("Ticket {number} is withdrawn"), body.clone());
            list.tell(coordinator, it.at, "system", words);
        }
    }
}

// === what people say ===

/// Who is mentioned, and else the requester and whoever has the ticket at that moment.
fn said(list: &mut List<'_>, comment: &Comment) {
    let ticket = list.ticket;
    let (number, author) = (&ticket.number, comment.author.full_name());
    let excerpt: String = comment.text.chars().take(80).collect();
    let body = format!("{author}: {excerpt}");
    let mentioned = comment.mentions();
    for person in &mentioned {
        let words = (format!("{author} mentioned you on ticket {number}"), body.clone());
        list.tell(person, comment.at, "mention", words);
    }
    let mut items = ticket.task.iter().flat_map(|task| &task.items);
    let assignee = items.rfind(|item| item.assigned_at <= comment.at).map(|item| item.assignee);
    let requester = (!comment.is_internal).then_some(ticket.requester);
    let did = if comment.parent.is_some() { "replied" } else { "commented" };
    for person in requester.into_iter().chain(assignee) {
        if person != comment.author && !mentioned.contains(&person) {
            let words = (format!("{author} {did} on ticket {number}"), body.clone());
            list.tell(person, comment.at, "comment_added", words);
        }
    }
}
