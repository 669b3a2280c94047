//! Demonstration data: each component that has some is asked once to fill an empty installation.
//!
//! What it answers (log-ins, which exist in clear nowhere else) is shown to the person and kept in a file that only
//! this user can read, so that later starts can show it again.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, bail};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Limited};

use crate::app::Running;

/// Where the answers are kept, in the state folder.
const FILE: &str = "demo-logins.txt";

/// Longest answer of one component, in bytes.
const ANSWER_MAX: usize = 64 << 10;

/// Asks every component with demonstration data, and returns what the person is to read.
///
/// The query says `at`, the moment that the data is made for, in microseconds since 1970: one for all components; and
/// `part`, unless everything is wanted.
///
/// # Errors
/// When a component does not answer with success, or the file cannot be written.
pub async fn fill(running: &Running, part: &str, state: &Path) -> anyhow::Result<Option<String>> {
    let file = state.join(FILE);
    let at = running.clock.now_us();
    for (component, path) in &running.demo {
        let path = if part.is_empty() { format!("{path}?at={at}") } else { format!("{path}?at={at}&part={part}") };
        let text =
            ask(running, component, &path).await.with_context(|| format!("demonstration data of `{component}`"))?;
        if !text.is_empty() {
            let mut log = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&file)?;
            writeln!(log, "{}", text.trim_end())?;
            log.sync_all()?;
        }
    }
    Ok(std::fs::read_to_string(&file).ok())
}

async fn ask(running: &Running, component: &str, path: &str) -> anyhow::Result<String> {
    let request = Request::builder().method(Method::POST).uri(path).body(body::empty())?;
    let response = running.router.call_component(component, request).await.map_err(anyhow::Error::from_boxed)?;
    let status = response.status();
    let answer = Limited::new(response.into_body(), ANSWER_MAX).collect().await.map_err(anyhow::Error::from_boxed)?;
    let text = String::from_utf8_lossy(&answer.to_bytes()).into_owned();
    match status {
        StatusCode::NO_CONTENT => Ok(String::new()),
        status if status.is_success() => Ok(text),
        status => bail!("answered {status}: {text}"),
    }
}
