//! A WASI 0.2 component (`wasi:http/incoming-handler`): answers with a small JSON document.

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

struct Hello;

wasip2::http::proxy::export!(Hello);

impl Guest for Hello {
    fn handle(_request: IncomingRequest, out: ResponseOutparam) {
        let headers = Fields::new();
        let typed = headers.set("content-type", &[b"application/json".to_vec()]);
        let response = OutgoingResponse::new(headers);
        let Ok(body) = response.body() else { return };
        ResponseOutparam::set(out, Ok(response));
        if typed.is_ok()
            && let Ok(stream) = body.write()
        {
            let _written = stream.blocking_write_and_flush(br#"{"hello":"world"}"#);
        }
        let _finished = OutgoingBody::finish(body, None);
    }
}
