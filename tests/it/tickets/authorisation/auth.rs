//! Who may see and change people and their roles.

use super::row::{Body, Row, Thing, anybody, row, signed_in};

/// An employee who asks to be let in; another one each time.
pub(super) const NEWCOMER: &str = r#"{
    "email": "newcomer.<serial>@example.org", "username": "newcomer<serial>", "password": "a long enough one 7",
    "password_confirm": "a long enough one 7", "first_name": "New", "last_name": "Comer", "department": "IT Department" }"#;
const WRONG_LOG_IN: &str = r#"{"email":"nobody@example.org","password":"not the right one"}"#;
const WRONG_CODE: &str = r#"{"challenge":"unknown","otp_code":"000000"}"#;
const WRONG_PASSWORD: &str = r#"{"password":"not the right one"}"#;
const WRONG_CHANGE: &str = r#"{"current_password":"not the right one","new_password":"another long 1","new_password_confirm":"another long 1"}"#;
const NOTHING: Body = Body::Json("{}");

//                         nobody own  coll coord asgn agent admin super off
const ADMINS: [u16; 9] = [401, 403, 403, 403, 403, 403, 200, 200, 401];
const SUPERS: [u16; 9] = [401, 403, 403, 403, 403, 403, 403, 200, 401];

#[rustfmt::skip]
pub(super) const ROWS: [Row; 36] = [
    row("POST",  "/api/v1/auth/login", Thing::None, Body::Json(WRONG_LOG_IN),                 anybody(401)),
    row("POST",  "/api/v1/auth/login/otp", Thing::None, Body::Json(WRONG_CODE),               anybody(401)),
    row("POST",  "/api/v1/auth/login/otp/resend", Thing::None, Body::Json(WRONG_CODE),        anybody(401)),
    row("POST",  "/api/v1/auth/token/refresh", Thing::None, Body::Empty,                      signed_in(200)),
    row("POST",  "/api/v1/auth/logout", Thing::None, Body::Empty,                             anybody(204)),
    row("GET",   "/api/v1/auth/.well-known/jwks.json", Thing::None, Body::Empty,              anybody(200)),
    row("GET",   "/api/v1/auth/me", Thing::None, Body::Empty,                                 signed_in(200)),
    row("PATCH", "/api/v1/auth/me", Thing::None, NOTHING,                                     signed_in(200)),
    row("POST",  "/api/v1/auth/me/password", Thing::None, Body::Json(WRONG_CHANGE),           signed_in(422)),
    row("POST",  "/api/v1/auth/2fa/enable", Thing::None, Body::Json(WRONG_PASSWORD),          signed_in(422)),
    row("POST",  "/api/v1/auth/2fa/request", Thing::None, NOTHING,                            signed_in(409)),
    row("POST",  "/api/v1/auth/2fa/disable", Thing::None, Body::Json(r#"{"password":"x","otp_code":"000000"}"#), signed_in(409)),
    row("POST",  "/api/v1/auth/password/forgot", Thing::None, Body::Json(r#"{"email":"nobody<serial>@example.org"}"#), anybody(200)),
    row("POST",  "/api/v1/auth/password/reset", Thing::None, Body::Json(r#"{"token":"x","password":"a long enough one 7","password_confirm":"a long enough one 7"}"#), anybody(422)),
    row("GET",   "/api/v1/auth/password/reset/{token}", Thing::None, Body::Empty,             anybody(404)),
    row("POST",  "/api/v1/auth/register", Thing::None, Body::Json(r#"{"email":"x"}"#),        anybody(422)),
    row("GET",   "/api/v1/auth/users", Thing::None, Body::Empty,                              ADMINS),
    row("GET",   "/api/v1/auth/users/batch", Thing::Staff, Body::Empty,                       signed_in(200)).with("?ids=<id>"),
    row("GET",   "/api/v1/auth/users/{id}", Thing::Staff, Body::Empty,                        ADMINS),
    row("PATCH", "/api/v1/auth/users/{id}", Thing::Staff, Body::Json(r#"{"first_name":"Pavel"}"#), ADMINS),
    row("POST",  "/api/v1/auth/users/{id}/approve", Thing::Newcomer, NOTHING,                 SUPERS),
    row("POST",  "/api/v1/auth/users/{id}/reject", Thing::Newcomer, Body::Json(r#"{"reason":"unknown"}"#), SUPERS),
    row("POST",  "/api/v1/auth/users/{id}/unlock", Thing::Staff, NOTHING,                     ADMINS),
    row("GET",   "/api/v1/auth/roles", Thing::None, Body::Empty,                              ADMINS),
    row("GET",   "/api/v1/auth/assignments", Thing::None, Body::Empty,                        ADMINS),
    row("POST",  "/api/v1/auth/assignments", Thing::None, NOTHING,                            [401, 403, 403, 403, 403, 403, 422, 422, 401]),
    row("PATCH", "/api/v1/auth/assignments/{id}", Thing::Assignment, Body::Json(r#"{"is_active":true}"#), ADMINS),
    row("DELETE", "/api/v1/auth/assignments/{id}", Thing::Assignment, Body::Empty,            [401, 403, 403, 403, 403, 403, 204, 204, 401]),
    row("GET",   "/api/v1/auth/audit", Thing::None, Body::Empty,                              SUPERS),
    row("DELETE", "/api/v1/auth/users", Thing::None, Body::Empty,                             [405; 9]),
    row("DELETE", "/api/v1/auth/me", Thing::None, Body::Empty,                                [405; 9]),
    row("DELETE", "/api/v1/auth/roles", Thing::None, Body::Empty,                             [405; 9]),
    row("DELETE", "/api/v1/auth/audit", Thing::None, Body::Empty,                             [405; 9]),
    row("DELETE", "/api/v1/auth/login", Thing::None, Body::Empty,                             [405; 9]),
    row("DELETE", "/api/v1/auth/register", Thing::None, Body::Empty,                          [405; 9]),
    row("DELETE", "/api/v1/auth/assignments", Thing::None, Body::Empty,                       [405; 9]),
];
