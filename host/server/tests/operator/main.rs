//! The operator's commands against a fake control arrow on a real socket.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

mod deploy;
mod elsewhere;
#[path = "../../../admin/tests/door/fake.rs"]
mod fake;
mod help;
mod queues;
mod verbs;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use admin::{Changed, DeadLetterView, Logs, Operator, Paused, QueueView, Queues, Socket, Tokens, Which};
use fake::Fake;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The smallest component there is.
const COMPONENT: &[u8] = b"\0asm\x0d\x00\x01\x00";

/// What a command ended with.
#[derive(Debug)]
struct Ended {
    code: i32,
    out: String,
    err: String,
}

/// A fake host on a socket in a folder of its own, which is also where commands run.
struct Host {
    fake: Arc<Fake>,
    operator: Operator,
    folder: TempDir,
    shutdown: CancellationToken,
    _serving: JoinHandle<()>,
}

impl Host {
    fn start() -> Self {
        let (fake, folder) = (Fake::new(), tempfile::tempdir().unwrap());
        let state = folder.path().join(".wharf");
        let (control, queues) = (fake.clone(), fake.clone());
        let operator = Operator { control, queues, tokens: Tokens::of(&state), logs: Logs::default() };
        let shutdown = CancellationToken::new();
        let socket = Socket::bind(&state).unwrap();
        let serving = tokio::spawn(admin::serve_socket(socket, operator.clone(), shutdown.clone()));
        Self { fake, operator, folder, shutdown, _serving: serving }
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        command(self.folder.path(), arguments)
    }

    async fn wharf(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments)).await
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wharf"));
    command.args(arguments).current_dir(folder).env_remove("WHARF_REMOTE").env_remove("WHARF_TOKEN");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn ended(mut command: Command) -> Ended {
    let output = command.output().await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Ended { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
}
