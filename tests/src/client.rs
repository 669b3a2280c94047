//! Somebody who talks HTTP and keeps cookies, as a browser does.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use ureq::http::{HeaderMap, Request};
use ureq::{Agent, AsSendBody, SendBody};

/// Longest wait for an answer in a test. Far above any deadline that is tested.
const TIMEOUT: Duration = Duration::from_mins(1);

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Header fields.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's value, empty where absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Fails the test unless the status is this.
    #[expect(clippy::return_self_not_must_use, reason = "the check alone is often all a test wants")]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}

/// One person's HTTP client.
pub struct Client {
    base: String,
    agent: Agent,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Client {
    /// A client of the server at `base` (`http://host:port`) without cookies.
    pub fn new(base: &str) -> Self {
        let config =
            Agent::config_builder().http_status_as_error(false).max_redirects(0).timeout_global(Some(TIMEOUT)).build();
        Self { base: base.to_owned(), agent: config.new_agent(), cookies: Mutex::default() }
    }

    /// The same person asking at another address: as after a restart, whose port is another one. Cookies set for one
    /// are not set for the other from here on.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        let copy = Self::new(base);
        copy.cookies.lock().unwrap().extend(self.cookies.lock().unwrap().clone());
        copy
    }

    /// The same person with cookies of its own from here on.
    #[must_use]
    pub fn copy(&self) -> Self {
        self.at(&self.base)
    }

    /// The cookies as a header's value.
    pub fn cookies(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Sets a cookie as a server would.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// Where the server is.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// GET.
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], SendBody::none())
    }

    /// POST of a JSON document.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        let text = body.to_string();
        self.send("POST", path, &[("content-type", "application/json")], text.as_str().as_body())
    }

    /// Any request. Cookies of this client are sent with it and those of the answer kept; an `origin` among the headers
    /// stands in the place of our own.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: SendBody<'_>) -> Answer {
        self.try_send(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// The same where the server may be gone.
    ///
    /// # Errors
    /// When there was no answer, or not all of it.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: SendBody<'_>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        let cookies = self.cookies();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
            if headers.iter().all(|(name, _)| *name != "origin") {
                // What a browser adds to a request of its own page.
                request = request.header("origin", &self.base);
            }
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).expect("a request");
        let answer = self.agent.run(request)?;
        self.keep_cookies(answer.headers());
        let (parts, body) = answer.into_parts();
        let mut bytes = Vec::new();
        body.into_reader().read_to_end(&mut bytes)?;
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body: bytes })
    }

    fn keep_cookies(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap();
        for line in headers.get_all("set-cookie") {
            let line = line.to_str().expect("a cookie is text");
            let (name, value) = line.split(';').next().and_then(|pair| pair.split_once('=')).expect("name=value");
            if value.is_empty() || line.to_ascii_lowercase().contains("max-age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// A file of a form.
pub struct Upload<'a> {
    /// Name as the person's machine has it.
    pub name: &'a str,
    /// Declared type.
    pub media_type: &'a str,
    /// Content.
    pub content: &'a [u8],
}

impl Client {
    /// POST of a form with files in the field `files`.
    pub fn post_form(&self, path: &str, fields: &[(&str, &str)], files: &[Upload<'_>]) -> Answer {
        let (content_type, body) = form(fields, files);
        self.send("POST", path, &[("content-type", &content_type)], body.as_slice().as_body())
    }
}

/// A form with files in the field `files`: its content type and its bytes.
pub fn form(fields: &[(&str, &str)], files: &[Upload<'_>]) -> (String, Vec<u8>) {
    let boundary = "----wharf-test-boundary";
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    for Upload { name, media_type, content } in files {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
             Content-Type: {media_type}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}
