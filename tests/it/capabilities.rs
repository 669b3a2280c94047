//! Each capability through a real component: what it gives, what it refuses, and that a refusal is harmless.

use serde_json::json;
use tests::host::Host;
use tests::powers::{builder, sql, until};
use ureq::AsSendBody;

fn host() -> Host {
    builder().start()
}

const ID: &str = "0190b5a2-7c3e-7d41-9a55-3f2b8c6d1e77";

#[test]
fn values_of_every_kind_survive_the_round_trip() {
    let host = host();
    let client = host.client();
    let insert =
        "INSERT INTO things (id, name, amount, good, seen_at, detail, content) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let params = [
        json!({ "uuid": ID }),
        json!("first"),
        json!({ "decimal": "12.50" }),
        json!(true),
        json!({ "timestamp": 1_700_000_000_123_456_i64 }),
        json!({ "json": { "a": [1, 2] } }),
        json!({ "bytes": "raw" }),
    ];
    assert_eq!(sql(&client, insert, &params), json!({ "changed": 1 }));
    let rows = sql(
        &client,
        "SELECT id, amount, good, seen_at, detail, content FROM things WHERE name = $1",
        &[json!("first")],
    );
    let row = rows["rows"][0].as_str().unwrap().to_owned();
    for value in [
        format!("Uuid(\"{ID}\")"),
        "Decimal(\"12.50\")".to_owned(),
        "Boolean(true)".to_owned(),
        "Timestamp(1700000000123456)".to_owned(),
        "Json(".to_owned(),
        "Bytes([114, 97, 119])".to_owned(),
    ] {
        assert!(row.contains(&value), "{value} in {row}");
    }
}

#[test]
fn errors_of_the_database_are_typed() {
    let host = host();
    let client = host.client();
    let insert = |name: &str| {
        sql(&client, "INSERT INTO things (id, name) VALUES ($1, $2)", &[json!({ "uuid": ID }), json!(name)])
    };
    insert("one");
    assert!(insert("two")["error"].as_str().unwrap().contains("Unique"), "the same id");
    let error = |statement: &str| sql(&client, statement, &[])["error"].as_str().unwrap_or_default().to_owned();
    assert!(error("SELEC 1").contains("Invalid"));
    assert!(error("SELECT * FROM absent").contains("Invalid"));
    assert!(error("SELECT $1").contains("Invalid"), "a parameter is missing");
    for refused in ["BEGIN", "ATTACH 'x' AS y", "PRAGMA journal_mode = DELETE", "DELETE FROM schema_migrations"] {
        let error = error(refused);
        assert!(error.contains("Invalid") || error.contains("Denied"), "{refused}: {error}");
    }
    assert!(
        sql(&client, "INSERT INTO things (id, name) VALUES ($1, NULL)", &[json!({ "uuid": ID })])["error"]
            .as_str()
            .unwrap()
            .contains("NotNull")
    );
}

#[test]
fn a_transaction_commits_rolls_back_and_is_undone_by_dropping_trapping_or_leaking_it() {
    let host = host();
    let client = host.client();
    let count = || sql(&client, "SELECT id FROM handled", &[])["rows"].as_array().unwrap().len();
    let statement = json!({ "statement": "INSERT INTO handled (id, attempt) VALUES ('t', 1)" });
    let run = |end: &str| client.post("/transaction", &json!({ "statements": [statement], "end": end }));
    run("rollback").expect(200);
    run("drop").expect(200);
    run("trap").expect(500);
    client.post("/abandon", &statement).expect(200);
    assert_eq!(count(), 0);
    run("commit").expect(200);
    assert_eq!(count(), 1);
}

#[test]
fn rows_stream_past_what_a_result_may_hold_and_may_be_left_unread() {
    let host = host();
    let client = host.client();
    let read = |statement: &str, limit: Option<u64>| {
        client.post("/rows", &json!({ "statement": statement, "limit": limit })).expect(200).json()
    };
    // 40,000 rows of 1 KB are 40 MB; a result may hold 16 MiB.
    let many = "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 40000) \
                SELECT n, printf('%1000d', n) AS filling FROM c";
    assert!(sql(&client, &format!("SELECT * FROM ({many})"), &[])["error"].as_str().unwrap().contains("TooLarge"));
    assert_eq!(read(many, None), json!({ "count": 40_000, "sum": 800_020_000 }));
    assert_eq!(read(many, Some(3)), json!({ "count": 3, "sum": 6 }));
    assert!(read("SELEC n", None)["error"].as_str().unwrap().contains("Invalid"));
    assert_eq!(read("SELECT 1 AS n", None), json!({ "count": 1, "sum": 1 }), "the connection is usable afterwards");
}

