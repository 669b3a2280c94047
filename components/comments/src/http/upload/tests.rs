//! Requests that are refused before anything reaches the host; the way into the blob store is tested from outside.

use futures::executor::block_on;

use super::*;

const FORM: &str = "multipart/form-data; boundary=b";

fn send(media_type: &str, body: impl Into<Body>) -> Result<Upload, Problem> {
    let request = Request::builder().header(header::CONTENT_TYPE, media_type).body(body.into()).unwrap();
    block_on(receive(request, 0))
}

fn status(media_type: &str, body: impl Into<Body>) -> u16 {
    send(media_type, body).err().map_or(0, |problem| problem.status())
}

fn part(head: &str, content: &str) -> String {
    format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
}

fn file(name: &str, media_type: &str, content: &str) -> String {
    part(&format!("name=\"files[]\"; filename=\"{name}\"\r\nContent-Type: {media_type}"), content) + "--b--\r\n"
}

#[test]
fn a_form_without_files_is_its_fields() {
    let empty_input = part("name=\"files[]\"; filename=\"\"\r\nContent-Type: application/octet-stream", "");
    let form = part("name=\"content\"", "Grüße") + &empty_input + "--b--\r\n";
    let upload = send(FORM, form).unwrap();
    assert_eq!(upload.fields.get("content"), Some(&json!("Grüße")));
    assert!(upload.files.is_empty());
}

#[test]
fn a_program_under_another_name_is_refused_before_it_is_stored() {
    assert_eq!(status(FORM, file("bill.pdf", "application/pdf", "MZ\u{1}\u{2} a program")), 415);
    assert_eq!(status(FORM, file("setup.exe", "application/x-msdownload", "MZ")), 415);
    assert_eq!(status(FORM, file("empty.txt", "text/plain", "")), 422);
}

#[test]
fn other_media_types_broken_forms_and_floods_are_refused() {
    assert_eq!(status("text/plain", "hello"), 415);
    assert_eq!(status("multipart/form-data", "no boundary"), 415);
    assert_eq!(status("application/json", "{"), 400);
    assert_eq!(status("application/json", "[]"), 422);
    assert_eq!(status(FORM, part("name=\"content\"", "broken off").trim_end().to_owned()), 400);
    let large = part("name=\"content\"", &"x".repeat(FIELDS_BYTES_MAX + 1)) + "--b--\r\n";
    assert_eq!(status(FORM, large), 413);
    let many: String = (0..=FIELDS_MAX).map(|n| part(&format!("name=\"f{n}\""), "x")).collect();
    assert_eq!(status(FORM, many + "--b--\r\n"), 422);
    let stray = part("name=\"photo\"; filename=\"a.png\"", "x") + "--b--\r\n";
    assert_eq!(status(FORM, stray), 422);
}
