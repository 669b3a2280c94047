//! What the benchmarks compare with: axum without Wharf, doing the same work on the same SQLite file, or on the same
//! PostgreSQL server.
//!
//! `native <ticket.db or postgres://...> <x of the public key>` prints its address and serves until it is killed. The
//! list checks the same token (and remembers it, as the component does), runs the same two statements and gives the
//! same document.
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing, reason = "a yardstick, not a product")]

mod postgres;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_compact::{PublicKey, Signature};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

struct Shared {
    database: String,
    idle: Mutex<Vec<Connection>>,
    key: PublicKey,
    verified: Mutex<HashMap<String, String>>,
    names: HashMap<String, String>,
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (database, key) = (arguments.next().unwrap_or_default(), arguments.next());
    let key = key.map_or([0; 32], |key| URL_SAFE_NO_PAD.decode(key).unwrap().try_into().unwrap());
    let on_server = database.starts_with("postgres://");
    let names = if database.is_empty() || on_server { HashMap::new() } else { names(&open(&database)) };
    let (key, url) = (PublicKey::new(key), database.clone());
    let shared = Shared { database, idle: Mutex::default(), key, verified: Mutex::default(), names };
    let router = if on_server { postgres::router(&url, shared).await } else { router(shared) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    axum::serve(listener, router).await.unwrap();
}

fn router(shared: Shared) -> Router {
    Router::new()
        .route("/", get(async || ([(header::CONTENT_TYPE, "application/json")], r#"{"hello":"world"}"#)))
        .route("/api/v1/tickets/", get(list))
        .with_state(Arc::new(shared))
}

fn open(path: &str) -> Connection {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX).unwrap()
}

fn names(connection: &Connection) -> HashMap<String, String> {
    let sql = "select code, name from categories union select category_code || '/' || code, name from subcategories \
               union select code, name from departments";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

async fn list(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let Some(person) = person(&shared, &headers) else { return StatusCode::UNAUTHORIZED.into_response() };
    let page = tokio::task::spawn_blocking(move || page(&shared, &person)).await.unwrap();
    axum::Json(page).into_response()
}

fn person(shared: &Shared, headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let token = cookies.split("; ").find_map(|pair| pair.strip_prefix("access_token="))?;
    if let Some(person) = shared.verified.lock().unwrap().get(token) {
        return Some(person.clone());
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    shared.key.verify(signed, &signature).ok()?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(signed.split_once('.')?.1).ok()?).ok()?;
    let person = claims["sub"].as_str()?.to_owned();
    shared.verified.lock().unwrap().insert(token.to_owned(), person.clone());
    Some(person)
}

fn page(shared: &Shared, person: &str) -> Value {
    let connection = shared.idle.lock().unwrap().pop();
    let connection = connection.unwrap_or_else(|| open(&shared.database));
    let total: i64 = connection
        .prepare_cached("select count(*) as total from tickets where requester_id = $1")
        .unwrap()
        .query_row([person], |row| row.get(0))
        .unwrap();
    let mut statement = connection
        .prepare_cached(
            "select number, subject, status, priority, category_code, subcategory_code, department, requester_id, \
             requester_snapshot, submitted_at, updated_at from tickets where requester_id = $1 \
             order by submitted_at desc, number desc limit $2 offset $3",
        )
        .unwrap();
    let rows = statement.query_map((person, 20, 0), |row| line(shared, row)).unwrap();
    let items: Vec<Value> = rows.map(Result::unwrap).collect();
    drop(statement);
    shared.idle.lock().unwrap().push(connection);
    json!({ "items": items, "page": 1, "per_page": 20, "total": total, "pages": (total + 19) / 20 })
}

fn line(shared: &Shared, row: &rusqlite::Row<'_>) -> rusqlite::Result<Value> {
    let text = |column: &str| row.get::<_, Option<String>>(column);
    let name = |code: Option<String>| code.and_then(|code| shared.names.get(&code)).cloned();
    let category = text("category_code")?;
    let sub_category = text("subcategory_code")?.map(|code| format!("{}/{code}", category.clone().unwrap_or_default()));
    let requester = text("requester_snapshot")?.and_then(|snapshot| serde_json::from_str::<Value>(&snapshot).ok());
    let mut requester = requester.unwrap_or_default();
    requester["id"] = json!(text("requester_id")?);
    Ok(json!({
        "number": text("number")?,
        "subject": text("subject")?,
        "category": name(category),
        "sub_category": name(sub_category),
        "department": name(text("department")?),
        "priority": text("priority")?,
        "status": text("status")?,
        "requester": requester,
        "submitted_at": rfc3339(row.get("submitted_at")?),
        "updated_at": rfc3339(row.get("updated_at")?),
    }))
}

fn rfc3339(microseconds: i64) -> String {
    jiff::Timestamp::from_microsecond(microseconds).unwrap().to_string()
}
