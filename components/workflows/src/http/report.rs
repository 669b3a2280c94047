//! Figures about everybody's work.

use axum::response::IntoResponse;
use sdk::http::{Json, Query};
use sdk::page::{Answer, Page};
use sdk::problem::Invalid;
use sdk::{Principal, Problem, clock};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tasks::{ItemState, Priority, TaskState};

use super::caller::caller;
use super::{forbidden, invalid, view};
use crate::domain::{Caller, Handover, Period, Sla, Tally, Work, percent};
use crate::store;

/// The query as it comes.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    start_date: Option<String>,
    end_date: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

impl Asked {
    /// The period, if the caller may have it.
    fn period(&self, principal: &Principal) -> Result<Period, Problem> {
        if !Caller::may_read_reports(&caller(principal)) {
            return Err(forbidden());
        }
        Period::read(self.start_date.as_deref(), self.end_date.as_deref()).map_err(invalid)
    }

    fn page(self) -> Result<Page, Problem> {
        let mut wrong = Invalid::new();
        let page = Page::read(self.page, self.per_page, &mut wrong);
        wrong.finish()?;
        Ok(page)
    }
}

/// `GET /reports/tickets/dashboard`: the tasks that began in the period, as they stand now.
pub(super) async fn dashboard(principal: Principal, Query(asked): Query<Asked>) -> Result<impl IntoResponse, Problem> {
    let period = asked.period(&principal)?;
    let tallies = store::tallies(period, clock::now().0).await?;
    let staffing = store::staffing().await?;
    let sum = |count: fn(&Tally) -> u32| tallies.iter().map(count).sum::<u32>();
    let total = sum(|tally| tally.total);
    Ok(Json(json!({
        "total": total,
        "by_state": by_state(&tallies),
        "completed": in_state(&tallies, TaskState::Completed),
        "sla": targets(Sla::of(&tallies)),
        "escalation_rate": percent(sum(|tally| tally.escalated), total),
        "users": staffing.users,
        "workflows": staffing.workflows,
    })))
}

/// `GET /reports/tickets/sla`: how targets were kept, by priority.
pub(super) async fn sla(principal: Principal, Query(asked): Query<Asked>) -> Result<impl IntoResponse, Problem> {
    let period = asked.period(&principal)?;
    let tallies = store::tallies(period, clock::now().0).await?;
    Ok(Json(by_priority(&tallies)))
}

/// `GET /reports/tasks/status`: items of tasks by state, and the tasks themselves.
pub(super) async fn status(principal: Principal, Query(asked): Query<Asked>) -> Result<impl IntoResponse, Problem> {
    let period = asked.period(&principal)?;
    let now = clock::now().0;
    let tallies = store::tallies(period, now).await?;
    let (items, breached) = store::work_by_state(period, now).await?;
    Ok(Json(json!({
        "items": items.into_iter().map(item_state).collect::<Vec<_>>(),
        "breached": breached,
        "tasks": { "total": tallies.iter().map(|tally| tally.total).sum::<u32>(), "by_state": by_state(&tallies) },
    })))
}

/// `GET /reports/tasks/users`: what each person did with their items.
pub(super) async fn users(principal: Principal, Query(asked): Query<Asked>) -> Result<impl IntoResponse, Problem> {
    let period = asked.period(&principal)?;
    let page = asked.page()?;
    let found = store::work(period, clock::now().0, page).await?;
    Ok(Json(page.answer(found, |it| work(&it))))
}

/// `GET /reports/tasks/transfers`: how often items were handed over, and which.
pub(super) async fn transfers(principal: Principal, Query(asked): Query<Asked>) -> Result<impl IntoResponse, Problem> {
    let period = asked.period(&principal)?;
    let page = asked.page()?;
    let counts = store::handover_counts(period).await?;
    let found = store::handovers(period, page).await?;
    let page = page.answer(found, |it| handover(&it));
    Ok(Json(Handovers { page, transfers: counts.transfers, escalations: counts.escalations }))
}

/// A page of handovers, and how many of each kind there were.
#[derive(Serialize)]
struct Handovers {
    #[serde(flatten)]
    page: Answer<Value>,
    transfers: i64,
    escalations: i64,
}

fn in_state(tallies: &[Tally], state: TaskState) -> u32 {
    tallies.iter().filter(|tally| tally.state == state).map(|tally| tally.total).sum()
}

fn by_state(tallies: &[Tally]) -> Map<String, Value> {
    TaskState::ALL.into_iter().map(|state| (state.code().to_owned(), json!(in_state(tallies, state)))).collect()
}

fn by_priority(tallies: &[Tally]) -> Value {
    let line = |priority: Priority| {
        let of_it: Vec<Tally> = tallies.iter().copied().filter(|tally| tally.priority == priority).collect();
        let mut line = targets(Sla::of(&of_it));
        if let Some(members) = line.as_object_mut() {
            members.insert("priority".to_owned(), json!(priority.label()));
            members.insert("total".to_owned(), json!(of_it.iter().map(|tally| tally.total).sum::<u32>()));
        }
        line
    };
    json!({ "items": Priority::ALL.into_iter().map(line).collect::<Vec<_>>() })
}

fn item_state((state, count): (ItemState, u32)) -> Value {
    json!({ "state": state.code(), "count": count })
}

fn targets(sla: Sla) -> Value {
    json!({ "met": sla.met, "breached": sla.breached, "rate": sla.rate() })
}

fn work(work: &Work) -> Value {
    let mut line: Map<_, _> =
        work.by_state.iter().map(|(state, count)| (state.code().to_owned(), json!(count))).collect();
    line.insert("user".to_owned(), view::person(&work.person));
    line.insert("breached".to_owned(), json!(work.breached));
    Value::Object(line)
}

fn handover(handover: &Handover) -> Value {
    json!({
        "kind": handover.kind,
        "task_id": handover.task,
        "ticket_number": handover.number,
        "step": handover.step,
        "from": view::person(&handover.from),
        "to": view::maybe_person(handover.to.as_ref()),
        "by": view::maybe_person(handover.by.as_ref()),
        "notes": handover.notes,
        "at": view::time(handover.at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(state: TaskState, priority: Priority, (total, met, breached): (u32, u32, u32)) -> Tally {
        Tally { state, priority, total, met, breached, escalated: 0 }
    }

    #[test]
    fn every_state_and_every_priority_has_its_line() {
        let tallies = [
            tally(TaskState::Completed, Priority::High, (3, 2, 1)),
            tally(TaskState::Pending, Priority::High, (2, 0, 1)),
            tally(TaskState::Pending, Priority::Low, (1, 0, 0)),
        ];
        let wanted = json!({ "pending": 3, "in_progress": 0, "completed": 3, "on_hold": 0, "cancelled": 0 });
        assert_eq!(json!(by_state(&tallies)), wanted);
        assert_eq!(item_state((ItemState::InProgress, 4)), json!({ "state": "in_progress", "count": 4 }));
        let report = by_priority(&tallies);
        let lines = report["items"].as_array().unwrap();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[1], json!({ "priority": "High", "total": 5, "met": 2, "breached": 2, "rate": 50.0 }));
        assert_eq!(lines[3], json!({ "priority": "Low", "total": 1, "met": 0, "breached": 0, "rate": null }));
    }
}
