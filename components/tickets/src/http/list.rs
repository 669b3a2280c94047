//! Pages of tickets.

use axum::response::IntoResponse;
use sdk::http::{Json, Query};
use sdk::problem::Invalid;
use sdk::{Principal, Problem};
use serde::Deserialize;
use serde_json::json;

use super::caller::actor;
use super::view;
use crate::domain::{Actor, Catalogue, Priority, Status};
use crate::store::{self, Filter};

const PER_PAGE_DEFAULT: i64 = 20;
/// A page of 100 is some 60 KiB; more is what search is for.
const PER_PAGE_MAX: i64 = 100;
/// Keeps the database from counting past what anybody reads.
const PAGE_MAX: i64 = 10_000;
const SEARCH_MAX: usize = 100;

/// The query as it comes: all text, so that every wrong field is named at once.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    status: Option<String>,
    priority: Option<String>,
    category: Option<String>,
    department: Option<String>,
    search: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

/// `GET /`: one's own tickets, or all of them for those who may see them, the newest first.
pub(super) async fn list(principal: Principal, Query(wanted): Query<Wanted>) -> Result<impl IntoResponse, Problem> {
    let actor = actor(&principal);
    let catalogue = store::catalogue().await?;
    let Asked { filter, page, per_page } = wanted.check(&catalogue, &actor)?;
    let found = store::list(&filter, per_page, (page - 1) * per_page).await?;
    Ok(Json(json!({
        "items": found.items.iter().map(|line| view::line(line, &catalogue)).collect::<Vec<_>>(),
        "page": page,
        "per_page": per_page,
        "total": found.total,
        "pages": (found.total + per_page - 1) / per_page,
    })))
}

struct Asked {
    filter: Filter,
    page: i64,
    per_page: i64,
}

impl Wanted {
    fn check(self, catalogue: &Catalogue, actor: &Actor) -> Result<Asked, Problem> {
        let mut wrong = Invalid::new();
        let given = |value: Option<String>| value.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        let number = |value: Option<String>, field: &str, default: i64, max: i64, wrong: &mut Invalid| {
            let number = given(value).map_or(Ok(default), |text| text.parse()).unwrap_or(0);
            wrong.check((1..=max).contains(&number), field, &format!("must be a whole number from 1 to {max}"));
            number
        };
        let page = number(self.page, "page", 1, PAGE_MAX, &mut wrong);
        let per_page = number(self.per_page, "per_page", PER_PAGE_DEFAULT, PER_PAGE_MAX, &mut wrong);
        let status = given(self.status).map(|it| Status::read(&it));
        wrong.check(status != Some(None), "status", "is not a status of tickets");
        let priority = given(self.priority).map(|it| Priority::read(&it));
        wrong.check(priority != Some(None), "priority", "must be Critical, High, Medium or Low");
        let category = given(self.category).map(|it| catalogue.category(&it).map(|it| it.code.clone()));
        wrong.check(category != Some(None), "category", "is not in the catalogue");
        let department = given(self.department).map(|it| catalogue.department(&it).map(|it| it.code.clone()));
        wrong.check(department != Some(None), "department", "is not in the catalogue");
        let search = given(self.search);
        let short = search.as_ref().is_none_or(|it| it.chars().count() <= SEARCH_MAX && !it.contains('\0'));
        wrong.check(short, "search", &format!("must be text of at most {SEARCH_MAX} characters"));
        wrong.finish()?;
        let filter = Filter {
            requester: (!actor.may_see_all()).then(|| actor.id.clone()),
            status: status.flatten(),
            priority: priority.flatten(),
            category: category.flatten(),
            department: department.flatten(),
            search,
        };
        Ok(Asked { filter, page, per_page })
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
        assert_eq!((own.filter.requester.as_deref(), own.page, own.per_page), (Some("me"), 1, 20));
        let all = Wanted::default().check(&catalogue, &actor(Right::Coordinator)).unwrap();
        assert_eq!(all.filter.requester, None);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let wanted = Wanted {
            status: Some("Done".to_owned()),
            priority: Some("Urgent".to_owned()),
            category: Some("Boats".to_owned()),
            department: Some("Sea".to_owned()),
            search: Some("x".repeat(SEARCH_MAX + 1)),
            page: Some("0".to_owned()),
            per_page: Some("101".to_owned()),
        };
        let problem = wanted.check(&Catalogue::default(), &actor(Right::Employee)).err().unwrap();
        let fields: Vec<&str> = problem.errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["page", "per_page", "status", "priority", "category", "department", "search"]);
        assert_eq!(problem.status(), 422);
    }
}
