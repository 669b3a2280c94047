use super::*;

#[test]
fn a_document_names_every_wrong_field_and_the_request() {
    let mut invalid = Invalid::new();
    invalid.check(true, "fine", "never said").check(false, "email", "is no address").add("name", "is missing");
    let problem = invalid.finish().unwrap_err();
    assert_eq!(
        problem.document(Some("r-1")),
        json!({
            "type": "/problems/invalid", "title": "Some fields are not valid", "status": 422, "instance": "r-1",
            "errors": [
                { "field": "email", "message": "is no address" },
                { "field": "name", "message": "is missing" },
            ],
        })
    );
}

#[test]
fn a_known_wait_stands_in_the_header_and_in_the_document() {
    let problem = Problem::new(Slug::Locked).retry_after(900);
    let response = problem.respond(None);
    assert_eq!(response.status(), 423);
    assert_eq!(response.headers()["retry-after"], "900");
    assert_eq!(problem.document(None)["retry_after_s"], 900);
}

#[test]
fn members_of_our_own_stand_beside_the_usual_ones() {
    let document = Problem::conflict("It is open.").member("allowed", json!(["Closed"])).document(None);
    assert_eq!((&document["status"], &document["allowed"]), (&json!(409), &json!(["Closed"])));
}

#[test]
fn a_cause_never_reaches_the_caller() {
    let document = Problem::internal("password=hunter2").document(None).to_string();
    assert!(!document.contains("hunter2"), "{document}");
}

#[test]
fn only_a_lost_race_is_worth_running_again() {
    assert!(Problem::from(sql::Error::Conflict).is_transient_conflict());
    assert!(!Problem::from(sql::Error::Timeout).is_transient_conflict());
    assert_eq!(Problem::from(sql::Error::Conflict).status(), 503);
    assert_eq!(Problem::from(sql::Error::Timeout).status(), 504);
}
