//! A RabbitMQ broker for the hosts of this process, each with a virtual host of its own.

use std::path::Path;
use std::sync::OnceLock;

use instances::Rabbit;

/// The user that hosts log in as, and its password: no more rights than the documentation asks for.
pub const USER: &str = "wharf";

/// The broker of this process.
pub fn broker() -> &'static Rabbit {
    static READY: OnceLock<()> = OnceLock::new();
    READY.get_or_init(|| {
        Rabbit::shared().ctl(&["add_user", USER, USER]);
    });
    Rabbit::shared()
}

/// `[queue]` of a host that has queues there which no other host has, with its password in this file.
pub fn section(password_file: &Path) -> String {
    let broker = broker();
    let host = broker.virtual_host();
    let (configure, write) = ("^wharf\\.", "^(wharf\\..*|amq\\.default)$");
    broker.ctl(&["set_permissions", "--vhost", &host, USER, configure, write, configure]);
    std::fs::write(password_file, USER).unwrap();
    format!(
        "[queue]\nengine = \"rabbitmq\"\nurl = \"amqp://{USER}@127.0.0.1:{}/{host}\"\npassword_file = \"{}\"\n",
        broker.port(),
        password_file.display()
    )
}
