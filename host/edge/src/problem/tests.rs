use std::collections::BTreeSet;
use std::path::Path;

use http_body_util::BodyExt;

use super::*;

#[test]
fn every_slug_has_a_page_and_every_page_a_slug() {
    let folder = Path::new("problem");
    let pages: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().trim_end_matches(".md").to_owned())
        .collect();
    let slugs: BTreeSet<String> = Slug::ALL.iter().map(|slug| slug.name().to_owned()).collect();
    assert_eq!(pages, slugs);
}

#[test]
fn every_page_says_status_cause_and_remedies() {
    let folder = Path::new("problem");
    for slug in Slug::ALL {
        let page = std::fs::read_to_string(folder.join(format!("{}.md", slug.name()))).unwrap();
        let heading = format!("# {} ({})\n", slug.title(), slug.status().as_u16());
        assert!(page.starts_with(&heading), "{}: first line should be {heading:?}", slug.name());
        for part in ["**Cause.**", "**Caller.**", "**Operator.**"] {
            assert!(page.contains(part), "{} lacks {part}", slug.name());
        }
    }
}

#[test]
fn blame_follows_the_status_class() {
    for slug in Slug::ALL {
        let by_client = slug.status().is_client_error() && *slug != Slug::RateLimited;
        assert_eq!(by_client, slug.blame() == Blame::Client, "{}", slug.name());
    }
}

#[tokio::test]
async fn a_document_has_the_members_of_the_rfc_and_ours() {
    let id = body::RequestId("r-1".into());
    let problem = Problem::new(Slug::Invalid)
        .detail("two fields are wrong")
        .instance(&id)
        .field("title", "is empty")
        .field("due", "is in the past");
    let response = problem.into_response();
    assert_eq!(response.status(), 422);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(!response.headers().contains_key("retry-after"));
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(
        std::str::from_utf8(&bytes).unwrap(),
        r#"{"type":"/problems/invalid","title":"Some fields are not valid","status":422,"detail":"two fields are wrong","instance":"r-1","errors":[{"field":"title","message":"is empty"},{"field":"due","message":"is in the past"}]}"#
    );
}

#[test]
fn members_of_a_protocol_of_its_own_follow_the_others() {
    let problem = Problem::new(Slug::Unapproved).member("kind", "unapproved").member("details", vec!["a/grant/mail"]);
    assert_eq!(
        String::from_utf8(problem.to_json()).unwrap(),
        r#"{"type":"/problems/unapproved","title":"Something has to be approved first","status":409,"details":["a/grant/mail"],"kind":"unapproved"}"#
    );
}

#[test]
fn a_wait_is_rounded_up_and_never_zero() {
    for (wait_ms, seconds) in [(0, "1"), (1, "1"), (1000, "1"), (1001, "2")] {
        let response = Problem::new(Slug::Overloaded).retry_after(Duration::from_millis(wait_ms)).into_response();
        assert_eq!(response.headers()["retry-after"], seconds, "{wait_ms} ms");
    }
}
