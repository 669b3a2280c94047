//! Looking workflows up, and what a draft still lacks.

use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use sdk::http::{Json, Path, Query};
use sdk::page::{Page, given, word};
use sdk::problem::Invalid;
use sdk::sql::{self, Isolation, Transaction};
use sdk::uuid::Uuid;
use sdk::{Principal, Problem};
use serde::Deserialize;
use serde_json::Value;
use tasks::{Draft, Finding, Findings, Graph, check};

use super::super::caller::{admin, agent};
use super::{drawing, no_workflow};
use crate::domain::Life;
use crate::store::{self, Design, Version, Wanted};

/// The query of a list as it comes.
#[derive(Debug, Default, Deserialize)]
pub(in super::super) struct Asked {
    status: Option<String>,
    department: Option<String>,
    search: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

/// Which version is wanted.
#[derive(Debug, Default, Deserialize)]
pub(in super::super) struct Which {
    version: Option<String>,
}

/// `GET /`: workflows by name.
pub(in super::super) async fn list(
    principal: Principal,
    Query(asked): Query<Asked>,
) -> Result<impl IntoResponse, Problem> {
    agent(&principal)?;
    let (wanted, page) = asked.check()?;
    let found = store::list(&wanted, page).await?;
    Ok(Json(page.answer(found, |design| drawing::workflow(&design, None))))
}

impl Asked {
    fn check(self) -> Result<(Wanted, Page), Problem> {
        let mut wrong = Invalid::new();
        let page = Page::read(self.page, self.per_page, &mut wrong);
        let life = given(self.status).map(|text| Life::read(&text));
        wrong.check(life != Some(None), "status", "must be draft, published, paused or archived");
        let department = word(self.department, "department", &mut wrong);
        let search = word(self.search, "search", &mut wrong);
        wrong.finish()?;
        Ok((Wanted { life: life.flatten(), department, search }, page))
    }
}

/// `GET /{id}`, `GET /{id}/graph`: the workflow with a graph; that of the draft if there is one, unless
/// `?version=published`.
pub(in super::super) async fn show(
    principal: Principal,
    Path(id): Path<Uuid>,
    Query(which): Query<Which>,
) -> Result<impl IntoResponse, Problem> {
    agent(&principal)?;
    answer(id, which.read()?).await
}

/// A workflow with the graph that designers work on.
pub(super) async fn answer(
    id: Uuid,
    pick: fn(&Design) -> Option<Version>,
) -> Result<([(header::HeaderName, HeaderValue); 1], Json<Value>), Problem> {
    let tx = sql::begin_with(Isolation::RepeatableRead, true).await?;
    let design = store::design(&tx, id).await?.ok_or_else(no_workflow)?;
    let version = pick(&design).ok_or_else(|| Problem::not_found("The workflow has no such version."))?;
    let graph = tasks::store::graph(&tx, version.id).await?;
    tx.rollback().await?;
    Ok(([(header::ETAG, drawing::etag(&design))], Json(drawing::whole(&design, version, &graph))))
}

impl Which {
    fn read(self) -> Result<fn(&Design) -> Option<Version>, Problem> {
        match given(self.version).as_deref() {
            None => Ok(Design::latest),
            Some("draft") => Ok(|design| design.draft),
            Some("published") => Ok(|design| design.current),
            Some(_) => Err(Problem::invalid("version", "must be draft or published")),
        }
    }
}

/// `GET /{id}/validation`: what stands in the way of publishing the draft, and what to think about; by administrators.
pub(in super::super) async fn validate(
    principal: Principal,
    Path(id): Path<Uuid>,
) -> Result<impl IntoResponse, Problem> {
    admin(&principal)?;
    let tx = sql::begin_with(Isolation::RepeatableRead, true).await?;
    let design = store::design(&tx, id).await?.ok_or_else(no_workflow)?;
    let version = design.latest().ok_or_else(no_workflow)?;
    let mut findings = checked(&tx, &design, version).await?;
    if let Some((_, name)) = store::rival(&tx, &design.head, id).await? {
        let message = format!("{name} is published and takes the same tickets; pause or archive it first.");
        findings.warnings.push(Finding { code: "match_taken", message, step: None });
    }
    tx.rollback().await?;
    Ok(Json(Value::Object(drawing::findings(&findings))))
}

/// What is found wrong with a version.
pub(super) async fn checked(tx: &Transaction, design: &Design, version: Version) -> Result<Findings, Problem> {
    let graph: Graph = tasks::store::graph(tx, version.id).await?;
    let staffed = tasks::store::staffed_roles().await?;
    let head = &design.head;
    let draft = Draft {
        name: &head.name,
        department: &head.department,
        category: &head.category,
        sub_category: head.sub_category.as_deref(),
        sla: &version.sla,
        graph: &graph,
    };
    Ok(check(&draft, &staffed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_narrowed_down_by_known_words() {
        let asked =
            Asked { status: Some("Published".to_owned()), department: Some(" IT ".to_owned()), ..Asked::default() };
        let (wanted, _) = asked.check().unwrap();
        assert_eq!((wanted.life, wanted.department.as_deref()), (Some(Life::Published), Some("IT")));
        let problem = Asked { status: Some("deployed".to_owned()), ..Asked::default() }.check().unwrap_err();
        assert_eq!((problem.status(), problem.errors()[0].field.as_str()), (422, "status"));
        let which = Which { version: Some("3".to_owned()) };
        assert_eq!(which.read().unwrap_err().status(), 422);
    }
}
