//! A component with grants, and a listener that says what it is told to.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use body::{BoxError, RequestId, Response};
use http_body_util::BodyExt as _;
use manifest::{Component, Grants, HostPattern, Instances, Limits, Source};
use outbound::{Chain, Config, Error, OutboundCtx, OutboundProvider, Timeouts};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Long enough that only a broken test waits for it.
pub(crate) const LONG: Duration = Duration::from_secs(30);
/// Short enough to wait for.
pub(crate) const SHORT: Duration = Duration::from_millis(50);

pub(crate) fn component(allowed: &[&str], outbound: u32) -> Component {
    Component {
        id: "tickets".to_owned(),
        description: String::new(),
        source: Source::File("tickets.wasm".to_owned()),
        build: None,
        variables: BTreeMap::new(),
        environment: BTreeMap::new(),
        grants: Grants {
            outbound: allowed.iter().map(|entry| HostPattern((*entry).to_owned())).collect(),
            ..Grants::default()
        },
        limits: Limits { outbound, ..Limits::default() },
        instances: Instances::default(),
        ready: None,
        demo: None,
        assets: None,
        watch: Vec::new(),
    }
}

/// A component in the middle of a request from outside.
pub(crate) fn serving(config: Config, chain: Chain, allowed: &[&str]) -> OutboundCtx {
    let provider = OutboundProvider::new(config, chain).unwrap();
    let mut ctx = provider.prepare(&component(allowed, 2), |_| None).unwrap();
    ctx.begin_request(Instant::now() + LONG, Some(RequestId("req-1".into())), 0, None);
    ctx
}

pub(crate) fn networked(allowed: &[&str]) -> OutboundCtx {
    serving(Config::default(), no_chain(), allowed)
}

/// For tests in which no component is called.
pub(crate) fn no_chain() -> Chain {
    Arc::new(|id, _| Box::pin(async move { Err::<Response, BoxError>(format!("{id} must not be called").into()) }))
}

pub(crate) fn timeouts() -> Timeouts {
    Timeouts { connect: LONG, first_byte: LONG, between_bytes: LONG }
}

pub(crate) fn get(uri: &str) -> body::Request {
    http::Request::get(uri).body(body::empty()).unwrap()
}

pub(crate) async fn fetch(ctx: &OutboundCtx, uri: &str) -> Result<Response, Error> {
    ctx.send(get(uri), timeouts()).await
}

pub(crate) async fn text(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// A listener that answers every connection with the same bytes and then keeps it open.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    heads: mpsc::Receiver<String>,
}

impl Peer {
    pub(crate) async fn saying(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, heads) = mpsc::channel(16);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, answer, sender.clone()));
            }
        });
        Self { address, heads }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The head of the next request, as it came.
    pub(crate) async fn head(&mut self) -> String {
        self.heads.recv().await.unwrap()
    }

    pub(crate) fn was_asked(&mut self) -> bool {
        self.heads.try_recv().is_ok()
    }
}

/// Reads one head, answers, and waits for the other side to go.
pub(crate) async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: &'static str,
    heads: mpsc::Sender<String>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    heads.send(String::from_utf8(head).unwrap()).await.unwrap();
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let mut rest = Vec::new();
    // An aborted connection ends in an error, which is as good an end as any.
    drop(stream.read_to_end(&mut rest).await);
}
