//! How workflows look from outside.

use axum::http::{HeaderMap, HeaderValue, header};
use sdk::Problem;
use serde_json::{Map, Value, json};
use tasks::{Finding, Findings, Graph, Sla, Step, Transition, weight};

use super::super::view;
use crate::store::{Design, Version};

/// A workflow. Its times are those of this version, else those that tasks follow, else those of the draft.
pub(super) fn workflow(design: &Design, shown: Option<Version>) -> Value {
    let shown = shown.or(design.current).or(design.draft);
    json!({
        "id": design.id,
        "name": design.head.name,
        "description": design.head.description,
        "department": design.head.department,
        "category": design.head.category,
        "sub_category": design.head.sub_category,
        "status": design.life.code(),
        "version": design.current.map(|version| version.n),
        "draft_version": design.draft.map(|version| version.n),
        "sla": shown.map(|version| sla(version.sla)),
        "created_by": design.created_by,
        "created_at": view::time(design.created_at),
        "updated_at": view::time(design.updated_at),
        "row_version": design.row_version,
    })
}

fn sla(sla: Sla) -> Value {
    json!({
        "critical_s": sla.critical_s,
        "high_s": sla.high_s,
        "medium_s": sla.medium_s,
        "low_s": sla.low_s,
    })
}

/// A workflow with one version of it.
pub(super) fn whole(design: &Design, version: Version, graph: &Graph) -> Value {
    json!({
        "workflow": workflow(design, Some(version)),
        "graph": {
            "steps": graph.steps.iter().map(step).collect::<Vec<_>>(),
            "transitions": graph.transitions.iter().map(|way| transition(graph, way)).collect::<Vec<_>>(),
        },
        "version": { "n": version.n, "is_draft": design.draft == Some(version) },
    })
}

fn step(step: &Step) -> Value {
    json!({
        "id": step.id,
        "key": step.key,
        "name": step.name,
        "description": step.description,
        "instruction": step.instruction,
        "role": step.role,
        "escalate_role": step.escalate_role,
        "weight": weight(step.weight_milli),
        "is_start": step.is_start,
        "is_end": step.is_end,
        "x": step.x,
        "y": step.y,
    })
}

fn transition(graph: &Graph, way: &Transition) -> Value {
    let key = |id| graph.step(id).map(|step| step.key.as_str());
    json!({
        "id": way.id,
        "from": key(way.from),
        "to": key(way.to),
        "name": way.name,
        "kind": way.kind.code(),
    })
}

/// What stands in the way of publishing, and what to think about.
pub(super) fn findings(findings: &Findings) -> Map<String, Value> {
    let list = |list: &[Finding]| Value::Array(list.iter().map(finding).collect());
    let mut members = Map::new();
    members.insert("errors".to_owned(), list(&findings.errors));
    members.insert("warnings".to_owned(), list(&findings.warnings));
    members
}

fn finding(finding: &Finding) -> Value {
    // `field` as in every other refusal, so that whoever knows no codes can still name the place.
    let field = finding.step.as_ref().map_or_else(|| "workflow".to_owned(), |key| format!("graph.steps.{key}"));
    json!({ "code": finding.code, "message": finding.message, "step": finding.step, "field": field })
}

/// The entity tag of this version of the workflow, its draft included.
pub(super) fn etag(design: &Design) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{}\"", design.row_version)).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// Passes unless the caller read another version, by the header or by the document.
pub(super) fn if_match(headers: &HeaderMap, read: Option<i64>, design: &Design) -> Result<(), Problem> {
    let by_header = headers.get(header::IF_MATCH).is_some_and(|wanted| *wanted != etag(design));
    if by_header || read.is_some_and(|version| version != design.row_version) {
        return Err(
            Problem::conflict("The workflow has changed since you read it.").member("row_version", design.row_version)
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sdk::uuid::Uuid;

    use super::*;
    use crate::domain::example::graph;
    use crate::domain::{Head, Life};

    fn version(n: u32, low_s: i64) -> Version {
        let id = Uuid::from_u128(n.into());
        Version { id, n, sla: Sla { low_s: Some(low_s), ..Sla::default() } }
    }

    fn design() -> Design {
        Design {
            id: Uuid::nil(),
            head: Head {
                name: "Check In".to_owned(),
                description: String::new(),
                department: "Assets".to_owned(),
                category: "In".to_owned(),
                sub_category: None,
            },
            life: Life::Published,
            current: Some(version(1, 10)),
            draft: Some(version(2, 20)),
            created_by: None,
            created_at: 0,
            updated_at: 0,
            row_version: 7,
        }
    }

    #[test]
    fn a_graph_is_shown_in_the_form_in_which_it_is_sent() {
        let body = whole(&design(), version(2, 20), &graph());
        let steps = body["graph"]["steps"].as_array().unwrap();
        assert_eq!((&steps[0]["key"], &steps[0]["weight"]), (&json!("triage"), &json!(0.2)));
        let ways = body["graph"]["transitions"].as_array().unwrap();
        assert_eq!(
            (&ways[3]["from"], &ways[3]["to"], &ways[3]["kind"]),
            (&json!("resolve"), &json!("triage"), &json!("return"))
        );
        let sketch: crate::domain::Sketch = serde_json::from_value(body["graph"].clone()).unwrap();
        assert!(sketch.read("", Uuid::now_v7).is_ok());
    }

    #[test]
    fn times_are_those_of_the_version_that_is_shown() {
        let body = whole(&design(), version(2, 20), &graph());
        assert_eq!(
            (&body["version"], &body["workflow"]["sla"]["low_s"]),
            (&json!({ "n": 2, "is_draft": true }), &json!(20))
        );
        let line = workflow(&design(), None);
        assert_eq!(
            (&line["version"], &line["draft_version"], &line["sla"]["low_s"]),
            (&json!(1), &json!(2), &json!(10))
        );
    }

    #[test]
    fn somebody_who_read_another_version_changes_nothing() {
        let mut headers = HeaderMap::new();
        assert!(if_match(&headers, None, &design()).is_ok());
        headers.insert(header::IF_MATCH, etag(&design()));
        assert!(if_match(&headers, Some(7), &design()).is_ok());
        assert_eq!(if_match(&headers, Some(6), &design()).unwrap_err().status(), 409);
        headers.insert(header::IF_MATCH, HeaderValue::from_static("\"6\""));
        assert_eq!(if_match(&headers, None, &design()).unwrap_err().status(), 409);
    }
}
