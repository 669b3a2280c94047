//! The pages in the distribution's Chromium. What people do there is in `tests/browser`; here is what they need for it.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tests::host::{Builder, Host};
use tests::paths;
use tests::people::{Person, Role, everybody, person, sign_in};
use tests::powers::until;
use ureq::AsSendBody;

/// Seconds after which a script is stopped; it gives up by itself before, and says where it was.
const BOUND_S: &str = "180";

#[test]
fn a_ticket_goes_from_log_in_to_closed_on_the_pages() {
    let host = Builder::of_ticket_system().with("--demo=people").start();
    leave_one_administrator(&host);
    play(&host, "walk");
}

#[test]
fn everybody_opens_every_page_that_is_offered() {
    let host = Builder::of_ticket_system().with("--demo").start();
    play(&host, "tour");
}

/// One person alone administers the tracking system, so that the first step is theirs.
fn leave_one_administrator(host: &Host) {
    let her = person(host, Role::Superuser).email;
    let client = sign_in(host, Role::Superuser);
    let rows = client.get("/api/v1/auth/assignments?system=tts&role=Admin&per_page=100").expect(200).json();
    for row in rows["items"].as_array().unwrap().iter().filter(|row| row["user"]["email"] != her) {
        let path = format!("/api/v1/auth/assignments/{}", row["id"].as_str().unwrap());
        let off = json!({ "is_active": false }).to_string();
        client.send("PATCH", &path, &[("content-type", "application/json")], off.as_str().as_body()).expect(200);
    }
    until("one administrator is left for the workflows", || {
        let roles = client.get("/api/v1/workflows/roles").expect(200).json();
        let is_admin = |role: &&Value| role["system"] == "tts" && role["name"] == "Admin";
        let admins = roles["items"].as_array().unwrap().iter().find(is_admin).expect("the role").clone();
        admins["members"].as_array().unwrap().len() == 1
    });
}

/// Plays a script of `tests/browser` against the host. What was seen last is kept where the message says.
fn play(host: &Host, script: &str) {
    let folder = paths::root().join("tests/browser");
    let is_set_up = folder.join("node_modules/playwright-core").is_dir();
    assert!(is_set_up, "what the browser test needs is not installed: deploy/setup/node-modules.sh tests/browser");
    // The browser's profile is there, and goes with the test.
    let scratch = tempfile::tempdir().unwrap();
    let failures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser").join(script);
    // Absent where nothing has failed before.
    drop(std::fs::remove_dir_all(&failures));
    let log_in = |person: Person| json!({ "email": person.email, "password": person.password });
    let people: Vec<_> = everybody(host).into_iter().map(log_in).collect();
    let stage = json!({ "address": host.http(), "people": people, "failures": failures });
    let output = Command::new("timeout")
        .args(["--foreground", "--kill-after=10", BOUND_S, "node"])
        .arg(folder.join(script).with_extension("mjs"))
        .env("STAGE", stage.to_string())
        .env("TMPDIR", scratch.path())
        .output()
        .expect("timeout, of coreutils");
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script}: {}\n{said}{errors}", output.status);
}
