//! Why an entry cannot be read, or a request is not answered.

/// What goes wrong with outgoing HTTP. Each variant has one counterpart among the error codes of `wasi:http`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An entry of `allowed_outbound_hosts` breaks the grammar.
    #[error("allowed outbound host \"{entry}\": {reason}")]
    Entry {
        /// The entry as written: with its variables not filled in, since those may be secret.
        entry: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An entry names a variable without a value.
    #[error("allowed outbound host \"{entry}\" needs the variable \"{name}\", which is not set")]
    Variable {
        /// The entry as written.
        entry: String,
        /// The variable.
        name: String,
    },
    /// The trust anchors or the TLS provider cannot be used.
    #[error("TLS cannot be set up")]
    TlsSetup {
        /// The library's reason.
        #[source]
        source: rustls::Error,
    },
    /// No such request can be sent: scheme, host or header. (`HTTP-request-URI-invalid`)
    #[error("the request cannot be sent: {reason}")]
    Request {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No entry allows the destination, or no request is being served. (`HTTP-request-denied`)
    #[error("{destination} is not among the allowed outbound hosts")]
    Denied {
        /// Scheme, host and port.
        destination: String,
    },
    /// The name leads only to addresses that are not public and not granted by number. (`destination-IP-prohibited`)
    #[error("{host} leads to an address that is not allowed")]
    Prohibited {
        /// The host as asked for.
        host: String,
    },
    /// The name has no address. (`DNS-error`)
    #[error("{host} cannot be resolved")]
    Dns {
        /// The host as asked for.
        host: String,
        /// The resolver's reason; none where it answered with no address.
        #[source]
        source: Option<std::io::Error>,
    },
    /// The other side refused the connection. (`connection-refused`)
    #[error("{host} refused the connection")]
    ConnectionRefused {
        /// The host as asked for.
        host: String,
    },
    /// The connection failed for another reason. (`destination-unavailable`)
    #[error("{host} cannot be reached")]
    Unreachable {
        /// The host as asked for.
        host: String,
        /// The operating system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The certificate or the handshake is not acceptable. (`TLS-protocol-error`)
    #[error("no secure connection to {host}")]
    Tls {
        /// The host as asked for.
        host: String,
        /// The library's reason.
        #[source]
        source: std::io::Error,
    },
    /// Name, connection and handshake took longer than allowed. (`connection-timeout`)
    #[error("the connection took too long")]
    ConnectTimeout,
    /// The answer, or its next part, took longer than allowed. (`HTTP-response-timeout`)
    #[error("the answer took too long")]
    Timeout,
    /// As many requests as allowed are under way, and none ended in time. (`connection-limit-reached`)
    #[error("too many outgoing requests at once")]
    LimitReached,
    /// What came back is not HTTP, or it broke off. (`HTTP-protocol-error`)
    #[error("the exchange broke the protocol")]
    Protocol {
        /// The library's reason.
        #[source]
        source: hyper::Error,
    },
    /// Components call each other in a circle, or far too deep. (`loop-detected`)
    #[error("calls between components are nested deeper than {limit}")]
    TooDeep {
        /// The deepest nesting allowed.
        limit: u32,
    },
    /// No component of that id can be called. (`DNS-error`)
    #[error("no component \"{component}\" is reachable")]
    UnknownComponent {
        /// Component id.
        component: String,
    },
}
