//! Everybody's own inbox, and nobody else's.

use super::row::{Body, Row, Thing, row, signed_in};

const OWN: [u16; 9] = [401, 200, 404, 404, 404, 404, 404, 404, 401];

#[rustfmt::skip]
pub(super) const ROWS: [Row; 10] = [
    row("GET",  "/api/v1/notifications", Thing::None, Body::Empty,              signed_in(200)),
    row("GET",  "/api/v1/notifications/", Thing::None, Body::Empty,             signed_in(200)),
    row("GET",  "/api/v1/notifications/unread-count", Thing::None, Body::Empty, signed_in(200)),
    row("GET",  "/api/v1/notifications/types", Thing::None, Body::Empty,        signed_in(200)),
    row("GET",  "/api/v1/notifications/preferences", Thing::None, Body::Empty,  signed_in(200)),
    row("PUT",  "/api/v1/notifications/preferences", Thing::None, Body::Json(r#"{"items":[]}"#), signed_in(200)),
    row("GET",  "/api/v1/notifications/{id}", Thing::Entry, Body::Empty,        OWN),
    row("POST", "/api/v1/notifications/{id}/read", Thing::Entry, Body::Empty,   OWN),
    row("POST", "/api/v1/notifications/read-all", Thing::None, Body::Empty,     signed_in(200)),
    row("GET",  "/api/v1/notifications/stream", Thing::None, Body::Stream,      signed_in(200)),
];
