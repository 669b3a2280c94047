//! The control arrow: what a release is, what is live, what a deploy changes, who gets it, and whether it is any good.
//!
//! Pure, and files below one folder, with a database server beside it where the operator wants one ([`Server`]); no wasm,
//! no HTTP, no clock: the caller reads components, serves requests and says what time it is. Times are microseconds since 1970.
//!
//! `plan` ([`Plan`]) -> `store` ([`Store`], [`Release`]) -> `journal` ([`Journal`]) -> shift ([`Strategy`], [`Split`])
//! -> `analysis` ([`Meter`], [`Panel`], [`pace`]).

pub mod analysis;
mod audit;
mod choice;
mod digest;
mod disk;
mod error;
mod facts;
mod journal;
mod mirror;
mod plan;
mod release;
mod rollback;
mod seal;
mod server;
mod state;
mod steps;
mod store;

pub use analysis::{Advice, Counts, Histogram, Meter, Outcome, Panel, Reason, Stage, Verdict, pace};
pub use audit::{Audit, AuditLine};
pub use choice::{Side, Split};
pub use digest::Digest;
pub use error::Error;
pub use facts::{ComponentFacts, Facts};
pub use journal::{Journal, Recovered};
pub use mirror::{Mirrored, mirror};
pub use plan::{Change, Kind, Plan};
pub use release::{MigrationRef, Part, Release, ReleaseId};
pub use rollback::{Applied, RollbackVerdict, rollback_verdict};
pub use server::Server;
pub use state::{Decision, Lock, Rollout, State};
pub use steps::{STEPS_DEFAULT, Strategy};
pub use store::{RELEASES_KEPT, Store, Swept};
