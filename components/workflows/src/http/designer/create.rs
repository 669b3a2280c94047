//! A new workflow.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sdk::http::Json;
use sdk::sql;
use sdk::{Principal, Problem, clock, id};
use serde::Deserialize;
use serde_json::json;
use tasks::store::Trace;
use tasks::{Audit, Graph, Sla};

use super::super::caller::{admin, trace};
use super::super::invalid;
use super::{name_taken, read, unless_taken};
use crate::domain::{Caller, HeadSketch, Life, Sketch};
use crate::store::{self, Design};

/// A workflow as it is sent.
#[derive(Debug, Deserialize)]
struct Drawn {
    workflow: HeadSketch,
    graph: Sketch,
}

/// `POST /` by administrators: 201 with the draft. It may be wrong as a workflow; publishing finds that.
pub(in super::super) async fn create(
    principal: Principal,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let caller = admin(&principal)?;
    let Json(drawn) = Json::<Drawn>::from_request(request, &()).await?;
    let (design, sla, graph) = drawn.read(&caller)?;
    let trace = trace(&headers);
    sql::retry(|| save(&design, &sla, &graph, (&caller, &trace))).await?;
    let body = read::answer(design.id, Design::latest).await?;
    let mut response = (StatusCode::CREATED, body).into_response();
    if let Ok(location) = HeaderValue::from_str(&format!("/api/v1/workflows/{}", design.id)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

impl Drawn {
    /// What is to be stored; every wrong field of both parts is named at once.
    fn read(self, caller: &Caller) -> Result<(Design, Sla, Graph), Problem> {
        let (head, graph) = (self.workflow.read("workflow."), self.graph.read("graph.", id::new));
        let ((head, sla), graph) = match (head, graph) {
            (Ok(head), Ok(graph)) => (head, graph),
            (head, graph) => {
                let wrong = [head.err(), graph.err()];
                return Err(invalid(wrong.into_iter().flatten().flatten().collect()));
            }
        };
        let now = clock::now().0;
        let design = Design {
            id: id::new(),
            head,
            life: Life::Draft,
            current: None,
            draft: None,
            created_by: Some(caller.person.id),
            created_at: now,
            updated_at: now,
            row_version: 1,
        };
        Ok((design, sla, graph))
    }
}

async fn save(design: &Design, sla: &Sla, graph: &Graph, (caller, trace): (&Caller, &Trace)) -> Result<(), Problem> {
    let tx = sql::begin().await?;
    if store::name_is_taken(&tx, &design.head.name, design.id).await? {
        return Err(name_taken());
    }
    store::insert(&tx, design).await.map_err(unless_taken)?;
    let draft = store::add_version(&tx, design.id, sla, design.created_at).await?;
    store::put_graph(&tx, draft.id, graph).await?;
    let line = Audit {
        at: design.created_at,
        actor: Some(caller.person.clone()),
        action: "workflow.create",
        target: ("Workflow", design.id.to_string()),
        changes: json!({ "name": { "old": null, "new": design.head.name } }),
    };
    tasks::store::audit(&tx, &line, trace).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Right;
    use crate::domain::example::caller;

    #[test]
    fn what_is_wrong_in_both_parts_is_told_at_once() {
        let body = br#"{"workflow":{"name":" "},"graph":{"steps":[{"key":"a","name":""}]}}"#;
        let drawn: Drawn = sdk::http::parse_json(body).unwrap();
        let problem = drawn.read(&caller(1, &[Right::TrackingAdmin])).unwrap_err();
        let fields: Vec<_> = problem.errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!((problem.status(), fields), (422, vec!["workflow.name", "graph.steps[0].name"]));
    }
}
