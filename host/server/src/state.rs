//! What one instance holds: WASI, its memory count and a context for each capability.

use runtime::{Call, Limiter};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::hooks::Hooks;

/// Resources that one instance may hold at once. A request needs a dozen; a thousand is a leak.
const RESOURCES_MAX: usize = 1024;

/// The data in an instance's store.
pub struct InstanceState {
    pub(crate) limiter: Limiter,
    pub(crate) wasi: WasiCtx,
    pub(crate) http: WasiHttpCtx,
    pub(crate) hooks: Hooks,
    pub(crate) table: ResourceTable,
    pub(crate) sql: sql::SqlCtx,
    pub(crate) queue: queue::QueueCtx,
    pub(crate) blob: blob::BlobCtx,
    pub(crate) mail: mail::MailCtx,
    pub(crate) password: password::PasswordCtx,
    pub(crate) live: live::LiveCtx,
    pub(crate) variables: variables::VariablesCtx,
}

pub(crate) fn table() -> ResourceTable {
    let mut table = ResourceTable::new();
    table.set_max_capacity(RESOURCES_MAX);
    table
}

impl runtime::State for InstanceState {
    fn limiter(&mut self) -> &mut Limiter {
        &mut self.limiter
    }

    fn begin(&mut self, call: &Call) {
        let release = call.generation.as_ref().map(|generation| generation.release.0);
        self.hooks.begin(call);
        self.sql.begin_request(call.deadline, release);
        self.queue.begin_request(call.deadline, release);
        self.blob.begin_request(call.deadline);
        self.mail.begin_request(call.deadline);
        self.password.begin_request(call.deadline);
        self.live.begin_request(call.deadline);
    }

    fn end(&mut self) {
        self.hooks.end();
        self.sql.end_request();
        self.queue.end_request();
        self.blob.end_request();
        self.mail.end_request();
        self.password.end_request();
        self.live.end_request();
    }
}

impl WasiView for InstanceState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for InstanceState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}

impl sql::HasSql for InstanceState {
    fn sql(&mut self) -> sql::SqlView<'_> {
        sql::SqlView { ctx: &mut self.sql, table: &mut self.table }
    }
}

impl queue::HasQueue for InstanceState {
    fn queue(&mut self) -> queue::QueueView<'_> {
        queue::QueueView { ctx: &mut self.queue, table: &mut self.table }
    }
}

impl blob::HasBlob for InstanceState {
    fn blob(&mut self) -> blob::BlobView<'_> {
        blob::BlobView { ctx: &mut self.blob, table: &mut self.table }
    }
}

impl mail::HasMail for InstanceState {
    fn mail(&mut self) -> mail::MailView<'_> {
        mail::MailView { ctx: &mut self.mail, table: &mut self.table }
    }
}

impl password::HasPassword for InstanceState {
    fn password(&mut self) -> password::PasswordView<'_> {
        password::PasswordView { ctx: &mut self.password, table: &mut self.table }
    }
}

impl live::HasLive for InstanceState {
    fn live(&mut self) -> live::LiveView<'_> {
        live::LiveView { ctx: &mut self.live, table: &mut self.table }
    }
}

impl variables::HasVariables for InstanceState {
    fn variables(&mut self) -> variables::VariablesView<'_> {
        variables::VariablesView { ctx: &mut self.variables, table: &mut self.table }
    }
}
