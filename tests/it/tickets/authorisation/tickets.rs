//! Who may do what with tickets.

use super::row::{Body, Row, Thing, row, signed_in};

const WISH: Body = Body::Json(r#"{"subject":"s","description":"d","category":"Others"}"#);
const FORM: Body = Body::Form(&[("subject", "with a file"), ("description", "d"), ("category", "Others")]);
const APPROVAL: Body = Body::Json(r#"{"priority":"Low","department":"Asset Department"}"#);
const REASON: Body = Body::Json(r#"{"reason":"because"}"#);

//                                 nobody own  coll coord asgn agent admin super off
const SUBMITS: [u16; 9] = [401, 201, 201, 201, 403, 403, 201, 201, 401];
/// The ticket is theirs, or they see all; for the others there is none.
const SEES_NEW: [u16; 9] = [401, 200, 404, 200, 404, 404, 200, 200, 401];
const SEES_TASK: [u16; 9] = [401, 200, 404, 200, 200, 404, 200, 200, 401];
const COORDINATES: [u16; 9] = [401, 403, 403, 200, 403, 403, 403, 200, 401];
const REQUESTS: [u16; 9] = [401, 200, 404, 403, 403, 404, 403, 403, 401];

#[rustfmt::skip]
pub(super) const ROWS: [Row; 20] = [
    row("GET",   "/api/v1/tickets", Thing::None, Body::Empty,                          signed_in(200)),
    row("POST",  "/api/v1/tickets", Thing::None, WISH,                                 SUBMITS),
    row("GET",   "/api/v1/tickets/", Thing::None, Body::Empty,                         signed_in(200)),
    row("POST",  "/api/v1/tickets/", Thing::None, FORM,                                SUBMITS),
    row("GET",   "/api/v1/tickets/catalogue", Thing::None, Body::Empty,                signed_in(200)),
    row("GET",   "/api/v1/tickets/{number}", Thing::Task, Body::Empty,                 SEES_TASK),
    row("PATCH", "/api/v1/tickets/{number}", Thing::New, Body::Json(r#"{"subject":"clearer"}"#), [401, 200, 404, 200, 404, 404, 403, 200, 401]),
    row("POST",  "/api/v1/tickets/{number}/approve", Thing::New, APPROVAL,             COORDINATES),
    row("POST",  "/api/v1/tickets/{number}/reject", Thing::New, Body::Json(r#"{"rejection_reason":"no"}"#), COORDINATES),
    row("POST",  "/api/v1/tickets/{number}/claim", Thing::Task, Body::Empty,           COORDINATES),
    row("POST",  "/api/v1/tickets/{number}/status", Thing::Resolved, Body::Json(r#"{"status":"Closed"}"#), [401, 200, 404, 200, 403, 404, 403, 200, 401]),
    row("POST",  "/api/v1/tickets/{number}/withdraw", Thing::New, REASON,              [401, 200, 404, 403, 404, 404, 403, 403, 401]),
    row("POST",  "/api/v1/tickets/{number}/reopen", Thing::Resolved, REASON,           REQUESTS),
    row("POST",  "/api/v1/tickets/{number}/csat", Thing::Closed, Body::Json(r#"{"rating":4}"#), REQUESTS),
    row("GET",   "/api/v1/tickets/{number}/events", Thing::Task, Body::Empty,          SEES_TASK),
    row("GET",   "/api/v1/tickets/{number}/attachments", Thing::New, Body::Empty,      SEES_NEW),
    row("POST",  "/api/v1/tickets/{number}/attachments", Thing::New, FORM,             [401, 201, 404, 201, 404, 404, 403, 201, 401]),
    row("GET",   "/api/v1/tickets/{number}/attachments/{id}", Thing::New, Body::Empty, SEES_NEW),
    // Every other method of a known path, by one example; and a path that there is not.
    row("DELETE", "/api/v1/tickets/catalogue", Thing::None, Body::Empty,               [405; 9]),
    row("DELETE", "/api/v1/tickets/", Thing::None, Body::Empty,                        [405; 9]),
];
