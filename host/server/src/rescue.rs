//! From any error of the data plane to the problem document that its caller sees.
//!
//! The only code that knows every error type and every slug.

use std::time::Duration;

use body::BoxError;
use edge::{Problem, Slug};
use runtime::Fault;

/// When a caller should come back to a component that is busy: about as long as a request may wait for a place.
const BUSY_RETRY: Duration = Duration::from_secs(2);

/// The problem that stands for the error. Causes that a caller cannot act on stay in the log.
pub fn rescue(error: &BoxError) -> Problem {
    if let Some(fault) = error.downcast_ref::<Fault>() {
        return of_fault(fault);
    }
    if let Some(error) = error.downcast_ref::<router::Error>() {
        return of_router(error);
    }
    if let Some(error) = error.downcast_ref::<live::Error>() {
        return of_live(error);
    }
    if error.is::<edge::BodyStalled>() {
        return Problem::new(Slug::BadRequest).detail("The body did not arrive in time.");
    }
    tracing::error!(error = %chain(error.as_ref()), "unexpected error on the request path");
    Problem::new(Slug::Internal)
}

fn of_fault(fault: &Fault) -> Problem {
    match fault {
        Fault::Trap { .. } | Fault::NoAnswer { .. } | Fault::ResponseTooLarge { .. } => {
            Problem::new(Slug::ServiceFault).detail("The service failed while it handled the request.")
        }
        Fault::Memory { .. } => {
            Problem::new(Slug::ServiceFault).detail("The service needed more memory than it is granted.")
        }
        Fault::Deadline { limit, .. } => {
            Problem::new(Slug::DeadlineExceeded).detail(format!("The request was not finished within {limit:?}."))
        }
        Fault::RequestTooLarge { limit_bytes } => {
            Problem::new(Slug::BodyTooLarge).detail(format!("The body may be at most {limit_bytes} bytes long."))
        }
        Fault::Retired { .. } => Problem::new(Slug::Unavailable)
            .detail("The service was replaced while it handled the request; send it again.")
            .retry_after(BUSY_RETRY),
        Fault::Busy { .. } | Fault::NoInstance { .. } => Problem::new(Slug::Overloaded)
            .detail("The service has as many requests as it takes at once.")
            .retry_after(BUSY_RETRY),
    }
}

fn of_router(error: &router::Error) -> Problem {
    match error {
        router::Error::NotFound => Problem::new(Slug::NotFound).detail("Nothing is served at this address."),
        router::Error::UnknownRelease { release } => Problem::new(Slug::NotFound)
            .detail(format!("Release r{release} neither serves nor is on trial; `wharf status` shows which do.")),
        router::Error::Host { .. } => Problem::new(Slug::BadRequest).detail("The Host header is missing or wrong."),
        other => {
            tracing::error!(error = %other, "the router cannot route");
            Problem::new(Slug::Internal)
        }
    }
}

fn of_live(error: &live::Error) -> Problem {
    match error {
        live::Error::TooManyStreams { .. } => {
            Problem::new(Slug::Overloaded).detail("Too many event streams are open.").retry_after(BUSY_RETRY)
        }
        live::Error::ShuttingDown => {
            Problem::new(Slug::Draining).detail("The host is stopping.").retry_after(BUSY_RETRY)
        }
        _ => {
            tracing::error!(error = %error, "a component opened an event stream that it may not open");
            Problem::new(Slug::ServiceFault).detail("The service failed while it opened the event stream.")
        }
    }
}

/// The error and its causes, for the log.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    crate::report::Finding::from_error(error).message
}
