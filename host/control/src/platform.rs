//! What the engine needs of the host around it.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::BoxFuture;
use rollout::{Applied, Counts, Digest, Facts, Release, ReleaseId, Split};

use crate::Refusal;

/// What comes back, or why nothing does.
pub type Done<T> = BoxFuture<'static, Result<T, Refusal>>;

/// The part of the composition root that compiles, serves and measures. Releases are made ready by
/// [`Platform::stage`] and known by their number from then on, until [`Platform::retire`].
///
/// Everything is called from one rollout at a time. Futures may be dropped.
pub trait Platform: Send + Sync + 'static {
    /// Microseconds since 1970.
    fn now_us(&self) -> u64;

    /// Compiles what is new at low priority, off the request path, and says what the release asks for and offers.
    /// Refuses what could never serve: no component, an import that is not granted, a manifest with errors.
    fn facts(&self, release: Release) -> Done<Facts>;

    /// Runs the expand migrations, makes an instance of each component that is not running already in this form and
    /// asks it whether it is ready. Nobody is routed to it yet. A release that is staged already stays as it is.
    fn stage(&self, release: Release) -> Done<()>;

    /// The assets that the staged release's new components name, by component and path, kept in the store.
    fn assets(&self, release: ReleaseId) -> Done<BTreeMap<String, BTreeMap<String, Digest>>>;

    /// From now on these serve; both have been staged. Returns at once: it is the swap of a pointer.
    ///
    /// # Errors
    /// Where one of them is not staged.
    fn route(&self, live: ReleaseId, trial: Option<Split>) -> Result<(), Refusal>;

    /// Resolves once the release was seen answering through the front door; an error after five seconds.
    fn observe(&self, release: ReleaseId) -> Done<()>;

    /// Begins to count anew what both sides do.
    fn begin_counting(&self, candidate: ReleaseId, live: ReleaseId);

    /// What both sides (candidate, live) have done since then, by component.
    fn counts(&self, candidate: ReleaseId, live: ReleaseId) -> BTreeMap<String, (Counts, Counts)>;

    /// Asks both sides for what their components say shows that they work, each request counted like a caller's.
    fn probe(&self, candidate: ReleaseId, live: ReleaseId) -> BoxFuture<'static, ()>;

    /// Gives a release up that is no longer routed to: what it has begun has `drain` to finish, then it is cut. Resolves
    /// when the last request is over and its memory is given back. Dropped, the release just goes on finishing.
    fn retire(&self, release: ReleaseId, drain: Duration) -> BoxFuture<'static, ()>;

    /// Releases that are being retired, with what they still serve.
    fn retiring(&self) -> BTreeMap<ReleaseId, u64>;

    /// Runs the contract migrations of a release whose predecessor is gone.
    fn contract(&self, release: Release) -> Done<()>;

    /// Every migration that has run in the databases of the live release, in order.
    fn applied(&self) -> Done<Vec<Applied>>;

    /// Objects that no release needs any more have been removed from the store.
    fn swept(&self, objects: Vec<Digest>);

    /// A durable step of the control plane is done. For tests of crashes; does nothing otherwise.
    fn durable_step(&self) {}
}
