//! Connections that are kept alive and taken in turn.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Mutex;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// One connection.
pub(super) type Connection = SendRequest<Full<Bytes>>;

/// Those that are idle.
#[derive(Debug)]
pub(super) struct Connections {
    address: SocketAddr,
    idle: Mutex<VecDeque<Connection>>,
}

impl Connections {
    pub(super) fn to(address: SocketAddr) -> Self {
        Self { address, idle: Mutex::default() }
    }

    /// The value of the header `host`.
    pub(super) fn host(&self) -> String {
        self.address.to_string()
    }

    /// A new connection.
    pub(super) async fn open(&self) -> Result<Connection, String> {
        let socket = TcpStream::connect(self.address).await.map_err(|error| format!("connect: {error}"))?;
        socket.set_nodelay(true).map_err(|error| error.to_string())?;
        let shaken = http1::handshake(TokioIo::new(socket)).await;
        let (sender, connection) = shaken.map_err(|error| format!("handshake: {error}"))?;
        // What goes wrong on it is told to whoever waits for an answer.
        tokio::spawn(async move { drop(connection.await) });
        Ok(sender)
    }

    /// Sends on the connection that was idle for longest, or on a new one. Give it back with [`Connections::keep`] when
    /// the answer has been read.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Result<(Connection, Response<Incoming>), String> {
        let mut connection = match self.take() {
            Some(connection) => connection,
            None => self.open().await?,
        };
        let answer = connection.send_request(request).await.map_err(|error| format!("reset: {}", chain(&error)))?;
        Ok((connection, answer))
    }

    pub(super) fn keep(&self, connection: Connection) {
        self.idle.lock().unwrap().push_back(connection);
    }

    fn take(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap();
        while let Some(connection) = idle.pop_front() {
            if connection.is_ready() {
                return Some(connection);
            }
        }
        None
    }
}

/// An error with its causes.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
