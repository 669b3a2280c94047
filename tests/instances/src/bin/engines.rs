//! A PostgreSQL server and a RabbitMQ broker for a host on this machine: `engines <folder>`.
//!
//! Their data, their passwords and a `host.toml` that leads to them are kept in the folder; `ready` is printed when they
//! serve. They end when standard input does. For people who want to see the ticket system on them: production has its
//! own servers.
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use instances::{Postgres, Rabbit};

/// The host's role and user.
const HOST: &str = "wharf";
/// Bytes of a password that is made.
const SECRET_BYTES: usize = 24;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: engines <folder>");
        return ExitCode::from(64);
    };
    std::fs::create_dir_all(&folder).unwrap();
    let folder = folder.canonicalize().unwrap();
    let [superuser, sql, queue] = ["postgres", "sql", "queue"].map(|name| folder.join(format!("{name}-password")));
    let [superuser_password, sql_password, queue_password] = [&superuser, &sql, &queue].map(|file| secret(file));
    let postgres = Postgres::start_in(&folder.join("postgres"), &superuser_password);
    postgres.make_role(HOST, &sql_password);
    let rabbit = Rabbit::start_in(&folder.join("rabbitmq"));
    rabbit.make_user(HOST, &queue_password);
    let config = format!(
        "[state]\nengine = \"postgres\"\n[sql]\nengine = \"postgres\"\nurl = \"postgres://{HOST}@127.0.0.1:{}/postgres\"\npassword_file = \"{}\"\n\
         [queue]\nengine = \"rabbitmq\"\nurl = \"amqp://{HOST}@127.0.0.1:{}/\"\npassword_file = \"{}\"\n",
        postgres.port(),
        sql.display(),
        rabbit.port(),
        queue.display()
    );
    std::fs::write(folder.join("host.toml"), config).unwrap();
    println!("ready");
    std::io::stdout().flush().unwrap();
    // Whoever started this keeps the other end open.
    drop(std::io::stdin().read_to_end(&mut Vec::new()));
    ExitCode::SUCCESS
}

/// A password, made the first time, for its owner's eyes.
fn secret(file: &Path) -> String {
    if let Ok(text) = std::fs::read_to_string(file) {
        return text;
    }
    let mut bytes = [0; SECRET_BYTES];
    std::fs::File::open("/dev/urandom").unwrap().read_exact(&mut bytes).unwrap();
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").unwrap();
    }
    let mut made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).unwrap();
    made.write_all(text.as_bytes()).unwrap();
    text
}
