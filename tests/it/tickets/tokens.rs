//! What is accepted as proof of a session, and from where.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_compact::{KeyPair, Seed};
use serde_json::{Value, json};
use tests::client::{Answer, Client};
use tests::people::{Role, sign_in};
use ureq::AsSendBody;

use super::{INBOX, TICKETS, host, problem, submit, wish};

const KEYS: &str = "/api/v1/auth/.well-known/jwks.json";

fn decode(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn encode(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

/// A token signed with a key that is not auth's.
fn signed(header: &Value, claims: &Value) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let key = KeyPair::from_seed(Seed::new([7; 32]));
    let signature = URL_SAFE_NO_PAD.encode(key.sk.sign(&signed, None).as_ref());
    format!("{signed}.{signature}")
}

/// What somebody may try with a token of their own.
fn forgeries(token: &str) -> Vec<(&'static str, String)> {
    let parts: Vec<_> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("no compact token: {token}") };
    let (head, mut body) = (decode(header), decode(claims));
    body["roles"] = json!([{ "system": "hdts", "role": "Admin" }]);
    let raised = encode(&body);
    let with = |name: &str, value: Value| {
        let mut head = head.clone();
        head[name] = value;
        head
    };
    let public = decode(header)["kid"].clone();
    let unsigned = |head: &Value| format!("{}.{raised}.", encode(head));
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    vec![
        ("other claims", format!("{header}.{raised}.{signature}")),
        ("another signature", format!("{header}.{claims}.{flipped}{}", &signature[1..])),
        ("no signature", format!("{header}.{claims}.")),
        ("two parts", format!("{header}.{claims}")),
        ("alg none", unsigned(&with("alg", json!("none")))),
        ("alg None", unsigned(&with("alg", json!("None")))),
        ("alg none with a signature", format!("{}.{claims}.{signature}", encode(&with("alg", json!("none"))))),
        ("alg HS256", format!("{}.{raised}.{signature}", encode(&with("alg", json!("HS256"))))),
        ("another key under our name", signed(&head, &body)),
        ("an unknown key", signed(&with("kid", json!("mine")), &body)),
        ("a key of its own", signed(&with("jwk", json!({ "kty": "OKP", "crv": "Ed25519", "kid": public })), &body)),
        ("a critical extension", signed(&with("crit", json!(["b64"])), &body)),
        ("nothing", String::new()),
        ("no token", "let me in".to_owned()),
        ("too long", "a".repeat(5_000)),
    ]
}

#[test]
fn a_forged_token_is_refused_by_every_service() {
    let host = host();
    let client = sign_in(&host, Role::Employee);
    let (token, secret) = (client.cookie("access_token").unwrap(), client.cookie("refresh_token").unwrap());
    let mut forgeries = forgeries(&token);
    forgeries.push(("the refresh token", secret));
    let stranger = host.client();
    for path in ["/api/v1/auth/me", TICKETS, INBOX] {
        for (what, forgery) in &forgeries {
            let bearer = format!("Bearer {forgery}");
            for header in [("authorization", bearer.as_str()), ("cookie", &format!("access_token={forgery}"))] {
                let answer = stranger.send("GET", path, &[header], ureq::SendBody::none());
                assert_eq!(answer.status, 401, "{what} as {} at {path}: {}", header.0, answer.text());
                assert_eq!(answer.header("www-authenticate"), "Bearer", "{what}");
                problem(answer, 401);
            }
        }
        let good = format!("Bearer {token}");
        stranger.send("GET", path, &[("authorization", &good)], ureq::SendBody::none()).expect(200);
        let basic = stranger.send("GET", path, &[("authorization", "Basic YTpi")], ureq::SendBody::none());
        problem(basic, 401);
    }
}

#[test]
fn the_published_key_set_has_one_public_key_that_tokens_are_checked_with() {
    let host = host();
    let answer = host.client().get(KEYS).expect(200);
    let document = answer.json();
    let keys = document["keys"].as_array().unwrap();
    let [key] = keys.as_slice() else { panic!("not one key: {document}") };
    let names: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"], "and no `d`");
    assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA")));
    assert!(answer.header("cache-control").contains("max-age=300"));
    let known = [("if-none-match", answer.header("etag"))];
    host.client().send("GET", KEYS, &known, ureq::SendBody::none()).expect(304);

    let token = sign_in(&host, Role::Employee).cookie("access_token").unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    assert_eq!(decode(signed.split('.').next().unwrap())["kid"], key["kid"]);
    let x = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
    let public = ed25519_compact::PublicKey::from_slice(&x).unwrap();
    let signature = ed25519_compact::Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    public.verify(signed, &signature).unwrap();
    let claims = decode(signed.split_once('.').unwrap().1);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
}

/// Sends what changes something with exactly these headers, and the session's cookies among them or not.
fn change(client: &Client, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let mut headers = headers.to_vec();
    headers.push(("content-type", "application/json"));
    client.send("POST", path, &headers, body.to_string().as_str().as_body())
}

#[test]
fn a_change_by_cookie_must_come_from_our_own_pages() {
    let host = host();
    let (client, stranger) = (sign_in(&host, Role::Employee), host.client());
    let coordinator = sign_in(&host, Role::Coordinator);
    let number = submit(&client, "ours");
    let approval = json!({ "priority": "High", "department": "IT Department" });
    let changes = [
        (&client, TICKETS.to_owned(), wish("forged")),
        (&coordinator, format!("{TICKETS}{number}/approve"), approval),
        (&client, format!("{INBOX}read-all"), json!({})),
        (&client, "/api/v1/auth/token/refresh".to_owned(), json!({})),
        (&client, "/api/v1/auth/logout".to_owned(), json!({})),
    ];
    let cookies = |client: &Client| client.cookies();
    for (person, path, body) in &changes {
        let cookies = cookies(person);
        let foreign: [&[(&str, &str)]; 5] = [
            &[],
            &[("origin", "http://evil.example")],
            &[("origin", "null")],
            &[("origin", "http://127.0.0.1")],
            &[("origin", "http://evil.example"), ("sec-fetch-site", "cross-site")],
        ];
        for headers in foreign {
            let headers: Vec<_> = headers.iter().copied().chain([("cookie", cookies.as_str())]).collect();
            let answer = change(&stranger, path, &headers, body);
            assert_eq!(answer.status, 403, "{path} with {headers:?}: {}", answer.text());
            problem(answer, 403);
        }
    }
    assert_eq!(client.get(TICKETS).expect(200).json()["total"], 1, "nothing came of it");
    assert_eq!(client.get(&format!("{TICKETS}{number}")).expect(200).json()["status"], "New");

    let cookies = cookies(&client);
    let bearer = format!("Bearer {}", client.cookie("access_token").unwrap());
    let own: [&[(&str, &str)]; 4] = [
        &[("cookie", &cookies), ("origin", host.http())],
        &[("cookie", &cookies), ("sec-fetch-site", "same-origin")],
        &[("cookie", &cookies), ("x-requested-with", "script")],
        &[("authorization", &bearer)],
    ];
    for headers in own {
        change(&stranger, TICKETS, headers, &wish("ours")).expect(201);
    }
    // Reading is harmless: a foreign page cannot see the answer.
    let read = client.send("GET", TICKETS, &[("origin", "http://evil.example")], ureq::SendBody::none()).expect(200);
    assert_eq!(read.header("access-control-allow-origin"), "");
}
