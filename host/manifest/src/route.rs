//! Which requests reach what.

use std::collections::BTreeMap;

/// One `[[trigger.http]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// Where.
    pub route: Route,
    /// What answers.
    pub target: Target,
}

/// Where a trigger listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// A pattern as Spin writes it, with a leading `/` and no trailing one; a trailing wildcard is always `/...`, also
    /// where the manifest says `/*`.
    Public(String),
    /// Reached by other components, messages and the host alone.
    Private,
}

/// What answers a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A component, by id.
    Component(String),
    /// A fixed answer without any code.
    Static(StaticResponse),
}

/// `static_response` of a trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticResponse {
    /// Default 200.
    pub status: u16,
    /// Header name to value.
    pub headers: BTreeMap<String, String>,
    /// Default empty.
    pub body: String,
}
