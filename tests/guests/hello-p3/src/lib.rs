//! A stock spin-sdk component that knows nothing of Wharf: answers with a small JSON document, or with a variable.

use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let text = match request.uri().path() {
        "/variable" => spin_sdk::variables::get("greeting").await.unwrap_or_else(|error| error.to_string()),
        _ => r#"{"hello":"world"}"#.to_owned(),
    };
    Response::builder().header("content-type", "application/json").body(text)
}
