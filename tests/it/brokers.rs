//! The host and its broker.

use std::process::Output;

use tests::host::Builder;
use tests::rabbitmq::{broker, section};

fn check(queue: &str) -> (i32, String) {
    let builder = Builder::of_ticket_system().with_config(queue);
    let secrets = builder.state().join("secrets");
    std::fs::create_dir_all(&secrets).unwrap();
    std::fs::write(secrets.join("auth_signing_key"), "3q2-7w".repeat(7) + "A").unwrap();
    let Output { status, stdout, stderr } = builder.command_of("check").output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    (status.code().unwrap(), said)
}

#[test]
fn checking_tries_the_broker_and_names_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let good = section(&dir.path().join("password"));
    let (code, said) = check(&good);
    assert_eq!(code, 0, "{said}");
    std::fs::write(dir.path().join("wrong"), "x").unwrap();
    let port = broker().port();
    for (wrong, told) in [
        (good.replace("password\"", "wrong\""), "refuses the user `wharf` or its password"),
        (good.replace("amqp://", "http://"), "must be"),
        (good.replace(&format!(":{port}/"), ":1/"), "no RabbitMQ broker answers at 127.0.0.1:1"),
        (good.replace("amqp://", "amqps://"), "no secure connection"),
        (good.replace(&format!(":{port}/"), &format!(":{port}/x")), "into the virtual host `x"),
        (format!("{good}prefix = \"other.\"\n"), "lacks a right"),
    ] {
        let (code, said) = check(&wrong);
        assert_eq!(code, 64, "{wrong}{said}");
        assert!(said.contains(told) && said.contains("hint"), "{told}: {said}");
    }
    let (code, said) = check(&good.replace("engine", "engin"));
    assert!(code == 64 && said.contains("unknown field `engin`, expected one of `engine`"), "{said}");
}
