//! Calls between components, in the process.

use std::sync::Arc;

use body::{Caller, Deadline, Request, Response};
use http::header::{CONNECTION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};

use crate::ctx::Scope;
use crate::{Error, OutboundCtx};

/// How deep components may call each other. Real applications need two or three; eight stops a circle early enough
/// that the instances it holds (one each) fit every limit.
pub(crate) const DEPTH_MAX: u32 = 8;

const CALLER: HeaderName = HeaderName::from_static("x-wharf-caller");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Calls the component; a callee that fails becomes an answer with status 502.
pub(crate) async fn call(
    ctx: &OutboundCtx,
    scope: &Scope,
    component: String,
    mut request: Request,
) -> Result<Response, Error> {
    let depth = scope.depth.saturating_add(1);
    if depth > DEPTH_MAX {
        return Err(Error::TooDeep { limit: DEPTH_MAX });
    }
    strip(request.headers_mut());
    if let Ok(caller) = HeaderValue::from_str(&ctx.component) {
        request.headers_mut().insert(CALLER, caller);
    }
    if let Some(id) = &scope.request_id
        && let Ok(value) = HeaderValue::from_str(&id.0)
    {
        request.headers_mut().insert(REQUEST_ID, value);
        request.extensions_mut().insert(id.clone());
    }
    if let Some(generation) = &scope.generation {
        request.extensions_mut().insert(generation.clone());
    }
    request.extensions_mut().insert(Deadline(scope.deadline));
    request.extensions_mut().insert(Caller { component: Arc::clone(&ctx.component), depth });

    match (ctx.shared.chain)(component.clone(), request).await {
        Ok(response) => Ok(response),
        Err(error) => match error.downcast::<Error>() {
            Ok(error) => Err(*error),
            Err(error) => {
                tracing::warn!(component = &*ctx.component, callee = component, error = %chained(&*error), "a call failed");
                Ok(bad_gateway(&component, scope))
            }
        },
    }
}

/// Removes what only the host may say, and what belongs to a connection that does not exist.
fn strip(headers: &mut HeaderMap) {
    headers.remove(HOST);
    headers.remove(CONNECTION);
    let reserved = |name: &HeaderName| name.as_str().starts_with("spin-") || name.as_str().starts_with("x-wharf-");
    let found: Vec<_> = headers.keys().filter(|name| reserved(name)).cloned().collect();
    for name in found {
        headers.remove(name);
    }
}

/// A problem document (RFC 9457). Written by hand: it is the only one that this crate knows.
fn bad_gateway(component: &str, scope: &Scope) -> Response {
    let instance = scope.request_id.as_ref().map(|id| format!(",\"instance\":{}", json(&id.0)));
    let text = format!(
        "{{\"type\":\"/problems/bad-gateway\",\"title\":\"Bad Gateway\",\"status\":502,\"detail\":{}{}}}",
        json(&format!("component {component} failed")),
        instance.unwrap_or_default(),
    );
    let mut response = Response::new(body::full(text));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// A JSON string.
fn json(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => quoted.push(' '),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// An error and its causes in one line.
fn chained(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(error.source(), |error| error.source())
        .fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted_for_json() {
        assert_eq!(json("a\"b\\c\nd\u{7f}é"), "\"a\\\"b\\\\c d é\"");
    }
}
