//! Ends a server when the process that wants it ends, however that happens.

use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

/// The shell that watches: it starts the server in the background, waits until its standard input closes, which it
/// does when this process dies, and then ends the server and removes its folder.
const WATCH: &str = r#"folder=$1; shift
"$@" </dev/null & server=$!
read -r _
kill -QUIT "$server" 2>/dev/null
wait "$server"
rm -rf "$folder""#;

/// A server process, together with the folder it keeps its data in. Dropping it ends the server at once and removes
/// the folder; so does the end of this process.
#[derive(Debug)]
pub struct Keeper {
    shell: Child,
    // Closed by `drop`, or by the kernel.
    stdin: Option<ChildStdin>,
}

impl Keeper {
    /// Starts `command`, its program and arguments, whose data lies in `folder`. `prepare` may set environment, working
    /// folder and where output goes.
    pub fn start(folder: &Path, command: &[String], prepare: impl FnOnce(&mut Command)) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", WATCH, "keeper"]).arg(folder).args(command).stdin(Stdio::piped());
        prepare(&mut shell);
        let mut shell = shell.spawn().unwrap_or_else(|error| panic!("no shell to start {command:?}: {error}"));
        let stdin = shell.stdin.take();
        Self { shell, stdin }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.stdin.take());
        self.shell.wait().unwrap();
    }
}
