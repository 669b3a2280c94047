use proptest::prelude::*;

use super::*;

fn list(entries: &[&str]) -> AllowList {
    try_list(entries).unwrap()
}

fn try_list(entries: &[&str]) -> Result<AllowList, Error> {
    let entries: Vec<_> = entries.iter().map(|entry| HostPattern((*entry).to_owned())).collect();
    AllowList::parse(&entries, |name| match name {
        "host" => Some("api.example.org".to_owned()),
        "empty" => Some(String::new()),
        _ => None,
    })
}

#[test]
fn every_form_of_an_entry_covers_what_it_says() {
    for (entry, scheme, host, port, expected) in [
        ("http://example.org", "http", "example.org", 80, true),
        ("http://example.org/", "http", "EXAMPLE.org.", 80, true),
        ("HTTP://Example.org", "http", "example.org", 80, true),
        ("http://example.org", "https", "example.org", 80, false),
        ("http://example.org", "http", "example.org", 81, false),
        ("http://example.org", "http", "www.example.org", 80, false),
        ("https://example.org", "https", "example.org", 443, true),
        ("*://example.org:443", "https", "example.org", 443, true),
        ("http://*.example.org", "http", "a.b.example.org", 80, true),
        ("http://*.example.org", "http", "example.org", 80, false),
        ("http://*.example.org", "http", ".example.org", 80, false),
        ("http://*.example.org", "http", "badexample.org", 80, false),
        ("http://*", "http", "anything", 80, true),
        ("*://*:*", "https", "10.0.0.1", 9, true),
        ("http://h:8000..9000", "http", "h", 8000, true),
        ("http://h:8000..9000", "http", "h", 8999, true),
        ("http://h:8000..9000", "http", "h", 9000, false),
        ("http://h:*", "http", "h", 1, true),
        ("http://10.0.0.0/8", "http", "10.9.9.9", 80, true),
        ("http://10.0.0.0/8:8080", "http", "10.9.9.9", 8080, true),
        ("http://10.0.0.0/8", "http", "11.0.0.0", 80, false),
        ("http://127.0.0.1:8080", "http", "127.0.0.1", 8080, true),
        ("http://[::1]:8080", "http", "[::1]", 8080, true),
        ("http://[::1]", "http", "::1", 80, true),
        ("http://[fd00::]/8:1..9", "http", "fd00::1", 8, true),
        ("http://self", "http", "self.alt", 80, true),
        ("http://self.alt", "http", "self.alt", 80, true),
        ("http://self", "http", "self", 80, false),
        ("http://auth.spin.internal", "http", "auth.spin.internal", 80, true),
        ("*://*.spin.internal", "http", "auth.spin.internal", 80, true),
        ("http://auth.spin.internal", "http", "tickets.spin.internal", 80, false),
        ("https://{{ host }}", "https", "api.example.org", 443, true),
    ] {
        assert_eq!(list(&[entry]).allows(scheme, host, port), expected, "{entry} {scheme}://{host}:{port}");
    }
}

#[test]
fn nothing_is_allowed_by_default_and_optional_entries_vanish() {
    assert!(!list(&[]).allows("http", "example.org", 80));
    assert_eq!(list(&["{{ empty }}", "http://{{empty}}", "https://"]), AllowList::default());
}

#[test]
fn broken_entries_are_refused() {
    for entry in [
        "example.org",
        "://example.org",
        "h2://example.org",
        "{http,https}://a",
        "http://example.org/path",
        "http://a..b",
        "http://*.",
        "http://a.*",
        "amqp://host",
        "*://host",
        "http://h:",
        "http://h:65536",
        "http://h:9..9",
        "http://h:1..70000",
        "http://h:+1",
        "http://h:x",
        "http://user@host",
        "insecure:allow-all",
        "http://10.0.0.0/33",
        "http://[::1",
    ] {
        assert!(matches!(try_list(&[entry]), Err(Error::Entry { .. })), "{entry}");
    }
    let missing = try_list(&["https://{{ nobody }}"]).unwrap_err();
    assert!(matches!(missing, Error::Variable { name, .. } if name == "nobody"));
}

#[test]
fn an_address_inside_needs_an_entry_by_number() {
    let allows = |entries: &[&str], host: &str, address: &str| {
        list(entries).allows_address("http", host, address.parse().unwrap())
    };
    assert!(allows(&["http://*:80"], "a.example", "93.184.215.14:80"));
    assert!(!allows(&["http://*:80"], "a.example", "10.0.0.1:80"));
    assert!(!allows(&["*://*:*"], "169.254.169.254", "169.254.169.254:80"));
    assert!(allows(&["http://169.254.169.254"], "169.254.169.254", "169.254.169.254:80"));
    assert!(allows(&["http://db.internal", "http://10.0.0.0/8"], "db.internal", "10.0.0.1:80"));
    assert!(!allows(&["http://db.internal", "http://10.0.0.0/8:81"], "db.internal", "10.0.0.1:80"));
    assert!(allows(&["http://localhost"], "localhost", "127.0.0.1:80"));
    assert!(allows(&["http://localhost"], "localhost", "[::1]:80"));
    assert!(!allows(&["http://localhost"], "localhost", "10.0.0.1:80"));
    assert!(!allows(&["http://localhost", "http://evil.example"], "evil.example", "127.0.0.1:80"));
    assert!(!allows(&["http://*"], "localhost", "127.0.0.1:80"));
}

proptest! {
    #[test]
    fn no_text_upsets_the_reader(text in "\\PC{0,30}|[*a-z]{1,5}://[\\[\\]:*./0-9a-f]{0,20}") {
        if let Ok(list) = try_list(&[&text]) {
            list.allows("http", "example.org", 80);
        }
    }
}
