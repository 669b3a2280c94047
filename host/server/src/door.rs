//! The front door seen from outside: proof that a release serves, by asking as a client would.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use control::{Kind, Refusal};
use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use rollout::ReleaseId;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::operator_token::{OperatorToken, RELEASE, TOKEN};

/// Answers an operator alone, with the release that serves in a header.
pub const PATH: &str = "/.well-known/wharf/release";
/// How long a release may take to be seen. It is milliseconds.
const LIMIT: Duration = Duration::from_secs(5);
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Where users come in.
#[derive(Clone)]
pub struct Door {
    address: SocketAddr,
    token: Arc<OperatorToken>,
}

impl Door {
    /// Of a listener that is bound to `address`.
    pub fn new(mut address: SocketAddr, token: Arc<OperatorToken>) -> Self {
        if address.ip().is_unspecified() {
            // Bound to every address, it is reached on the machine's own.
            let own = if address.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { IpAddr::V6(Ipv6Addr::LOCALHOST) };
            address.set_ip(own);
        }
        Self { address, token }
    }

    /// Resolves once the release answers at the door.
    ///
    /// # Errors
    /// [`Kind::Unavailable`] where it does not within five seconds, with what was seen instead.
    pub async fn observe(&self, release: ReleaseId) -> Result<(), Refusal> {
        let until = Instant::now() + LIMIT;
        loop {
            let seen = tokio::time::timeout_at(until, self.look()).await;
            match seen.unwrap_or_else(|_| Err("no answer".to_owned())) {
                Ok(seen) if seen == release => return Ok(()),
                other if Instant::now() >= until => {
                    let seen = other.map_or_else(|why| why, |other| other.to_string());
                    let message = format!("{release} was not seen at the front door {}: {seen}", self.address);
                    return Err(Refusal::new(Kind::Unavailable, message));
                }
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    async fn look(&self) -> Result<ReleaseId, String> {
        let stream = TcpStream::connect(self.address).await.map_err(|error| error.to_string())?;
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(|error| error.to_string())?;
        let request = http::Request::builder()
            .uri(PATH)
            .header(http::header::HOST, self.address.to_string())
            .header(http::header::CONNECTION, "close")
            .header(TOKEN, self.token.header())
            .body(Empty::<Bytes>::new())
            .map_err(|error| error.to_string())?;
        let answer = async { sender.send_request(request).await.map_err(|error| error.to_string()) };
        // The connection is only driven: where it ends without an answer, the request says so itself.
        let driven = async {
            drop(connection.await);
            std::future::pending::<()>().await;
        };
        let response = tokio::select! {
            answer = answer => answer?,
            () = driven => return Err("no answer".to_owned()),
        };
        let named = response.headers().get(RELEASE).and_then(|value| value.to_str().ok());
        let named = named.ok_or_else(|| format!("an answer {} that names no release", response.status()))?;
        named.parse().map_err(|error: rollout::Error| error.to_string())
    }
}
