//! What goes wrong when a table is built or a request has no route.

/// Why a table cannot be built, or why a request reaches no component.
///
/// Errors of the component itself pass through the router unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No public route matches the path.
    #[error("no route for this path")]
    NotFound,
    /// No trigger of the running table names the component.
    #[error("no component \"{component}\" is reachable")]
    UnknownComponent {
        /// Component id as the caller wrote it.
        component: String,
    },
    /// An operator asks for a release that neither serves nor is on trial.
    #[error("release r{release} does not serve")]
    UnknownRelease {
        /// Its number.
        release: u64,
    },
    /// The request does not say which host it is for, or says it twice and differently.
    #[error("the request's host is {reason}")]
    Host {
        /// `missing`, `malformed` or `contradictory`.
        reason: &'static str,
    },
    /// A route pattern breaks the grammar.
    #[error("route \"{pattern}\": {reason}")]
    Pattern {
        /// The pattern as written.
        pattern: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Two routes match exactly the same paths.
    #[error("routes \"{first}\" and \"{second}\" match the same paths")]
    Conflict {
        /// The one that came first.
        first: String,
        /// The other one.
        second: String,
    },
    /// A trigger names a component without a handler.
    #[error("component \"{component}\" has a trigger and no handler")]
    NoHandler {
        /// Component id.
        component: String,
    },
    /// A fixed answer that is not valid HTTP.
    #[error("static response of \"{pattern}\": {reason}")]
    StaticResponse {
        /// The route, `private` for a private one.
        pattern: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}
