//! Files that are not taken: which answer, and that nothing of the request is kept.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;
use tests::client::{Answer, Client, Upload};
use tests::host::Host;
use tests::people::{Role, sign_in};
use tests::powers::until;
use ureq::AsSendBody;

use super::{TICKETS, approve, files, host, invalid, problem, submit};

const FIELDS: [(&str, &str); 3] = [("subject", "with files"), ("description", "d"), ("category", "Others")];
const PDF: &[u8] = b"%PDF-1.7\nfine";
/// A program with the mark of a document in it.
const PROGRAM: &[u8] = b"MZ\x90\x00\x03\x00\x00\x00 %PDF-1.7";
/// A file may have 10 MiB.
const FILE_MAX: usize = 10 * 1024 * 1024;

fn file<'a>(name: &'a str, media_type: &'a str, content: &'a [u8]) -> Upload<'a> {
    Upload { name, media_type, content }
}

fn good() -> Upload<'static> {
    file("fine.pdf", "application/pdf", PDF)
}

fn blobs(host: &Host) -> usize {
    files(&host.state().join("blob"))
}

/// Those of them that are whole.
fn whole_blobs(host: &Host) -> usize {
    blobs(host) - files(&host.state().join("blob/tickets/.partial"))
}

/// Each mistake with the status it gets. The good file before it is stored by then, and must go again.
fn mistakes(client: &Client, path: &str) {
    let send = |bad: Upload<'_>| client.post_form(path, &FIELDS, &[good(), bad]);
    problem(send(file("setup.pdf", "application/pdf", PROGRAM)), 415);
    problem(send(file("setup.exe", "application/octet-stream", PROGRAM)), 415);
    problem(send(file("page.html", "text/html", b"<html>")), 415);
    problem(send(file("note.txt", "text/plain", b"  <SCRIPT>alert(1)</SCRIPT>")), 415);
    problem(send(file("picture.png", "image/png", PDF)), 415);
    problem(send(file("bill.pdf", "image/png", PDF)), 415);
    invalid(send(file("empty.pdf", "application/pdf", b"")), &["files"]);
    invalid(send(file("nameless", "application/pdf", PDF)), &["files"]);
    let mut large = PDF.to_vec();
    large.resize(FILE_MAX + 1, b' ');
    problem(send(file("large.pdf", "application/pdf", &large)), 413);
    let eleven: Vec<_> = std::iter::repeat_with(good).take(11).collect();
    invalid(client.post_form(path, &FIELDS, &eleven), &["files"]);
}

/// A form as somebody else's program may write it.
fn form(client: &Client, content_type: &str, mut body: &[u8]) -> Answer {
    client.send("POST", TICKETS, &[("content-type", content_type)], body.as_body())
}

fn part(head: &str, content: &[u8]) -> Vec<u8> {
    [b"--b\r\nContent-Disposition: form-data; ", head.as_bytes(), b"\r\n\r\n", content, b"\r\n"].concat()
}

fn crooked_forms(client: &Client) {
    const FORM: &str = "multipart/form-data; boundary=b";
    let stored = part("name=\"files\"; filename=\"fine.pdf\"", PDF);
    let with = |rest: &[u8]| form(client, FORM, &[&stored, rest].concat());
    problem(with(b""), 400);
    problem(with(b"--b\r\nno header at all"), 400);
    problem(with(&[part("name=\"subject\"", b"\xff\xfe"), b"--b--\r\n".to_vec()].concat()), 400);
    let elsewhere = part("name=\"avatar\"; filename=\"me.png\"", PDF);
    invalid(with(&[elsewhere, b"--b--\r\n".to_vec()].concat()), &["avatar"]);
    let wordy = part("name=\"description\"", &vec![b'x'; 257 * 1024]);
    problem(with(&[wordy, b"--b--\r\n".to_vec()].concat()), 413);
    invalid(with(b"--b--\r\n"), &["subject", "description", "category"]);
    problem(form(client, "multipart/form-data", &stored), 415);
    problem(form(client, "multipart/mixed; boundary=b", &stored), 415);
}

