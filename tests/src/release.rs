//! An application of two components that are both the fixture `release`, and what it has written.
//!
//! `front` has the routes and owns the database; it calls `back` and sends it messages. Both carry a version's label, so
//! that an answer or a row made by two generations together can be told.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::host::Builder;
use crate::versions::{Version, migrations};

/// With both components at this version.
pub fn builder(version: &Version) -> Builder {
    with_manifest(version, MANIFEST)
}

/// The same with another manifest.
pub fn with_manifest(version: &Version, manifest: &str) -> Builder {
    for_its_developer(version, manifest).for_users()
}

/// The same, run by `wharf up`.
pub fn for_its_developer(version: &Version, manifest: &str) -> Builder {
    let wasm = version.wasm();
    let (name, sql) = migrations::FIRST;
    Builder::of_text(manifest)
        .with_file("front.wasm", &wasm)
        .with_file("back.wasm", &wasm)
        .with_file(&format!("migrations/{name}"), sql.as_bytes())
}

/// Its manifest.
pub const MANIFEST: &str = r#"
spin_manifest_version = 2
[application]
name = "release"

[[trigger.http]]
route = "/..."
component = "front"
[[trigger.http]]
route = { private = true }
component = "back"

[component.front]
source = "front.wasm"
allowed_outbound_hosts = ["http://back.spin.internal"]
[component.front.tool.wharf]
ready = "/readyz"
sql = { database = "release", migrations = "migrations" }
send = ["work.*"]
events = ["news:*"]
limits = { request_body = "8MiB", deadline = "20s", concurrency = 64 }

[component.back]
source = "back.wasm"
allowed_outbound_hosts = ["http://back.spin.internal"]
[component.back.tool.wharf]
ready = "/readyz"
sql = { database = "release" }
send = ["work.*"]
events = ["news:*"]
limits = { concurrency = 64 }
consume = [{ queue = "work", topics = ["work.*"], path = "/messages", concurrency = 4, max_attempts = 50, backoff = "50ms", backoff_max = "1s" }]
cron = [{ name = "tick", schedule = "0 * * * *", path = "/tick" }]
"#;

/// The part of `host.toml` about rollouts: the factor on their holds, and the seconds an old release has to finish.
pub fn rollout(pace: f64, drain_s: u32) -> String {
    format!("[rollout]\npace = {pace}\ndrain_s = {drain_s}")
}

/// Rows of the application's database, read beside the running host.
pub fn rows(state: &Path, statement: &str) -> Vec<Vec<String>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(state.join("sql/release.db"), flags).unwrap();
    database.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    let mut statement = database.prepare(statement).unwrap();
    let columns = statement.column_count();
    let text = |value: rusqlite::types::Value| match value {
        rusqlite::types::Value::Text(text) => text,
        rusqlite::types::Value::Integer(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    let row = |row: &rusqlite::Row<'_>| (0..columns).map(|at| row.get(at).map(text)).collect::<Result<Vec<_>, _>>();
    statement.query_map([], row).unwrap().map(Result::unwrap).collect()
}
