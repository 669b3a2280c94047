//! The host and its database server.

use std::process::Output;

use tests::host::Builder;
use tests::postgres::{ROLE, section};

fn check(sql: &str) -> (i32, String) {
    let builder = Builder::of_ticket_system().with_config(sql);
    let secrets = builder.state().join("secrets");
    std::fs::create_dir_all(&secrets).unwrap();
    std::fs::write(secrets.join("auth_signing_key"), "3q2-7w".repeat(7) + "A").unwrap();
    let Output { status, stdout, stderr } = builder.command_of("check").output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    (status.code().unwrap(), said)
}

#[test]
fn checking_tries_the_server_and_names_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let good = section(&dir.path().join("password"));
    let (code, said) = check(&good);
    assert_eq!(code, 0, "{said}");
    std::fs::write(dir.path().join("wrong"), "x").unwrap();
    for (wrong, told) in [
        (good.replace("password\"", "wrong\""), "password authentication failed"),
        (good.replace("postgres://", "mysql://"), "must be"),
        ("[sql]\nengine = \"postgres\"\nport = 1\n".to_owned(), "no PostgreSQL server answers at 127.0.0.1:1"),
        ("[state]\nengine = \"postgres\"\n".to_owned(), "needs a server in [sql]"),
        (good.replace("prefix", "sslmode = \"require\"\nprefix"), "no secure connection"),
    ] {
        let (code, said) = check(&wrong);
        assert_eq!(code, 64, "{wrong}{said}");
        assert!(said.contains(told) && said.contains("hint"), "{told}: {said}");
    }
    let (code, said) = check(&good.replace("engine", "engin"));
    assert!(code == 64 && said.contains("unknown field `engin`, expected one of `engine`"), "{said}");
    // A role of its own: the other tests need theirs.
    let poor = "poor";
    tests::postgres::server().psql("postgres", &format!("create role {poor} login createrole password '{ROLE}'"));
    let (code, said) = check(&good.replace(&format!("{ROLE}@"), &format!("{poor}@")));
    assert!(code == 64 && said.contains("lacks the right CREATEDB"), "{said}");
}