#[test]
fn a_submission_with_a_file_that_is_not_taken_leaves_no_ticket_and_no_file() {
    let host = host();
    let client = sign_in(&host, Role::Employee);
    mistakes(&client, TICKETS);
    crooked_forms(&client);
    let unknown = [("subject", "s"), ("description", "d"), ("category", "Boats")];
    invalid(client.post_form(TICKETS, &unknown, &[good()]), &["category"]);
    assert_eq!((client.get(TICKETS).expect(200).json()["total"].clone(), blobs(&host)), (json!(0), 0));
    let empty_input = file("", "application/octet-stream", b"");
    let ticket = client.post_form(TICKETS, &FIELDS, &[good(), empty_input]).expect(201).json();
    assert_eq!(ticket["attachments"].as_array().unwrap().len(), 1, "a file input left empty is none");
    assert!(blobs(&host) > 0, "and this is where files are");
}

#[test]
fn a_file_that_is_not_taken_adds_nothing_to_a_ticket() {
    let host = host();
    let (employee, coordinator) = (sign_in(&host, Role::Employee), sign_in(&host, Role::Coordinator));
    let number = submit(&employee, "without files");
    let path = format!("{TICKETS}{number}/attachments");
    mistakes(&employee, &path);
    problem(employee.post_form(&path, &FIELDS, &[]), 400);
    problem(employee.post(&path, &json!({})), 400);
    problem(sign_in(&host, Role::Colleague).post_form(&path, &[], &[good()]), 404);
    problem(sign_in(&host, Role::TrackingAdmin).post_form(&path, &[], &[good()]), 403);
    let ticket = employee.get(&format!("{TICKETS}{number}")).expect(200).json();
    assert_eq!((&ticket["attachments"], &ticket["version"], blobs(&host)), (&json!([]), &json!(1), 0));

    let ten: Vec<_> = std::iter::repeat_with(good).take(10).collect();
    for _ in 0..5 {
        employee.post_form(&path, &[], &ten).expect(201);
    }
    let full = blobs(&host);
    problem(coordinator.post_form(&path, &[], &[good()]), 409);
    assert_eq!(blobs(&host), full, "a ticket has at most fifty files");
    assert_eq!(coordinator.get(&path).expect(200).json()["items"].as_array().unwrap().len(), 50);
    approve(&coordinator, &number).expect(200);
}

/// An upload that has sent one file whole and another by half, and sends no more.
fn half_an_upload(client: &Client) -> TcpStream {
    let address = client.base().trim_start_matches("http://");
    let begun = [
        part("name=\"files\"; filename=\"whole.pdf\"", PDF),
        b"--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"half.pdf\"\r\n\r\n".to_vec(),
        [PDF, &b" ".repeat(64 * 1024)].concat(),
    ];
    let begun = begun.concat();
    let head = format!(
        "POST {TICKETS} HTTP/1.1\r\nHost: {address}\r\nCookie: {}\r\nX-Requested-With: test\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n",
        client.cookies(),
        begun.len() + 1_000_000
    );
    let mut socket = TcpStream::connect(address).unwrap();
    socket.write_all(head.as_bytes()).unwrap();
    socket.write_all(&begun).unwrap();
    socket
}

#[test]
fn an_upload_that_breaks_off_or_is_cut_by_a_crash_leaves_no_file() {
    let host = host();
    let client = sign_in(&host, Role::Employee);
    let look = |host: &Host| {
        // One request for each look, so that the wait goes at the host's pace.
        host.admin().get("/livez").expect(200);
        blobs(host)
    };
    let socket = half_an_upload(&client);
    until("the first file is stored", || look(&host) > 0);
    socket.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    // Whether the host still answers somebody who broke off is its choice.
    drop((&socket).read_to_string(&mut answer));
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    until("it is gone again, by the request itself or by the sweep", || {
        host.advance_clock(60);
        look(&host) == 0
    });

    let client = sign_in(&host, Role::Employee);
    let _socket = half_an_upload(&client);
    until("the first file is stored", || look(&host) > 0 && whole_blobs(&host) == 1);
    let host = host.kill().start();
    assert_eq!(look(&host), 1, "what was whole is still there");
    host.advance_clock(2 * 3_600);
    until("the sweep has removed it", || look(&host) == 0);
    let client = sign_in(&host, Role::Employee);
    assert_eq!(client.get(TICKETS).expect(200).json()["total"], 0);
}
