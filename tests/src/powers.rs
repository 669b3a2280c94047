//! An application with one component that does as it is told, and how it is told.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::Client;
use crate::host::Builder;
use crate::paths;
use crate::proof::within;

/// `powers` with every grant, `weak` (the same code, granted nothing it can use), and a queue.
pub fn builder() -> Builder {
    let migration = paths::root().join("tests/guests/powers/migrations/0001_powers.expand.sql");
    let builder = Builder::of_text(MANIFEST);
    builder.with_file("migrations/0001_powers.expand.sql", &std::fs::read(migration).unwrap())
}

const MANIFEST: &str = r#"
spin_manifest_version = 2
[application]
name = "powers"
[variables]
color = { default = "green" }
secret = { default = "plenty", secret = true }

[[trigger.http]]
route = "/..."
component = "powers"
[[trigger.http]]
route = "/weak/..."
component = "weak"

[component.powers]
source = "{guests}/powers.wasm"
[component.powers.variables]
color = "{{ color }}"
[component.powers.tool.wharf]
sql = { migrations = "migrations" }
blob = { max_bytes = "1MiB" }
mail = true
password = true
send = ["work.*"]
events = ["news:*"]
limits = { request_body = "8MiB", deadline = "10s" }
consume = [{ queue = "work", topics = ["work.*", "other.*"], path = "/messages", concurrency = 2, max_attempts = 3, backoff = "50ms", backoff_max = "200ms", deadline = "2s" }]
cron = [{ name = "tick", schedule = "0 * * * *", path = "/tick" }]

# Granted another database, another topic and another channel than it is told to use.
[component.weak]
source = "{guests}/powers.wasm"
[component.weak.tool.wharf]
sql = true
blob = true
mail = true
password = true
send = ["nothing.else"]
events = ["weak:*"]
"#;

/// Runs one statement in the component's database.
pub fn sql(client: &Client, statement: &str, params: &[Value]) -> Value {
    client.post("/sql", &json!({ "statement": statement, "params": params })).expect(200).json()
}

/// Attempts noted for a message.
pub fn attempts(client: &Client, id: &str) -> usize {
    let rows = sql(client, "SELECT attempt FROM handled WHERE id = $1", &[json!(id)]);
    rows["rows"].as_array().map_or(0, Vec::len)
}

/// Asks until the answer is yes, with a pause between two questions: the host and its servers have the same two cores.
#[track_caller]
pub fn until(what: &str, asked: impl FnMut() -> bool) {
    const LIMIT: Duration = Duration::from_mins(1);
    assert!(within(LIMIT, asked), "{what}: still not after {LIMIT:?}");
}
