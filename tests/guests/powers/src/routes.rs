//! One route for each thing that a capability does.

use sdk::axum::Router;
use sdk::axum::body::Body;
use sdk::axum::extract::{Path, Query};
use sdk::axum::response::{IntoResponse, Response};
use sdk::axum::routing::{get, post, put};
use sdk::http::Json;
use sdk::sql::Value;
use sdk::{Outgoing, Problem};
use serde::Deserialize;
use serde_json::{Value as Document, json};

pub(crate) fn router() -> Router {
    Router::new()
        .route("/readyz", get(async || "ready"))
        .route("/now", get(async || sdk::clock::now().0.to_string()))
        .route("/sql", post(sql))
        .route("/rows", post(rows))
        .route("/transaction", post(transaction))
        .route("/abandon", post(abandon))
        .route("/send", post(send))
        .route("/blob/{key}", put(store).get(fetch).delete(remove))
        .route("/mail", post(mail))
        .route("/password", post(password))
        .route("/publish", post(publish))
        .route("/stream", get(stream))
        .route("/variable/{name}", get(variable))
        .route("/messages", post(crate::consumer::consume))
        .route("/tick", post(crate::consumer::tick))
}

/// A statement and its parameters. `{"uuid": "..."}` and its like name a type; plain JSON is taken as it is.
#[derive(Deserialize)]
struct Statement {
    statement: String,
    #[serde(default)]
    params: Vec<Document>,
}

impl Statement {
    fn values(&self) -> Vec<Value> {
        self.params.iter().map(value).collect()
    }
}

fn value(document: &Document) -> Value {
    let text = |document: &Document| document.as_str().unwrap_or_default().to_owned();
    if let Some((kind, inner)) = document.as_object().and_then(|object| object.iter().next()) {
        return match kind.as_str() {
            "uuid" => Value::Uuid(text(inner)),
            "json" => Value::Json(inner.to_string()),
            "decimal" => Value::Decimal(text(inner)),
            "timestamp" => Value::Timestamp(inner.as_i64().unwrap_or_default()),
            _ => Value::Bytes(text(inner).into_bytes()),
        };
    }
    match document {
        Document::Bool(truth) => Value::Boolean(*truth),
        Document::Number(number) if number.is_i64() => Value::Int64(number.as_i64().unwrap_or_default()),
        Document::Number(number) => Value::Float64(number.as_f64().unwrap_or_default()),
        Document::String(text) => Value::Text(text.clone()),
        _ => Value::Null,
    }
}

fn told(error: impl std::fmt::Debug) -> Response {
    Json(json!({ "error": format!("{error:?}") })).into_response()
}

async fn sql(Json(statement): Json<Statement>) -> Response {
    if statement.statement.trim_start().to_ascii_uppercase().starts_with("SELECT") {
        return match sdk::sql::query(&statement.statement, statement.values()).await {
            Ok(rows) => {
                Json(json!({ "rows": rows.iter().map(|row| format!("{row:?}")).collect::<Vec<_>>() })).into_response()
            }
            Err(error) => told(error),
        };
    }
    match sdk::sql::execute(&statement.statement, statement.values()).await {
        Ok(changed) => Json(json!({ "changed": changed })).into_response(),
        Err(error) => told(error),
    }
}

/// Counts the rows of a statement as they stream by, and adds up the column `n`; stops after `limit` rows.
#[derive(Deserialize)]
struct Reading {
    statement: String,
    limit: Option<u64>,
}

async fn rows(Json(Reading { statement, limit }): Json<Reading>) -> Response {
    let read = async {
        let mut rows = sdk::sql::query_stream(&statement, []).await?;
        let (mut count, mut sum) = (0_u64, 0_i64);
        while limit.is_none_or(|limit| count < limit) {
            let Some(row) = rows.next().await? else { break };
            count += 1;
            sum += row.get::<i64>("n")?;
        }
        Ok::<_, sdk::sql::Error>(json!({ "count": count, "sum": sum }))
    };
    match read.await {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => told(error),
    }
}

/// Statements, messages, and how it ends: `commit`, `rollback`, `drop` or `trap`.
#[derive(Deserialize)]
struct Work {
    statements: Vec<Statement>,
    #[serde(default)]
    messages: Vec<Sending>,
    end: String,
}

async fn transaction(Json(work): Json<Work>) -> Response {
    match run(&work).await {
        Ok(ids) => Json(json!({ "ids": ids })).into_response(),
        Err(error) => told(error),
    }
}

