//! Pages of tickets.

use axum::response::{IntoResponse, Response};
use sdk::http::{Json, Query};
use sdk::page::{Page, given, word};
use sdk::problem::Invalid;
use sdk::{Principal, Problem};
use serde::Deserialize;

use super::caller::actor;
use super::view::Line;
use crate::domain::{Actor, Catalogue, Priority, Status};
use crate::store::{self, Filter};

/// The query as it comes: all text, so that every wrong field is named at once.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    status: Option<String>,
    priority: Option<String>,
    category: Option<String>,
    department: Option<String>,
    search: Option<String>,
    mine: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

/// `GET /`: the newest first; one's own tickets, for agents those they take part in too, or all of them for those who
/// may see them. `mine=true` leaves one's own.
pub(super) async fn list(principal: Principal, Query(wanted): Query<Wanted>) -> Result<Response, Problem> {
    let actor = actor(&principal);
    let catalogue = store::catalogue().await?;
    let Asked { filter, page } = wanted.check(&catalogue, &actor)?;
    let found = store::list(&filter, page).await?;
    Ok(Json(page.answer(found.as_ref(), |line| Line::of(line, &catalogue))).into_response())
}

struct Asked {
    filter: Filter,
    page: Page,
}

impl Wanted {
    fn check(self, catalogue: &Catalogue, actor: &Actor) -> Result<Asked, Problem> {
        let mut wrong = Invalid::new();
        let page = Page::read(self.page, self.per_page, &mut wrong);
        let status = given(self.status).map(|it| Status::read(&it));
        wrong.check(status != Some(None), "status", "is not a status of tickets");
        let priority = given(self.priority).map(|it| Priority::read(&it));
        wrong.check(priority != Some(None), "priority", "must be Critical, High, Medium or Low");
        let category = given(self.category).map(|it| catalogue.category(&it).map(|it| it.code.clone()));
        wrong.check(category != Some(None), "category", "is not in the catalogue");
        let department = given(self.department).map(|it| catalogue.department(&it).map(|it| it.code.clone()));
        wrong.check(department != Some(None), "department", "is not in the catalogue");
        let search = word(self.search, "search", &mut wrong);
        let mine = given(self.mine).map_or(Ok(false), |it| it.parse());
        wrong.check(mine.is_ok(), "mine", "must be true or false");
        wrong.finish()?;
        let own = mine == Ok(true) || !(actor.may_see_all() || actor.is_agent());
        let filter = Filter {
            requester: own.then(|| actor.id.clone()),
            visible_to: (!own && !actor.may_see_all()).then(|| actor.id.clone()),
            status: status.flatten(),
            priority: priority.flatten(),
            category: category.flatten(),
            department: department.flatten(),
            search,
        };
        Ok(Asked { filter, page })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Right;

    fn actor(right: Right) -> Actor {
        Actor { id: "me".to_owned(), full_name: String::new(), email: String::new(), rights: vec![right] }
    }

    #[test]
    fn an_employee_gets_their_own_and_a_coordinator_gets_all() {
        let catalogue = Catalogue::default();
        let own = Wanted::default().check(&catalogue, &actor(Right::Employee)).unwrap();
        assert_eq!((own.filter.requester.as_deref(), own.filter.visible_to), (Some("me"), None));
        assert_eq!((own.page.limit(), own.page.offset()), (20, 0));
        let all = Wanted::default().check(&catalogue, &actor(Right::Coordinator)).unwrap();
        assert_eq!((all.filter.requester, all.filter.visible_to), (None, None));
    }

    #[test]
    fn an_agent_gets_what_they_take_part_in_and_anybody_their_own_by_asking() {
        let catalogue = Catalogue::default();
        let some = Wanted::default().check(&catalogue, &actor(Right::Agent)).unwrap().filter;
        assert_eq!((some.requester, some.visible_to.as_deref()), (None, Some("me")));
        for right in [Right::Employee, Right::Agent, Right::Coordinator] {
            let wanted = Wanted { mine: Some("true".to_owned()), ..Wanted::default() };
            let own = wanted.check(&catalogue, &actor(right)).unwrap().filter;
            assert_eq!((own.requester.as_deref(), own.visible_to), (Some("me"), None), "{right:?}");
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        let wanted = Wanted {
            status: Some("Done".to_owned()),
            priority: Some("Urgent".to_owned()),
            category: Some("Boats".to_owned()),
            department: Some("Sea".to_owned()),
            search: Some("x".repeat(101)),
            mine: Some("maybe".to_owned()),
            page: Some("0".to_owned()),
            per_page: Some("101".to_owned()),
        };
        let problem = wanted.check(&Catalogue::default(), &actor(Right::Employee)).err().unwrap();
        let fields: Vec<&str> = problem.errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["page", "per_page", "status", "priority", "category", "department", "search", "mine"]);
        assert_eq!(problem.status(), 422);
    }
}
