use super::Address;

fn parts(text: &str) -> (Option<String>, String) {
    let address = Address::parse("to", text).unwrap();
    (address.name().map(str::to_owned), address.spec().to_owned())
}

#[test]
fn the_usual_forms_are_read() {
    assert_eq!(parts("ada@example.org"), (None, "ada@example.org".to_owned()));
    assert_eq!(parts("<ada@example.org>"), (None, "ada@example.org".to_owned()));
    assert_eq!(parts("Ada <ada@example.org>"), (Some("Ada".to_owned()), "ada@example.org".to_owned()));
    assert_eq!(parts("  Ada  L. <a.b+c@x-y.org> "), (Some("Ada  L.".to_owned()), "a.b+c@x-y.org".to_owned()));
    assert_eq!(parts(r#""Lovelace, \"Ada\"" <ada@localhost>"#).0.as_deref(), Some(r#"Lovelace, "Ada""#));
    assert_eq!(parts("Zoë Łuczak <zoe@example.org>").0.as_deref(), Some("Zoë Łuczak"));
    assert_eq!(Address::parse("to", "a@b.example").unwrap().domain(), "b.example");
}

#[test]
fn what_is_not_exactly_one_address_is_refused() {
    let long = format!("{}@example.org", "a".repeat(65));
    for text in [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@.org",
        "ada@example..org",
        "ada@-example.org",
        "ada@example.org.",
        ".ada@example.org",
        "a da@example.org",
        "ada@exämple.org",
        "ada@[127.0.0.1]",
        "a@b.org, c@d.org",
        "a@b.org, Ada <c@d.org>",
        "Ada <a@b.org> <c@d.org>",
        "Ada ada@example.org>",
        "\"Ada <ada@example.org>",
        "ada@example.org@example.com",
        long.as_str(),
    ] {
        assert!(Address::parse("to", text).is_err(), "{text:?} was accepted");
    }
}

#[test]
fn a_header_cannot_be_smuggled_in() {
    for text in ["a@b.org\r\nBcc: c@d.org", "a@b.org\nBcc: x", "Ada\r\nX: y <a@b.org>", "a@b.org\0", "a@b.org\u{85}"] {
        let error = Address::parse("to", text).unwrap_err();
        assert_eq!(error.to_string(), "to: has a line break or another control character");
    }
}
