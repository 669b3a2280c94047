//! How a host starts and how it ends.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tests::client::Client;
use tests::event_stream::EventStream;
use tests::host::Builder;
use tests::powers::{attempts, builder, until};

#[test]
fn the_probes_tell_the_state() {
    let host = builder().start();
    let admin = host.admin();
    admin.get("/livez").expect(200);
    admin.get("/startupz").expect(200);
    until("ready", || admin.get("/readyz").status == 200);
    let verbose = admin.get("/readyz?verbose").expect(200).text();
    for check in ["sql", "queue"] {
        assert!(verbose.contains(check), "{check} in {verbose}");
    }
    host.client().get("/livez").expect(404);
}

/// A request and a message are running when the signal comes; both finish, and the exit code says so.
#[test]
fn a_stop_finishes_what_runs_and_exits_with_success() {
    let host = builder().start();
    let client = host.client();
    let stream = EventStream::open(&client, "/stream?channels=news:a", None);
    let message = json!({ "topic": "work.do", "body": { "take_ms": 300 } });
    let id = client.post("/send", &message).expect(200).json()["id"].as_str().unwrap().to_owned();
    let admin = host.admin();
    until("the message is being handled", || {
        let queues = admin.get("/queues").json();
        queues["queues"].as_array().is_some_and(|queues| queues.iter().any(|queue| queue["in_flight"] == 1))
    });
    let (status, builder) = host.stop();
    assert!(status.success(), "{status}");
    drop(stream);
    let host = builder.start();
    let client = host.client();
    assert_eq!(attempts(&client, &id), 1, "handled once, before the stop");
}

#[test]
fn a_second_start_keeps_the_data() {
    let host = builder().start();
    let insert = json!({ "statement": "INSERT INTO handled (id, attempt) VALUES ('kept', 1)" });
    host.client().post("/sql", &insert).expect(200);
    let host = host.kill().start();
    assert_eq!(attempts(&host.client(), "kept"), 1);
}

#[test]
fn a_port_in_use_is_named() {
    let host = builder().start();
    let address = host.http().trim_start_matches("http://").to_owned();
    // Of two `--listen` the last counts.
    let other = builder();
    let output = other.command().args(["--listen", &address]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains(&address));
}

#[test]
fn secrets_are_in_no_log_and_on_no_screen() {
    let host = builder().with("--variable").with("secret=canary-7f3a").start();
    host.client().get("/variable/secret").expect(404);
    host.client().get("/variable/color").expect(200);
    let screen = host.screen();
    let state = host.state();
    let (status, _builder) = host.stop();
    assert!(status.success());
    let log = std::fs::read_to_string(state.join("wharf.jsonl")).unwrap();
    assert!(!log.contains("canary-7f3a") && !screen.contains("canary-7f3a"));
    assert!(log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "every line is JSON");
}

/// `serve` makes no secrets; with them it logs JSON lines to standard output, and stops at the signal.
#[test]
fn a_host_for_users_wants_its_secrets_and_logs_to_standard_output() {
    let builder = Builder::of_ticket_system();
    let refused = builder.command_of("serve").output().unwrap();
    assert_eq!(refused.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("auth_signing_key"));
    assert!(!builder.state().join("sql").exists(), "nothing was started");

    let secrets = builder.state().join("secrets");
    std::fs::create_dir_all(&secrets).unwrap();
    std::fs::write(secrets.join("auth_signing_key"), "3q2-7w".repeat(7) + "A").unwrap();
    let mut child = builder.command_of("serve").stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut log = Vec::new();
    for line in lines {
        let line: Value = serde_json::from_str(&line).unwrap();
        if line["message"] == "serving" {
            let key_set = format!("http://{}", line["http"].as_str().unwrap());
            Client::new(&key_set).get("/api/v1/auth/.well-known/jwks.json").expect(200);
            assert!(Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap().success());
        }
        log.push(line);
    }
    assert!(child.wait().unwrap().success());
    assert!(log.iter().any(|line| line["target"] == "access" && line["component"] == "auth"), "{log:?}");
}