#[expect(clippy::panic, reason = "a trap in the middle of a transaction is one of the ends")]
async fn run(work: &Work) -> Result<Vec<String>, sdk::sql::Error> {
    let transaction = sdk::sql::begin().await?;
    for statement in &work.statements {
        transaction.execute(&statement.statement, statement.values()).await?;
    }
    let mut ids = Vec::new();
    for message in &work.messages {
        ids.push(transaction.send(&message.outgoing()).await?);
    }
    match work.end.as_str() {
        "commit" => transaction.commit().await?,
        "rollback" => transaction.rollback().await?,
        "trap" => panic!("as asked, in the middle of a transaction"),
        _ => drop(transaction),
    }
    Ok(ids)
}

/// Opens a transaction, changes something, and keeps it open past the end of the request.
async fn abandon(Json(statement): Json<Statement>) -> Response {
    let changed = async {
        let transaction = sdk::sql::begin().await?;
        let changed = transaction.execute(&statement.statement, statement.values()).await?;
        // Leaked on purpose: the host must end it with the request.
        let _leaked = std::mem::ManuallyDrop::new(transaction);
        Ok::<_, sdk::sql::Error>(changed)
    };
    match changed.await {
        Ok(changed) => Json(json!({ "changed": changed })).into_response(),
        Err(error) => told(error),
    }
}

#[derive(Deserialize)]
struct Sending {
    topic: String,
    body: Document,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    delay_ms: u64,
    #[serde(default = "ordinary")]
    priority: u8,
}

fn ordinary() -> u8 {
    4
}

impl Sending {
    fn outgoing(&self) -> Outgoing {
        Outgoing {
            id: self.id.clone(),
            topic: self.topic.clone(),
            subject: None,
            content_type: "application/json".to_owned(),
            body: self.body.to_string().into_bytes(),
            group_key: self.group.clone(),
            dedupe_key: None,
            priority: self.priority,
            delay_ms: self.delay_ms,
        }
    }
}

async fn send(Json(message): Json<Sending>) -> Response {
    match sdk::queue::send(&message.outgoing()).await {
        Ok(id) => Json(json!({ "id": id })).into_response(),
        Err(error) => told(error),
    }
}

async fn store(Path(key): Path<String>, body: Body) -> Response {
    match sdk::blob::put(&key, "application/octet-stream", 1 << 30, body).await {
        Ok(info) => Json(json!({ "size": info.size, "sha256": info.sha256 })).into_response(),
        Err(error) => told(error),
    }
}

async fn fetch(Path(key): Path<String>) -> Response {
    match sdk::blob::get(&key).await {
        Ok((_, body)) => body.into_response(),
        Err(error) => told(error),
    }
}

async fn remove(Path(key): Path<String>) -> Response {
    match sdk::blob::delete(&key).await {
        Ok(()) => Json(json!({})).into_response(),
        Err(error) => told(error),
    }
}

#[derive(Deserialize)]
struct Letter {
    to: String,
    subject: String,
    key: Option<String>,
}

async fn mail(Json(Letter { to, subject, key }): Json<Letter>) -> Response {
    let text = "Text.".to_owned();
    let message = sdk::mail::Message { to, subject, text, html: None, idempotency_key: key };
    match sdk::mail::send(message).await {
        Ok(id) => Json(json!({ "id": id })).into_response(),
        Err(error) => told(error),
    }
}

#[derive(Deserialize)]
struct Secret {
    password: String,
    hash: Option<String>,
}

async fn password(Json(Secret { password, hash }): Json<Secret>) -> Response {
    let answer = match hash {
        Some(hash) => sdk::password::verify(&password, Some(&hash)).await.map(|same| json!({ "same": same })),
        None => sdk::password::hash(&password).await.map(|hash| json!({ "hash": hash })),
    };
    answer.map_or_else(told, |answer| Json(answer).into_response())
}

#[derive(Deserialize)]
struct Announcement {
    channel: String,
    data: Document,
}

async fn publish(Json(Announcement { channel, data }): Json<Announcement>) -> Response {
    match sdk::live::publish(&channel, "news", &data).await {
        Ok(id) => Json(json!({ "id": id })).into_response(),
        Err(error) => told(error),
    }
}

#[derive(Deserialize)]
struct Channels {
    channels: String,
}

async fn stream(Query(Channels { channels }): Query<Channels>) -> Response {
    let channels: Vec<_> = channels.split(',').map(str::to_owned).collect();
    sdk::live::stream(&channels)
}

async fn variable(Path(name): Path<String>) -> Result<String, Problem> {
    sdk::variables::get(&name).await.map_err(|error| Problem::not_found(error.to_string()))
}
