use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_compact::{KeyPair, Seed};
use futures::executor::block_on;
use http::Request;
use serde_json::json;

use super::*;

const NOW: i64 = 1_000_000;

fn claims() -> Claims {
    Claims {
        iss: ISSUER.to_owned(),
        sub: "018f0000-0000-7000-8000-000000000001".to_owned(),
        iat: NOW,
        exp: NOW + 600,
        jti: "t".to_owned(),
        email: "ada@example.org".to_owned(),
        name: "Ada".to_owned(),
        user_type: "staff".to_owned(),
        roles: vec![Role { system: "hdts".to_owned(), role: "Employee".to_owned() }],
        epoch: 0,
    }
}

fn pair(seed: u8) -> (KeyPair, Jwk) {
    let pair = KeyPair::from_seed(Seed::new([seed; 32]));
    let jwk = Jwk::ed25519(&pair.pk);
    (pair, jwk)
}

fn signed_as(header: &serde_json::Value, claims: &Claims, pair: &KeyPair) -> String {
    let part = |text: String| URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", part(header.to_string()), part(serde_json::to_string(claims).unwrap()));
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(*pair.sk.sign(&signed, None)))
}

fn sign(claims: &Claims, (pair, jwk): &(KeyPair, Jwk)) -> String {
    signed_as(&json!({ "alg": "EdDSA", "kid": jwk.kid, "typ": "JWT" }), claims, pair)
}

#[test]
fn a_thumbprint_is_that_of_the_standards_example() {
    // RFC 8037, appendix A.3.
    let x = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
    let jwk = Jwk::ed25519(x.as_slice().try_into().unwrap());
    assert_eq!(jwk.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn a_token_says_what_was_signed() {
    let key = pair(1);
    let keys = KeySet { keys: vec![pair(2).1, key.1.clone()] };
    assert_eq!(verify(&sign(&claims(), &key), &keys, NOW), Ok(claims()));
}

#[test]
fn each_fault_of_a_token_is_refused() {
    let (key, other) = (pair(1), pair(2));
    let keys = KeySet { keys: vec![key.1.clone()] };
    let good = sign(&claims(), &key);
    let (head, rest) = good.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let forged = URL_SAFE_NO_PAD.encode(serde_json::to_string(&Claims { email: "eve".into(), ..claims() }).unwrap());
    let none = signed_as(&json!({ "alg": "none", "kid": key.1.kid }), &claims(), &key.0);
    let critical = signed_as(&json!({ "alg": "EdDSA", "kid": key.1.kid, "crit": ["b64"] }), &claims(), &key.0);
    let borrowed = signed_as(&json!({ "alg": "EdDSA", "kid": key.1.kid }), &claims(), &other.0);
    let cases = [
        (String::new(), Refused::Malformed),
        ("a.b.c".to_owned(), Refused::Malformed),
        ("x".repeat(5_000), Refused::Malformed),
        (none, Refused::Malformed),
        (critical, Refused::Malformed),
        (sign(&claims(), &other), Refused::UnknownKey),
        (borrowed, Refused::Signature),
        (format!("{head}.{forged}.{signature}"), Refused::Signature),
        (format!("{head}.{}.", rest.split_once('.').unwrap().0), Refused::Signature),
        (sign(&Claims { iss: "me".into(), ..claims() }, &key), Refused::Issuer),
        (sign(&Claims { iat: NOW + 60, ..claims() }, &key), Refused::Issuer),
        (sign(&Claims { exp: NOW, ..claims() }, &key), Refused::Expired),
    ];
    for (token, refused) in cases {
        assert_eq!(verify(&token, &keys, NOW), Err(refused), "{token}");
    }
}

fn extract(request: http::request::Builder) -> Result<Principal, Problem> {
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    block_on(Principal::from_request_parts(&mut parts, &()))
}

#[test]
fn a_person_is_known_by_header_or_cookie_and_foreign_pages_cannot_write() {
    let key = pair(3);
    trust(KeySet { keys: vec![key.1.clone()] });
    let now = clock::now().seconds();
    let token = sign(&Claims { iat: now, exp: now + 600, ..claims() }, &key);
    let bearer = format!("Bearer {token}");
    let cookie = format!("theme=dark; access_token={token}");
    let post = || Request::post("/x").header("host", "example.org:3000").header("cookie", &cookie);

    let person = extract(Request::post("/x").header("authorization", bearer)).unwrap();
    assert_eq!((person.name.as_str(), person.has_role("hdts", &["Employee"])), ("Ada", true));
    assert_eq!(person.require_role("tts", &["Employee", "Admin"]).unwrap_err().status(), 403);
    assert!(extract(Request::get("/x").header("cookie", &cookie)).is_ok());
    assert!(extract(post().header("origin", "http://example.org:3000")).is_ok());
    assert!(extract(post().header("sec-fetch-site", "same-origin")).is_ok());
    assert!(extract(post().header("x-requested-with", "fetch")).is_ok());
    assert_eq!(extract(post()).unwrap_err().status(), 403);
    assert_eq!(extract(post().header("origin", "http://example.org:3001")).unwrap_err().status(), 403);
    assert_eq!(extract(post().header("origin", "null")).unwrap_err().status(), 403);
    assert_eq!(extract(post().header("sec-fetch-site", "same-site")).unwrap_err().status(), 403);
    assert_eq!(extract(Request::get("/x")).unwrap_err().status(), 401);
    assert_eq!(extract(Request::get("/x").header("authorization", "Basic eA==")).unwrap_err().status(), 401);
}

#[test]
fn a_remembered_token_ends_with_its_time_and_memory_is_bounded() {
    let principal = Principal::try_from(Claims { exp: 50, ..claims() }).unwrap();
    for number in 0..VERIFIED_MAX * 3 {
        remember(format!("token-{number}"), &principal, 10);
    }
    let last = format!("token-{}", VERIFIED_MAX * 3 - 1);
    assert!(recall(&last, 49).is_some());
    assert!(recall(&last, 50).is_none());
    assert!(VERIFIED.lock().unwrap().as_ref().unwrap().len() <= VERIFIED_MAX);
}