#[test]
fn one_component_cannot_see_the_database_of_another() {
    let host = host();
    let answer = host.client().post("/weak/sql", &json!({ "statement": "SELECT * FROM things" })).expect(200).json();
    assert!(answer["error"].as_str().unwrap().contains("things"), "{answer}");
}

#[test]
fn an_ungranted_topic_and_channel_are_denied_logged_and_harmless() {
    let host = host();
    let client = host.client();
    let sent = client.post("/weak/send", &json!({ "topic": "work.done", "body": {} })).expect(200).json();
    assert!(sent["error"].as_str().unwrap().contains("Denied"), "{sent}");
    let published = client.post("/weak/publish", &json!({ "channel": "news:a", "data": {} })).expect(200).json();
    assert!(published["error"].as_str().unwrap().contains("Denied"), "{published}");
    until("the operator hears of it", || host.log().contains("denied"));
    client.get("/weak/readyz").expect(200);
}

#[test]
fn files_stream_in_and_out_and_are_bounded() {
    let host = host();
    let client = host.client();
    let content: Vec<u8> = (0..700_000_u32).map(|byte| u8::try_from(byte % 253).unwrap()).collect();
    let put = |key: &str, mut content: &[u8]| {
        client.send("PUT", &format!("/blob/{key}"), &[], content.as_body()).expect(200).json()
    };
    assert_eq!(put("a", &content)["size"], 700_000);
    assert_eq!(client.get("/blob/a").expect(200).body, content);
    assert!(put("b", &vec![0; (1 << 20) + 1])["error"].as_str().unwrap().contains("TooLarge"));
    assert!(client.get("/blob/b").text().contains("NotFound"), "nothing is kept of it");
    assert!(client.get("/weak/blob/a").text().contains("NotFound"), "another component's files");
    assert!(put("..%2Fx", b"1")["error"].as_str().unwrap().contains("Invalid"));
    client.send("DELETE", "/blob/a", &[], ureq::SendBody::none()).expect(200);
    assert!(client.get("/blob/a").text().contains("NotFound"));
}

fn mails(host: &Host) -> Vec<String> {
    let folder = std::fs::read_dir(host.state().join("mail")).unwrap();
    folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}

#[test]
fn mail_is_sent_once_for_one_key_and_its_headers_cannot_be_forged() {
    let host = host();
    let client = host.client();
    let letter = json!({ "to": "Ada <ada@example.org>", "subject": "Grüße", "key": "once" });
    let first = client.post("/mail", &letter).expect(200).json();
    assert_eq!(first, client.post("/mail", &letter).expect(200).json(), "the same Message-ID");
    let forged = json!({ "to": "ada@example.org", "subject": "a\r\nBcc: eve@example.org", "key": null });
    assert!(client.post("/mail", &forged).expect(200).json()["error"].as_str().unwrap().contains("Invalid"));
    let mails = mails(&host);
    assert_eq!(mails.len(), 1);
    assert!(
        mails[0].contains("ada@example.org") && mails[0].contains("Auto-Submitted: auto-generated"),
        "{}",
        mails[0]
    );
}

#[test]
fn passwords_are_hashed_by_the_host() {
    let host = host();
    let client = host.client();
    let hash = client.post("/password", &json!({ "password": "correct horse" })).expect(200).json()["hash"].clone();
    assert!(hash.as_str().unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    let same =
        |password: &str| client.post("/password", &json!({ "password": password, "hash": hash })).expect(200).json();
    assert_eq!([same("correct horse"), same("wrong horse")], [json!({ "same": true }), json!({ "same": false })]);
}

#[test]
fn a_component_sees_its_own_variables_alone() {
    let host = host();
    assert_eq!(host.client().get("/variable/color").expect(200).text(), "green");
    host.client().get("/variable/secret").expect(404);
}

#[test]
fn the_clock_that_components_see_can_be_set_forward() {
    let host = host();
    let now = || host.client().get("/now").expect(200).text().parse::<i64>().unwrap();
    let before = now();
    host.advance_clock(86_400);
    assert!(now() - before >= 86_400_000_000);
}
