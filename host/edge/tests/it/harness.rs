//! An edge on a free port, a service with one path for each behaviour, and a client that sees bytes.

pub(crate) mod client;
pub(crate) mod service;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use edge::{Config, Error, Problem, Slug};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) use client::{Answer, Client};
use service::Stage;

/// No test waits longer for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running edge.
pub(crate) struct Edge {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: CancellationToken,
    stage: Arc<Stage>,
    serving: JoinHandle<Result<(), Error>>,
}

impl Edge {
    pub(crate) fn start(config: Config) -> Self {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let address = socket.local_addr().unwrap();
        let stage = Arc::new(Stage::default());
        let shutdown = CancellationToken::new();
        let rescue: edge::Rescue = Arc::new(|error| {
            if error.is::<service::Full>() {
                Problem::new(Slug::Overloaded).detail("full").retry_after(Duration::from_millis(1500))
            } else {
                service::remember(error);
                Problem::new(Slug::Internal)
            }
        });
        let listener = TcpListener::from_std(socket).unwrap();
        let serving = tokio::spawn(edge::serve(listener, config, service::service(&stage), rescue, shutdown.clone()));
        Self { address, shutdown, stage, serving }
    }

    pub(crate) async fn connect(&self) -> Client {
        Client::new(TcpStream::connect(self.address).await.unwrap())
    }

    /// One request on a connection of its own.
    pub(crate) async fn exchange(&self, request: &str) -> Answer {
        let mut client = self.connect().await;
        client.send(request).await;
        client.answer().await
    }

    /// Until a request stands at the gate.
    pub(crate) async fn entered(&self) {
        patient(self.stage.entered.notified()).await;
    }

    /// Until a request at the gate was given up.
    pub(crate) async fn left(&self) {
        patient(self.stage.left.notified()).await;
    }

    pub(crate) async fn endless_ended(&self) {
        patient(self.stage.endless_ended.notified()).await;
    }

    pub(crate) fn open_gate(&self) {
        self.stage.gate.notify_one();
    }

    /// Until nobody listens any more.
    pub(crate) async fn refuses_connections(&self) {
        let refused = async {
            while TcpStream::connect(self.address).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        patient(refused).await;
    }

    pub(crate) async fn stop(self) -> Result<(), Error> {
        self.shutdown.cancel();
        patient(self.serving).await.unwrap()
    }
}

pub(crate) async fn patient<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("this took far too long")
}

pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x.test\r\nConnection: close\r\n\r\n")
}
