//! Every limit of the edge, each with its default and the reason for the number.

use std::num::{NonZeroU8, NonZeroU32};
use std::time::Duration;

/// Connections served at once. A connection costs about 20 KiB with its buffers; 4096 of them stay under 100 MiB and
/// leave room for one event stream per open page.
pub const CONNECTIONS_DEFAULT: usize = 4096;
/// Time for a complete request head, from its first byte (or from connecting). Generous for a phone on a bad network,
/// short for somebody who holds connections open on purpose.
pub const HEADER_TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);
/// How long a kept-alive connection may wait for its next request. Longer than the 60 s after which proxies in front
/// usually let go, so that it is they who close and no request meets a closing socket.
pub const IDLE_TIMEOUT_DEFAULT: Duration = Duration::from_secs(75);
/// Longest pause between two pieces of a request body.
pub const BODY_IDLE_DEFAULT: Duration = Duration::from_secs(20);
/// How long a peer may refuse to take bytes of an answer.
pub const WRITE_STALL_DEFAULT: Duration = Duration::from_secs(30);
/// How long running exchanges may take after shutdown began. Above the default deadline of a component (30 s).
pub const DRAIN_DEFAULT: Duration = Duration::from_secs(35);
/// Bytes of a request head, and of the buffers of a connection. Cookies and a long query fit several times.
pub const HEADER_BYTES_DEFAULT: usize = 64 * 1024;
/// The smallest that the HTTP/1 parser takes.
pub const HEADER_BYTES_MIN: usize = 8 * 1024;
/// Concurrent streams of one HTTP/2 connection: what browsers expect at least.
pub const STREAMS_DEFAULT: u32 = 100;
/// Requests per second and client. A person clicking is far below, a loop is above.
pub const RATE_PER_SECOND_DEFAULT: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Requests at once and client: a page with its data.
pub const RATE_BURST_DEFAULT: NonZeroU32 = NonZeroU32::new(20).unwrap();

/// What stands between the edge and the clients, and so where a client's address comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Position {
    /// Nothing: the address is the peer's; `Forwarded` and `X-Forwarded-*` headers are lies and are removed.
    #[default]
    Direct,
    /// Proxies of ours. The address is the entry of `X-Forwarded-For` that the outermost of them wrote; `Forwarded` and
    /// `X-Forwarded-*` reach the component. The listener must not be reachable around them.
    BehindProxy {
        /// Number of proxies: the address is that many entries from the right.
        trusted_hops: NonZeroU8,
    },
}

/// Requests one client address may make (IPv6: one /64 network).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Sustained requests per second. Default 10.
    pub per_second: NonZeroU32,
    /// Requests at once after a pause. Default 20.
    pub burst: NonZeroU32,
}

impl Default for Rate {
    fn default() -> Self {
        Self { per_second: RATE_PER_SECOND_DEFAULT, burst: RATE_BURST_DEFAULT }
    }
}

/// Limits and position of one listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Default [`Position::Direct`].
    pub position: Position,
    /// `None`: no limit. Default 10/s, burst 20.
    pub rate: Option<Rate>,
    /// Connections served at once; further ones wait in the kernel's queue. Default 4096, at least 1.
    pub connections: usize,
    /// Time for one request head. Default 10 s; beyond it the connection is closed.
    pub header_timeout: Duration,
    /// Time a connection may be without a request. Default 75 s.
    pub idle_timeout: Duration,
    /// Pause in a request body. Default 20 s; beyond it the body ends with an error.
    pub body_idle: Duration,
    /// Time a peer may take no bytes. Default 30 s; beyond it the connection is closed.
    pub write_stall: Duration,
    /// Time for running exchanges after shutdown began. Default 35 s; what is left then is cut.
    pub drain: Duration,
    /// Bytes of a request head. Default 64 KiB, at least 8 KiB; beyond it the answer is 431. A head has at most 100
    /// headers on HTTP/1, the parser's own limit.
    pub header_bytes: usize,
    /// Concurrent streams of one HTTP/2 connection. Default 100.
    pub streams: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            position: Position::Direct,
            rate: Some(Rate::default()),
            connections: CONNECTIONS_DEFAULT,
            header_timeout: HEADER_TIMEOUT_DEFAULT,
            idle_timeout: IDLE_TIMEOUT_DEFAULT,
            body_idle: BODY_IDLE_DEFAULT,
            write_stall: WRITE_STALL_DEFAULT,
            drain: DRAIN_DEFAULT,
            header_bytes: HEADER_BYTES_DEFAULT,
            streams: STREAMS_DEFAULT,
        }
    }
}
