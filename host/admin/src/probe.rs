//! Whether the host lives, is ready, and has started.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::{BoxFuture, join_all};

/// Longest time for one check. A store that needs longer to say yes is not ready.
const CHECK_LIMIT: Duration = Duration::from_secs(2);

/// One thing that must work before requests should come. `Err` says what is wrong, for the operator.
pub type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// The checks there are.
pub type Checks = Arc<dyn Fn() -> BTreeMap<String, Check> + Send + Sync>;

/// The health of the host. Clones share it.
#[derive(Clone)]
pub struct Health(Arc<Inner>);

struct Inner {
    checks: Checks,
    draining: AtomicBool,
    started: AtomicBool,
}

/// The outcome of every check, by name.
pub(crate) type Outcomes = BTreeMap<String, Result<(), String>>;

impl Health {
    /// Ready once every check passes. `checks` says which there are at this moment, by name: a deploy changes them.
    pub fn new(checks: Checks) -> Self {
        Self(Arc::new(Inner { checks, draining: AtomicBool::new(false), started: AtomicBool::new(false) }))
    }

    /// From now on the host is not ready, whatever the checks say: it is stopping.
    pub fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    /// Runs every check except those named, all at once, each for at most two seconds.
    pub(crate) async fn check(&self, except: &[&str]) -> Outcomes {
        let checks = (self.0.checks)().into_iter().filter(|(name, _)| !except.contains(&name.as_str()));
        let outcomes = join_all(checks.map(|(name, check)| async move {
            let late = || Err("no answer within two seconds".to_owned());
            (name, tokio::time::timeout(CHECK_LIMIT, check()).await.unwrap_or_else(|_| late()))
        }));
        let mut outcomes: Outcomes = outcomes.await.into_iter().collect();
        if self.0.draining.load(Ordering::Relaxed) {
            outcomes.insert("draining".to_owned(), Err("the host is stopping".to_owned()));
        }
        if outcomes.values().all(Result::is_ok) {
            self.0.started.store(true, Ordering::Relaxed);
        }
        outcomes
    }

    /// Whether the host was ready at least once.
    pub(crate) async fn started(&self) -> bool {
        if !self.0.started.load(Ordering::Relaxed) {
            self.check(&[]).await;
        }
        self.0.started.load(Ordering::Relaxed)
    }
}
