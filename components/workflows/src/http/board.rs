//! Boards: one's own items, all tasks, those one owns, and tickets that got none.

use axum::response::IntoResponse;
use sdk::http::{Json, Query};
use sdk::page::{Answer, Page, given, word};
use sdk::problem::Invalid;
use sdk::uuid::Uuid;
use sdk::{Principal, Problem, clock};
use serde::Deserialize;
use serde_json::{Value, json};
use tasks::{Allocation, Priority};

use super::caller::{admin, agent, caller};
use super::{forbidden, view};
use crate::domain::Caller;
use crate::store::{self, Board, Tab, Turns, Waiting};

/// The query as it comes: all text, so that every wrong field is named at once.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    tab: Option<String>,
    priority: Option<String>,
    workflow: Option<String>,
    search: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

/// `GET /tasks/mine`: the caller's items, each with its task and ticket. Open ones unless asked otherwise.
pub(super) async fn mine(principal: Principal, Query(asked): Query<Asked>) -> Result<impl IntoResponse, Problem> {
    let caller = agent(&principal)?;
    let (turns, page) = asked.turns(&caller)?;
    let now = clock::now().0;
    let found = store::mine(&turns, page).await?;
    Ok(Json(page.answer(found, |line| view::line(&line, now))))
}

/// `GET /tasks`: all tasks, by administrators.
pub(super) async fn all(principal: Principal, Query(asked): Query<Asked>) -> Result<impl IntoResponse, Problem> {
    admin(&principal)?;
    boarded(asked, None).await
}

/// `GET /tasks/owned`: the tasks that the caller, a coordinator, owns.
pub(super) async fn owned(principal: Principal, Query(asked): Query<Asked>) -> Result<impl IntoResponse, Problem> {
    let caller = Some(caller(&principal)).filter(Caller::may_own).ok_or_else(forbidden)?;
    boarded(asked, Some(caller.person.id)).await
}

async fn boarded(asked: Asked, owner: Option<Uuid>) -> Result<Json<Answer<Value>>, Problem> {
    let (board, page) = asked.board(owner)?;
    let now = clock::now().0;
    let found = store::board(&board, page).await?;
    Ok(Json(page.answer(found, |line| view::line(&line, now))))
}

/// `GET /tasks/unassigned`: tickets that got no task, and why; by administrators.
pub(super) async fn unassigned(principal: Principal, Query(asked): Query<Asked>) -> Result<impl IntoResponse, Problem> {
    admin(&principal)?;
    let mut wrong = Invalid::new();
    let page = Page::read(asked.page, asked.per_page, &mut wrong);
    let search = word(asked.search, "search", &mut wrong);
    wrong.finish()?;
    let found = store::unassigned(search.as_deref(), page).await?;
    Ok(Json(page.answer(found, |it| waiting(&it))))
}

fn waiting(waiting: &Waiting) -> Value {
    let reason = if waiting.allocation == Allocation::NoStaff { "no_staff" } else { "no_workflow" };
    json!({
        "ticket": view::ticket(&waiting.ticket),
        "reason": reason,
        "detail": waiting.detail,
        "received_at": view::time(waiting.received_at),
    })
}

impl Asked {
    fn turns(self, caller: &Caller) -> Result<(Turns, Page), Problem> {
        let mut wrong = Invalid::new();
        let page = Page::read(self.page, self.per_page, &mut wrong);
        let is_open = match given(self.tab).as_deref() {
            None | Some("open") => Some(true),
            Some("acted") => Some(false),
            Some("all") => None,
            Some(_) => {
                wrong.add("tab", "must be open, acted or all");
                None
            }
        };
        let priority = given(self.priority).map(|text| Priority::read(&text));
        wrong.check(priority != Some(None), "priority", "must be Critical, High, Medium or Low");
        let workflow = word(self.workflow, "workflow", &mut wrong);
        let search = word(self.search, "search", &mut wrong);
        wrong.finish()?;
        let turns = Turns { assignee: caller.person.id, is_open, priority: priority.flatten(), workflow, search };
        Ok((turns, page))
    }

    fn board(self, owner: Option<Uuid>) -> Result<(Board, Page), Problem> {
        let mut wrong = Invalid::new();
        let page = Page::read(self.page, self.per_page, &mut wrong);
        let tab = match given(self.tab).as_deref() {
            None | Some("active") => Tab::Active,
            Some("inactive") => Tab::Inactive,
            Some("all") => Tab::All,
            Some(_) => {
                wrong.add("tab", "must be active, inactive or all");
                Tab::All
            }
        };
        let search = word(self.search, "search", &mut wrong);
        wrong.finish()?;
        Ok((Board { owner, tab, search }, page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::example::caller;

    #[test]
    fn a_board_shows_what_is_to_be_done_unless_asked_otherwise() {
        let me = caller(7, &[]);
        let (turns, page) = Asked::default().turns(&me).unwrap();
        assert_eq!((turns.assignee, turns.is_open, page.limit()), (me.person.id, Some(true), 20));
        let tab = |tab: &str| Asked { tab: Some(tab.to_owned()), ..Asked::default() };
        assert_eq!(tab("acted").turns(&me).unwrap().0.is_open, Some(false));
        assert_eq!(tab("all").turns(&me).unwrap().0.is_open, None);
        assert_eq!(Asked::default().board(None).unwrap().0.tab, Tab::Active);
        assert_eq!(tab("inactive").board(None).unwrap().0.tab, Tab::Inactive);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let asked = || Asked {
            tab: Some("done".to_owned()),
            priority: Some("whenever".to_owned()),
            workflow: Some("\0".to_owned()),
            search: Some("x".repeat(101)),
            page: Some("0".to_owned()),
            per_page: None,
        };
        let fields = |problem: Problem| {
            assert_eq!(problem.status(), 422);
            problem.errors().iter().map(|error| error.field.clone()).collect::<Vec<_>>()
        };
        let mine = fields(asked().turns(&caller(7, &[])).unwrap_err());
        assert_eq!(mine, ["page", "tab", "priority", "workflow", "search"]);
        assert_eq!(fields(asked().board(None).unwrap_err()), ["page", "tab", "search"]);
    }
}
