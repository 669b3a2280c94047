//! The door as it is met from outside: a real socket, real TLS, and this crate's own client.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

mod fake;
mod remote;
mod socket;

use std::sync::Arc;

use admin::{Changed, DeadLetterView, Logs, Operator, Paused, QueueView, Queues, Tokens, Which};
use fake::Fake;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// An operator over a fake, with a state folder of its own.
struct Host {
    fake: Arc<Fake>,
    operator: Operator,
    state: TempDir,
    shutdown: CancellationToken,
}

impl Host {
    fn new() -> Self {
        let (fake, state) = (Fake::new(), tempfile::tempdir().unwrap());
        let (control, queues) = (fake.clone(), fake.clone());
        let operator = Operator { control, queues, tokens: Tokens::of(state.path()), logs: Logs::default() };
        Self { fake, operator, state, shutdown: CancellationToken::new() }
    }

    /// Stops the door and waits until it is shut.
    async fn stop(self, serving: JoinHandle<()>) {
        self.shutdown.cancel();
        serving.await.unwrap();
    }
}
