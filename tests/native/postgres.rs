//! The same on PostgreSQL, with sqlx: the list, and a new ticket with its number, log line and message in one
//! transaction. Its messages go into a table of their own, so that the host does not deliver them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::get};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};

use crate::Shared;

/// As many as one database of the host may have.
const CONNECTIONS: u32 = 12;

/// Microseconds from 1970 to 2000, where the server's clock begins.
const EPOCH_US: i64 = 946_684_800_000_000;

const PAGE: &str = "select number, subject, status, priority, category_code, subcategory_code, department, requester_id, \
     requester_snapshot, submitted_at, updated_at from tickets where requester_id = $1::uuid \
     order by submitted_at desc, number desc limit $2 offset $3";

const NUMBER: &str = "insert into ticket_number_counter (day, last_issued) values ($1, 1) \
     on conflict (day) do update set last_issued = ticket_number_counter.last_issued + 1 \
     where ticket_number_counter.last_issued < 999999 returning last_issued";

const TICKET: &str = "insert into tickets (id, number, requester_id, requester_snapshot, subject, category_code, \
     subcategory_code, description, details, extra, status, source, submitted_at, updated_at, row_version) \
     values ($1::uuid, $2, $3::uuid, $4::json, $5, $6, $7, $8, '{}', '{}', 'new', 'web', now(), now(), 1)";

const LINE: &str = "insert into ticket_events (id, ticket_id, at, actor_name, kind, to_status, is_internal, data) \
     values ($1::uuid, $2::uuid, now(), 'somebody', 'created', 'new', false, '{}')";

const MESSAGE: &str = "insert into native_outbox (id, topic, body) values ($1, 'ticket.submitted', $2)";

struct Server {
    shared: Shared,
    pool: PgPool,
    codes: HashMap<String, String>,
    serial: AtomicU64,
}

/// The routes, on the database at this address.
pub(crate) async fn router(url: &str, mut shared: Shared) -> Router {
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect(url).await.unwrap();
    let table =
        "create table if not exists native_outbox (id text primary key, topic text not null, body bytea not null)";
    sqlx::query(table).execute(&pool).await.unwrap();
    let names = "select code, name from categories union select category_code || '/' || code, name from subcategories \
                 union select code, name from departments";
    let rows = sqlx::query(names).fetch_all(&pool).await.unwrap();
    shared.names = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let codes = shared.names.iter().map(|(code, name)| (name.clone(), code.clone())).collect();
    let server = Server { shared, pool, codes, serial: AtomicU64::new(0) };
    Router::new().route("/api/v1/tickets/", get(list).post(create)).with_state(Arc::new(server))
}

async fn list(State(server): State<Arc<Server>>, headers: HeaderMap) -> Response {
    let Some(person) = crate::person(&server.shared, &headers) else { return StatusCode::UNAUTHORIZED.into_response() };
    let count = sqlx::query("select count(*) as total from tickets where requester_id = $1::uuid").bind(&person);
    let total: i64 = count.fetch_one(&server.pool).await.unwrap().get(0);
    let page = sqlx::query(PAGE).bind(&person).bind(20_i64).bind(0_i64).fetch_all(&server.pool).await.unwrap();
    let items: Vec<_> = page.iter().map(|row| line(&server.shared, row)).collect();
    Json(json!({ "items": items, "page": 1, "per_page": 20, "total": total, "pages": (total + 19) / 20 }))
        .into_response()
}

fn line(shared: &Shared, row: &PgRow) -> Value {
    let text = |column: &str| row.get::<Option<String>, _>(column);
    let raw = |column: &str| row.try_get_raw(column).unwrap().as_bytes().unwrap().to_vec();
    let moment = |column: &str| crate::rfc3339(i64::from_be_bytes(raw(column).try_into().unwrap()) + EPOCH_US);
    let name = |code: Option<String>| code.and_then(|code| shared.names.get(&code)).cloned();
    let category = text("category_code");
    let sub_category = text("subcategory_code").map(|code| format!("{}/{code}", category.clone().unwrap_or_default()));
    let mut requester: Value = serde_json::from_slice(&raw("requester_snapshot")).unwrap();
    requester["id"] = json!(uuid(&raw("requester_id")));
    json!({
        "number": text("number"),
        "subject": text("subject"),
        "category": name(category),
        "sub_category": name(sub_category),
        "department": name(text("department")),
        "priority": text("priority"),
        "status": text("status"),
        "requester": requester,
        "submitted_at": moment("submitted_at"),
        "updated_at": moment("updated_at"),
    })
}

fn uuid(bytes: &[u8]) -> String {
    let digits = format!("{:032x}", u128::from_be_bytes(bytes.try_into().unwrap()));
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

async fn create(State(server): State<Arc<Server>>, headers: HeaderMap, Json(wish): Json<Value>) -> Response {
    let Some(person) = crate::person(&server.shared, &headers) else { return StatusCode::UNAUTHORIZED.into_response() };
    let text = |field: &str| wish[field].as_str().unwrap().to_owned();
    let category = server.codes[&text("category")].clone();
    let sub_category = server.codes[&text("sub_category")].split_once('/').unwrap().1.to_owned();
    let serial = server.serial.fetch_add(1, Ordering::Relaxed);
    let id = |kind: u32| format!("0198d000-{kind:04x}-7000-8000-{serial:012x}");
    let mut tx = server.pool.begin().await.unwrap();
    let n: i32 = sqlx::query(NUMBER).bind("20200101").fetch_one(&mut *tx).await.unwrap().get(0);
    let number = format!("NX20200101{n:06}");
    let ticket = sqlx::query(TICKET).bind(id(0)).bind(&number).bind(&person).bind(json!({}).to_string());
    let ticket = ticket.bind(text("subject")).bind(&category).bind(&sub_category).bind(text("description"));
    ticket.execute(&mut *tx).await.unwrap();
    sqlx::query(LINE).bind(id(1)).bind(id(0)).execute(&mut *tx).await.unwrap();
    let answer = json!({
        "id": id(0), "number": number, "subject": wish["subject"], "description": wish["description"],
        "category": wish["category"], "sub_category": wish["sub_category"], "status": "New",
    });
    sqlx::query(MESSAGE).bind(id(2)).bind(answer.to_string().into_bytes()).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    (StatusCode::CREATED, Json(answer)).into_response()
}
