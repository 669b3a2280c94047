//! Who may draw workflows, and act on tasks.

use super::row::{Body, Row, Thing, row};

/// A draft that can be published; its category is a new one each time.
pub(super) const DRAFT: &str = r#"{
    "workflow": { "name": "Workflow <serial>", "description": "d", "department": "IT Department", "category": "Kind <serial>",
                  "sub_category": null, "sla": { "critical_s": 60, "high_s": 120, "medium_s": 180, "low_s": 240 } },
    "graph": { "steps": [{ "key": "do", "name": "Do", "description": "", "instruction": "", "role": "Agent",
                           "escalate_role": "Admin", "weight": 1, "is_start": true, "is_end": true, "x": 0, "y": 0 }],
               "transitions": [] } }"#;
const GRAPH: &str = r#"{
    "steps": [{ "key": "do", "name": "Do it", "description": "", "instruction": "", "role": "Agent",
                "escalate_role": "Admin", "weight": 1, "is_start": true, "is_end": true, "x": 0, "y": 0 }],
    "transitions": [] }"#;
const ANY: &str = r#"{"ticket_number":"<number>","workflow_id":"0198a000-0000-7000-8000-00000000ffff"}"#;
const TRANSFER: &str = r#"{"user_id":"0198a000-0000-7000-8000-00000000ffff","notes":"she knows it"}"#;
const END: &str = r#"{"transition_id":null,"notes":"done"}"#;
const REASON: &str = r#"{"reason":"too hard"}"#;
const NOTHING: Body = Body::Json("{}");

//                            nobody own  coll coord asgn agent admin super off
const AGENTS: [u16; 9] = [401, 403, 403, 200, 200, 200, 200, 200, 401];
const ADMINS: [u16; 9] = [401, 403, 403, 403, 403, 403, 200, 200, 401];
/// Those who hold it, own it, or administer; for the others there is none.
const TAKES_PART: [u16; 9] = [401, 404, 404, 200, 200, 404, 200, 200, 401];
/// The requester may follow it.
const FOLLOWS: [u16; 9] = [401, 200, 404, 200, 200, 404, 200, 200, 401];
/// Whoever holds it; others of the tracking system are told that it is not theirs.
const HOLDS: [u16; 9] = [401, 404, 404, 403, 200, 403, 403, 403, 401];
const REPORTS: [u16; 9] = [401, 403, 403, 200, 403, 403, 200, 200, 401];

#[rustfmt::skip]
pub(super) const ROWS: [Row; 37] = [
    row("GET",   "/api/v1/workflows", Thing::None, Body::Empty,                               AGENTS),
    row("POST",  "/api/v1/workflows", Thing::None, Body::Json(DRAFT),                         [401, 403, 403, 403, 403, 403, 201, 201, 401]),
    row("GET",   "/api/v1/workflows/", Thing::None, Body::Empty,                              AGENTS),
    row("POST",  "/api/v1/workflows/", Thing::None, Body::Json(DRAFT),                        [401, 403, 403, 403, 403, 403, 201, 201, 401]),
    row("GET",   "/api/v1/workflows/{id}", Thing::Workflow, Body::Empty,                      AGENTS),
    row("PATCH", "/api/v1/workflows/{id}", Thing::Draft, Body::Json(r#"{"description":"e"}"#), ADMINS),
    row("GET",   "/api/v1/workflows/{id}/graph", Thing::Workflow, Body::Empty,                AGENTS),
    row("PUT",   "/api/v1/workflows/{id}/graph", Thing::Draft, Body::Json(GRAPH),             ADMINS),
    row("GET",   "/api/v1/workflows/{id}/validation", Thing::Draft, Body::Empty,              ADMINS),
    row("POST",  "/api/v1/workflows/{id}/publish", Thing::Draft, NOTHING,                     ADMINS),
    row("POST",  "/api/v1/workflows/{id}/pause", Thing::Workflow, NOTHING,                    ADMINS),
    row("POST",  "/api/v1/workflows/{id}/resume", Thing::Paused, NOTHING,                     ADMINS),
    row("POST",  "/api/v1/workflows/{id}/archive", Thing::Workflow, NOTHING,                  ADMINS),
    row("GET",   "/api/v1/workflows/roles", Thing::None, Body::Empty,                         AGENTS),
    row("GET",   "/api/v1/workflows/tasks/mine", Thing::None, Body::Empty,                    AGENTS),
    row("GET",   "/api/v1/workflows/tasks", Thing::None, Body::Empty,                         ADMINS),
    row("GET",   "/api/v1/workflows/tasks/owned", Thing::None, Body::Empty,                   [401, 403, 403, 200, 403, 403, 403, 403, 401]),
    row("GET",   "/api/v1/workflows/tasks/unassigned", Thing::None, Body::Empty,              ADMINS),
    row("POST",  "/api/v1/workflows/tasks/assign", Thing::Task, Body::Json(ANY),              [401, 403, 403, 403, 403, 403, 409, 409, 401]),
    row("GET",   "/api/v1/workflows/tasks/by-ticket/{number}", Thing::Task, Body::Empty,      TAKES_PART),
    row("GET",   "/api/v1/workflows/tasks/by-ticket/{number}/progress", Thing::Task, Body::Empty, FOLLOWS),
    row("GET",   "/api/v1/workflows/tasks/items/{id}", Thing::Item, Body::Empty,              TAKES_PART),
    row("POST",  "/api/v1/workflows/tasks/items/{id}/start", Thing::Item, NOTHING,            HOLDS),
    row("POST",  "/api/v1/workflows/tasks/items/{id}/escalate", Thing::Item, Body::Json(REASON), [401, 404, 404, 403, 200, 403, 200, 200, 401]),
    row("POST",  "/api/v1/workflows/tasks/items/{id}/transfer", Thing::Item, Body::Json(TRANSFER), [401, 404, 404, 403, 403, 403, 422, 422, 401]),
    row("POST",  "/api/v1/workflows/tasks/{id}/transition", Thing::Task, Body::Json(END),     HOLDS),
    row("GET",   "/api/v1/workflows/tasks/{id}/log", Thing::Task, Body::Empty,                TAKES_PART),
    row("GET",   "/api/v1/workflows/tasks/{id}/progress", Thing::Task, Body::Empty,           FOLLOWS),
    row("GET",   "/api/v1/workflows/reports/tickets/dashboard", Thing::None, Body::Empty,     REPORTS),
    row("GET",   "/api/v1/workflows/reports/tickets/sla", Thing::None, Body::Empty,           REPORTS),
    row("GET",   "/api/v1/workflows/reports/tasks/users", Thing::None, Body::Empty,           REPORTS),
    row("GET",   "/api/v1/workflows/reports/tasks/transfers", Thing::None, Body::Empty,       REPORTS),
    row("GET",   "/api/v1/workflows/reports/tasks/status", Thing::None, Body::Empty,          REPORTS),
    row("GET",   "/api/v1/workflows/audit", Thing::None, Body::Empty,                         AGENTS),
    row("DELETE", "/api/v1/workflows/roles", Thing::None, Body::Empty,                        [405; 9]),
    row("DELETE", "/api/v1/workflows/tasks", Thing::None, Body::Empty,                        [405; 9]),
    row("DELETE", "/api/v1/workflows/audit", Thing::None, Body::Empty,                        [405; 9]),
];
