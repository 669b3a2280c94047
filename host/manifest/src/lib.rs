//! What the application is: `spin.toml` parsed, validated and explained.
//!
//! Pure: no clock, no socket, no file system. The caller reads the file and hands over its text; it gets an [`App`]
//! or every [`Diagnostic`] at once. Stock Spin's rules hold for stock keys; our settings live only under
//! `[application.tool.wharf]` and `[component.<id>.tool.wharf]`.

mod app;
mod cron;
mod diagnostic;
mod fault;
mod fields;
mod findings;
mod grant;
mod host_pattern;
mod limit;
mod name;
mod nearest;
mod parse;
mod pattern;
mod route;
mod template;
mod topic;
mod unit;

pub use app::{App, Component, Generate, Instances, Source, Variable};
pub use diagnostic::{Diagnostic, Severity};
pub use grant::{BlobGrant, Consumer, Cron, Grants, HostPattern, MissedRuns, SqlGrant, TopicPattern};
pub use limit::Limits;
pub use parse::parse;
pub use route::{Route, StaticResponse, Target, Trigger};
pub use template::fill;
pub use topic::topic_is_valid;
