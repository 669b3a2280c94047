//! The kinds of problem: one line each, and one page each in `host/edge/problem`.

use http::StatusCode;
use serde::{Serialize, Serializer};

/// Who has to do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The caller: the same request will fail again.
    Client,
    /// The component that answered, or its limits.
    Service,
    /// Something behind the component: a database, a queue, another server.
    Backend,
    /// The host itself.
    Host,
    /// Nobody: too much at once, or at the wrong moment. Trying later helps.
    Overload,
}

macro_rules! slugs {
    ($($(#[$doc:meta])* $variant:ident = $slug:literal, $status:ident, $title:literal, $blame:ident;)*) => {
        /// The kind of a problem; its name is the last part of the document's `type`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Slug {
            $($(#[$doc])* $variant,)*
        }

        impl Slug {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The kind's name, for example `not-found`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $slug),* }
            }

            /// The HTTP status.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),* }
            }

            /// The same words for every problem of the kind.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }

            /// Who has to do something about it.
            pub const fn blame(self) -> Blame {
                match self { $(Self::$variant => Blame::$blame),* }
            }
        }
    };
}

slugs! {
    /// The request cannot be understood.
    BadRequest = "bad-request", BAD_REQUEST, "The request cannot be understood", Client;
    /// Nobody is logged in.
    Unauthorized = "unauthorized", UNAUTHORIZED, "Authentication is required", Client;
    /// Logged in, but not allowed to.
    Forbidden = "forbidden", FORBIDDEN, "This is not allowed", Client;
    /// Nothing is there.
    NotFound = "not-found", NOT_FOUND, "There is nothing at this address", Client;
    /// The address exists, the method does not.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "The method is not offered here", Client;
    /// The state of the thing forbids it.
    Conflict = "conflict", CONFLICT, "The request contradicts the present state", Client;
    /// A release asks for rights that nobody has approved.
    Unapproved = "unapproved", CONFLICT, "Something has to be approved first", Client;
    /// One deploy at a time.
    DeployUnderWay = "deploy-under-way", CONFLICT, "Another deploy is under way", Client;
    /// It was there and is not coming back.
    Gone = "gone", GONE, "This has been removed", Client;
    /// More bytes than the component takes.
    BodyTooLarge = "body-too-large", PAYLOAD_TOO_LARGE, "The request body is too large", Client;
    /// A media type that is not taken.
    UnsupportedMediaType =
        "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The media type is not supported", Client;
    /// Understood, but fields are wrong.
    Invalid = "invalid", UNPROCESSABLE_ENTITY, "Some fields are not valid", Client;
    /// A new release that cannot be staged.
    ReleaseFailed = "release-failed", UNPROCESSABLE_ENTITY, "The new release does not start", Client;
    /// Shut against further attempts for a time.
    Locked = "locked", LOCKED, "This is locked", Client;
    /// More requests than one client may make.
    RateLimited = "rate-limited", TOO_MANY_REQUESTS, "Too many requests", Overload;
    /// The host failed.
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong inside", Host;
    /// The component failed: a trap, out of memory, an answer that is none.
    ServiceFault = "service-fault", INTERNAL_SERVER_ERROR, "The service failed", Service;
    /// A server behind gave no usable answer.
    BadGateway = "bad-gateway", BAD_GATEWAY, "A server behind this one gave no usable answer", Backend;
    /// No free place within the time a request may wait.
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "Too much is going on at the moment", Overload;
    /// The host is about to stop.
    Draining = "draining", SERVICE_UNAVAILABLE, "The host is shutting down", Overload;
    /// Something behind is not reachable at present.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "The service is not available at the moment", Backend;
    /// The answer took longer than it may.
    DeadlineExceeded = "deadline-exceeded", GATEWAY_TIMEOUT, "The answer took too long", Service;
}

impl Serialize for Slug {
    /// As the document's `type`: `/problems/<name>`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("/problems/{}", self.name()))
    }
}
