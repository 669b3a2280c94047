//! Who may say and read what about a ticket.

use super::row::{Body, Row, Thing, row};

const PUBLIC: Body = Body::Json(r#"{"ticket":"<number>","content":"a remark"}"#);
const INTERNAL: Body = Body::Json(r#"{"ticket":"<number>","content":"a remark","is_internal":true}"#);
const CONTENT: Body = Body::Json(r#"{"content":"another remark"}"#);
const UP: Body = Body::Json(r#"{"rating":true}"#);

//                               nobody own  coll coord asgn agent admin super off
const TAKES_PART: [u16; 9] = [401, 200, 404, 200, 200, 404, 200, 200, 401];
const SAYS: [u16; 9] = [401, 201, 404, 201, 201, 404, 201, 201, 401];
const OWN: [u16; 9] = [401, 200, 404, 403, 403, 404, 200, 200, 401];

#[rustfmt::skip]
pub(super) const ROWS: [Row; 14] = [
    row("GET",    "/api/v1/comments", Thing::Task, Body::Empty, TAKES_PART).with("?ticket=<number>"),
    row("POST",   "/api/v1/comments", Thing::Task, PUBLIC, SAYS),
    row("GET",    "/api/v1/comments/", Thing::Task, Body::Empty, TAKES_PART).with("?ticket=<number>"),
    row("POST",   "/api/v1/comments/", Thing::Task, INTERNAL, [401, 403, 404, 201, 201, 404, 201, 201, 401]),
    row("GET",    "/api/v1/comments/stream", Thing::Task, Body::Stream, TAKES_PART).with("?ticket=<number>"),
    row("POST",   "/api/v1/comments/read", Thing::Task, Body::Json(r#"{"ticket":"<number>"}"#), TAKES_PART),
    row("GET",    "/api/v1/comments/documents/{id}", Thing::Document, Body::Empty, TAKES_PART),
    row("GET",    "/api/v1/comments/{id}", Thing::Comment, Body::Empty, TAKES_PART),
    row("PATCH",  "/api/v1/comments/{id}", Thing::Comment, CONTENT, OWN),
    row("DELETE", "/api/v1/comments/{id}", Thing::Comment, Body::Empty, [401, 204, 404, 403, 403, 404, 204, 204, 401]),
    row("POST",   "/api/v1/comments/{id}/replies", Thing::Comment, CONTENT, SAYS),
    row("PUT",    "/api/v1/comments/{id}/rating", Thing::Comment, UP, TAKES_PART),
    // What staff say among themselves is not there for the requester.
    row("GET",    "/api/v1/comments/{id}", Thing::Internal, Body::Empty, [401, 404, 404, 200, 200, 404, 200, 200, 401]),
    row("POST",   "/api/v1/comments/{id}/replies", Thing::Internal, CONTENT, [401, 404, 404, 201, 201, 404, 201, 201, 401]),
];
