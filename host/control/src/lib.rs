//! The control arrow, carried out: plan -> verify -> stage -> shift -> retire.
//!
//! `rollout` decides and remembers; this crate does, in order, what was decided, against a [`Platform`]: the part of
//! the composition root that compiles, serves and measures. [`Control`] is what an operator can ask for; `admin` offers
//! it on the socket and the command line speaks it.

mod change;
mod draft;
mod engine;
mod ledger;
mod operator;
mod platform;
mod refusal;
mod rollback;
mod rolling;
mod shift;
mod status;
mod watch;

pub use change::{Change, Order};
pub use engine::{Config, Engine};
pub use operator::{Answer, Control, Verb};
pub use platform::{Done, Platform};
pub use refusal::{Kind, Refusal};
pub use status::{Ended, Outcome, Phase, PlanView, ReleaseView, RollbackView, RolloutView, SideView, Status};
