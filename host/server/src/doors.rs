//! The operator's doors: bound with the other ports, open as soon as there is somebody behind them.

use admin::{Identity, Operator, Socket};
use anyhow::Context;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::report::{Finding, Refusal};

/// Doors that are bound and not open yet: whoever knocks waits.
#[derive(Debug)]
pub struct Doors {
    socket: Socket,
    remote: Option<(TcpListener, Identity)>,
}

impl Doors {
    /// Binds the socket in the state folder, and what `[admin.remote]` says.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for a certificate or key that is none; [`Refusal::Failed`] where another host has the state
    /// folder or the port.
    pub async fn bind(config: &Config) -> Result<Self, Refusal> {
        let remote = match &config.admin.remote {
            None => None,
            Some(remote) => {
                let identity = Identity::read(&remote.certificate, &remote.key);
                let identity = identity.map_err(|error| {
                    let Finding { message, .. } = Finding::from_error(&error);
                    Refusal::invalid(Finding::new(message, "look at `admin.remote` in host.toml"))
                })?;
                let listen = remote.listen;
                let bound = TcpListener::bind(listen).await;
                let bound =
                    bound.with_context(|| format!("cannot listen on {listen}; change `admin.remote.listen`"))?;
                Some((bound, identity))
            }
        };
        let socket = Socket::bind(&config.state.dir).map_err(|error| Refusal::Failed(error.into()))?;
        Ok(Self { socket, remote })
    }

    /// Opens them on the threads of `aside` until `shutdown`; each ends within some five seconds then.
    pub fn open(self, operator: &Operator, tasks: &TaskTracker, shutdown: &CancellationToken, aside: &Handle) {
        tasks.spawn_on(admin::serve_socket(self.socket, operator.clone(), shutdown.clone()), aside);
        if let Some((listener, identity)) = self.remote {
            let address = listener.local_addr().ok().map(|address| address.to_string());
            tracing::info!(address, "operators are served over HTTPS");
            tasks.spawn_on(admin::serve_remote(listener, identity, operator.clone(), shutdown.clone()), aside);
        }
    }
}
