//! What stands behind the operator's door.

use std::sync::Arc;

use control::Control;

use crate::{Logs, Queues, Tokens};

/// What stands behind the operator's door. Clones share it.
#[derive(Clone)]
pub struct Operator {
    /// The verbs.
    pub control: Arc<dyn Control>,
    /// What waits between components, and what was given up.
    pub queues: Arc<dyn Queues>,
    /// Who may come from afar.
    pub tokens: Tokens,
    /// The last lines of the log.
    pub logs: Logs,
}
