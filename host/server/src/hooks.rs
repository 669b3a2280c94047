//! Where a guest's outgoing request leaves wasmtime: translated for `outbound`, and its errors back.

use std::error::Error as _;

use body::BoxError;
use http_body_util::BodyExt;
use outbound::{OutboundCtx, Timeouts};
use runtime::Call;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// Outgoing HTTP of one instance.
pub struct Hooks {
    outbound: OutboundCtx,
}

/// What becomes of the exchange after its head: nothing that the guest is told.
type Afterwards = Box<dyn Future<Output = Result<(), Error>> + Send>;

type Sending = Box<dyn Future<Output = Result<(http::Response<WasiBody>, Afterwards), Error>> + Send>;

impl Hooks {
    /// Of a new instance.
    pub fn new(outbound: OutboundCtx) -> Self {
        Self { outbound }
    }

    /// A request begins.
    pub fn begin(&mut self, call: &Call) {
        self.outbound.begin_request(call.deadline, call.request_id.clone(), call.depth, call.generation.clone());
    }

    /// The request is over.
    pub fn end(&mut self) {
        self.outbound.end_request();
    }
}

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _uploaded: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Sending {
        let request = request.map(|body| body.map_err(BoxError::from).boxed_unsync());
        let sending = self.outbound.send(request, timeouts(options));
        Box::new(async move {
            let response = sending.await.map_err(|error| code(&error))?;
            let response = response.map(|body| body.map_err(|error| of_body(&error)).boxed_unsync());
            let afterwards: Afterwards = Box::new(std::future::ready(Ok(())));
            Ok((response, afterwards))
        })
    }
}

fn timeouts(options: Option<RequestOptions>) -> Timeouts {
    let default = Timeouts::default();
    let Some(options) = options else { return default };
    Timeouts {
        connect: options.connect_timeout.unwrap_or(default.connect),
        first_byte: options.first_byte_timeout.unwrap_or(default.first_byte),
        between_bytes: options.between_bytes_timeout.unwrap_or(default.between_bytes),
    }
}

fn of_body(error: &BoxError) -> Error {
    error.downcast_ref::<outbound::Error>().map_or(Error::ConnectionTerminated, code)
}

/// Each error of `outbound` has one counterpart in `wasi:http`.
fn code(error: &outbound::Error) -> Error {
    use outbound::Error as E;
    match error {
        E::Entry { .. } | E::Variable { .. } | E::TlsSetup { .. } => Error::ConfigurationError,
        E::Request { .. } => Error::HttpRequestUriInvalid,
        E::Denied { .. } => Error::HttpRequestDenied,
        E::Prohibited { .. } => Error::DestinationIpProhibited,
        E::Dns { .. } => Error::DnsError { rcode: None, info_code: None },
        E::UnknownComponent { component } => {
            Error::DnsError { rcode: Some(format!("no component {component}")), info_code: None }
        }
        E::ConnectionRefused { .. } => Error::ConnectionRefused,
        E::Unreachable { .. } => Error::DestinationUnavailable,
        E::Tls { .. } => Error::TlsProtocolError,
        E::ConnectTimeout => Error::ConnectionTimeout,
        E::Timeout => Error::HttpResponseTimeout,
        E::LimitReached => Error::ConnectionLimitReached,
        E::Protocol { .. } => {
            tracing::debug!(cause = error.source(), "an outgoing exchange broke the protocol");
            Error::HttpProtocolError
        }
        E::TooDeep { .. } => Error::LoopDetected,
    }
}
