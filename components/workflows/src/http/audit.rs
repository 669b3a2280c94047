//! Who did what to workflows and tasks.

use axum::response::IntoResponse;
use sdk::http::{Json, Query};
use sdk::page::{Page, given, word};
use sdk::problem::Invalid;
use sdk::uuid::Uuid;
use sdk::{Principal, Problem};
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::caller;
use super::{forbidden, view};
use crate::domain::Lines;
use crate::store::{self, Line, LineFilter};

/// The query as it comes.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    target: Option<String>,
    action: Option<String>,
    actor: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

/// `GET /audit`: for administrators everything, for other agents what they did themselves; the last lines first.
pub(super) async fn list(principal: Principal, Query(asked): Query<Asked>) -> Result<impl IntoResponse, Problem> {
    let lines = caller(&principal).may_read_audit().ok_or_else(forbidden)?;
    let (filter, page) = asked.filter(lines)?;
    let found = store::lines(&filter, page).await?;
    Ok(Json(page.answer(found, |it| line(&it))))
}

impl Asked {
    fn filter(self, lines: Lines) -> Result<(LineFilter, Page), Problem> {
        let mut wrong = Invalid::new();
        let page = Page::read(self.page, self.per_page, &mut wrong);
        let target = given(self.target).map(|text| {
            let (kind, id) = text.split_once(':').filter(|(kind, _)| is_word(kind))?;
            Some((kind.to_owned(), Uuid::parse_str(id).ok()?.to_string()))
        });
        wrong.check(target != Some(None), "target", "must be a type and a key, for example Task:<uuid>");
        let actor = given(self.actor).map(|text| Uuid::parse_str(&text).ok());
        wrong.check(actor != Some(None), "actor", "must be the key of a person");
        let action = word(self.action, "action", &mut wrong);
        wrong.finish()?;
        let only_of = match lines {
            Lines::All => None,
            Lines::Of(person) => Some(person),
        };
        Ok((LineFilter { only_of, target: target.flatten(), action, actor: actor.flatten() }, page))
    }
}

fn is_word(kind: &str) -> bool {
    !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn line(line: &Line) -> Value {
    let (kind, id) = &line.target;
    json!({
        "id": line.id,
        "at": view::time(line.at),
        "actor": line.actor_id.map(|id| json!({ "id": id, "name": line.actor_name })),
        "actor_ip": line.actor_ip,
        "user_agent": line.user_agent,
        "action": line.action,
        "target": format!("{kind}:{id}"),
        "changes": line.changes,
        "correlation_id": line.correlation_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_can_only_narrow_down_their_own_lines() {
        let me = Uuid::from_u128(7);
        let other = Asked { actor: Some(Uuid::from_u128(8).to_string()), ..Asked::default() };
        let (filter, _) = other.filter(Lines::Of(me)).unwrap();
        assert_eq!((filter.only_of, filter.actor), (Some(me), Some(Uuid::from_u128(8))));
        assert_eq!(Asked::default().filter(Lines::All).unwrap().0.only_of, None);
    }

    #[test]
    fn a_target_is_a_type_and_a_key() {
        let asked = |target: &str| Asked { target: Some(target.to_owned()), ..Asked::default() };
        let id = Uuid::from_u128(9).to_string();
        let (filter, _) = asked(&format!("Task:{}", id.to_uppercase())).filter(Lines::All).unwrap();
        assert_eq!(filter.target, Some(("Task".to_owned(), id)));
        for wrong in ["Task", "Task:7", ":", "T\0:00000000-0000-0000-0000-000000000009"] {
            let problem = asked(wrong).filter(Lines::All).unwrap_err();
            assert_eq!((problem.status(), problem.errors()[0].field.as_str()), (422, "target"), "{wrong}");
        }
    }
}
