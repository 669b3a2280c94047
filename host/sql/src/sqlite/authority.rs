//! What a statement may touch, decided while the engine compiles it.

use std::sync::atomic::{AtomicU8, Ordering};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use crate::guard::is_reserved;

/// For whom a connection works at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The host itself: anything.
    Host,
    /// A component: its own tables.
    Guest,
    /// A component's migration: its own tables, also virtual ones.
    Migration,
}

/// Why a statement was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It touches a table of the host.
    Reserved,
    /// It is not about data: transaction control, another file, an engine's setting.
    Control,
}

/// The state that a connection's authorizer reads and writes.
#[derive(Debug)]
pub(crate) struct Authority {
    mode: AtomicU8,
    refusal: AtomicU8,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self { mode: AtomicU8::new(0), refusal: AtomicU8::new(0) }
    }

    pub(crate) fn set(&self, mode: Mode) {
        let mode = match mode {
            Mode::Host => 0,
            Mode::Guest => 1,
            Mode::Migration => 2,
        };
        self.mode.store(mode, Ordering::Relaxed);
    }

    fn mode(&self) -> Mode {
        match self.mode.load(Ordering::Relaxed) {
            0 => Mode::Host,
            1 => Mode::Guest,
            _ => Mode::Migration,
        }
    }

    /// Why the last statement was refused; asked once.
    pub(crate) fn take_refusal(&self) -> Option<Refusal> {
        match self.refusal.swap(0, Ordering::Relaxed) {
            1 => Some(Refusal::Reserved),
            2 => Some(Refusal::Control),
            _ => None,
        }
    }

    /// The authorizer.
    pub(crate) fn judge(&self, context: AuthContext<'_>) -> Authorization {
        let refusal = match self.mode() {
            Mode::Host => None,
            mode => refusal(context.action, mode),
        };
        let Some(refusal) = refusal else { return Authorization::Allow };
        let code = match refusal {
            Refusal::Reserved => 1,
            Refusal::Control => 2,
        };
        self.refusal.store(code, Ordering::Relaxed);
        Authorization::Deny
    }
}

fn refusal(action: AuthAction<'_>, mode: Mode) -> Option<Refusal> {
    let own = |table: &str| is_reserved(table).then_some(Refusal::Reserved);
    match action {
        AuthAction::Select | AuthAction::Recursive => None,
        AuthAction::Read { table_name, .. }
        | AuthAction::Update { table_name, .. }
        | AuthAction::Insert { table_name }
        | AuthAction::Delete { table_name }
        | AuthAction::CreateTable { table_name }
        | AuthAction::DropTable { table_name }
        | AuthAction::AlterTable { table_name, .. } => own(table_name),
        AuthAction::CreateIndex { table_name, index_name } | AuthAction::DropIndex { table_name, index_name } => {
            own(table_name).or_else(|| own(index_name))
        }
        AuthAction::CreateTrigger { table_name, trigger_name }
        | AuthAction::DropTrigger { table_name, trigger_name } => own(table_name).or_else(|| own(trigger_name)),
        AuthAction::CreateView { view_name } | AuthAction::DropView { view_name } => own(view_name),
        AuthAction::Function { function_name } => {
            function_name.eq_ignore_ascii_case("load_extension").then_some(Refusal::Control)
        }
        // `alter table` and `create index` rebuild what they change.
        AuthAction::Reindex { .. } => None,
        AuthAction::CreateVtable { table_name, module_name } | AuthAction::DropVtable { table_name, module_name } => {
            match mode {
                Mode::Migration if module_name.eq_ignore_ascii_case("fts5") => own(table_name),
                _ => Some(Refusal::Control),
            }
        }
        // Asked by the engine itself: the first by `alter table add column`, the second by full-text search.
        AuthAction::Pragma { pragma_name, .. }
            if ["quick_check", "data_version"].iter().any(|own| pragma_name.eq_ignore_ascii_case(own)) =>
        {
            None
        }
        // Transactions, savepoints, other files, settings, temporary objects (they would outlive the request on a
        // pooled connection), and whatever a later engine adds.
        _ => Some(Refusal::Control),
    }
}
