//! The capabilities, each in three places: linked, checked against the grants, prepared for an instance.

use manifest::Component;
use runtime::{Artifact, Limiter};
use wasmtime::component::Linker;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder};
use wasmtime_wasi_http::WasiHttpCtx;

use crate::clock::WallClock;
use crate::guest_log::GuestLog;
use crate::hooks::Hooks;
use crate::state::{InstanceState, table};

/// What every component's capabilities come from.
#[derive(Clone)]
pub struct Capabilities {
    /// The wall clock that guests see.
    pub clock: WallClock,
    /// Databases.
    pub sql: sql::SqlProvider,
    /// Messages.
    pub queue: queue::QueueProvider,
    /// Files.
    pub blob: blob::BlobProvider,
    /// Mail.
    pub mail: mail::MailProvider,
    /// Password hashing.
    pub password: password::PasswordProvider,
    /// Live updates.
    pub live: live::LiveProvider,
    /// Configuration values.
    pub variables: variables::VariablesProvider,
    /// Outgoing HTTP.
    pub outbound: outbound::OutboundProvider,
}

/// Links WASI 0.2 and 0.3, both generations of `wasi:http`, and every capability.
///
/// # Errors
/// When two define the same name.
pub fn link(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi::p3::add_to_linker(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    wasmtime_wasi_http::p3::add_to_linker(linker)?;
    sql::add_to_linker(linker)?;
    queue::add_to_linker(linker)?;
    blob::add_to_linker(linker)?;
    mail::add_to_linker(linker)?;
    password::add_to_linker(linker)?;
    live::add_to_linker(linker)?;
    variables::add_to_linker(linker)
}

/// An import that the component's grants do not cover.
#[derive(Debug, thiserror::Error)]
#[error("component `{component}` imports `{import}`, which nothing in the manifest grants it")]
pub struct Ungranted {
    /// Component id.
    pub component: String,
    /// The import's full name.
    pub import: String,
    /// The line to add to the manifest.
    pub line: String,
}

/// Every import of the component that its grants do not cover.
pub fn check(artifact: &Artifact, component: &Component) -> Vec<Ungranted> {
    let grants = &component.grants;
    let missing = |import: &str| match import.split(['/', '@']).next() {
        Some("wharf:sql") if grants.sql.is_none() => Some("sql = true"),
        Some("wharf:queue") if grants.send.is_empty() => Some("send = [\"<topic>\"]"),
        Some("wharf:blob") if grants.blob.is_none() => Some("blob = true"),
        Some("wharf:mail") if !grants.mail => Some("mail = true"),
        Some("wharf:password") if !grants.password => Some("password = true"),
        Some("wharf:events") if grants.events.is_empty() => Some("events = [\"<channel>\"]"),
        _ => None,
    };
    let ungranted = |import: String| {
        let line = missing(&import)?;
        let line = format!("add `{line}` under [component.{}.tool.wharf]", component.id);
        Some(Ungranted { component: component.id.clone(), import, line })
    };
    artifact.imports().into_iter().filter_map(ungranted).collect()
}

/// Makes the data of new instances of one component.
pub struct Preparation {
    capabilities: Capabilities,
    component: Component,
    variables: variables::VariablesCtx,
    outbound: outbound::OutboundCtx,
}

impl Preparation {
    /// Does once what is the same for all instances.
    ///
    /// # Errors
    /// When a variable or an allowed host of the component cannot be filled in.
    pub fn new(capabilities: &Capabilities, component: &Component) -> anyhow::Result<Self> {
        let provider = &capabilities.variables;
        Ok(Self {
            capabilities: capabilities.clone(),
            component: component.clone(),
            variables: provider.prepare(component)?,
            outbound: capabilities.outbound.prepare(component, |name| provider.resolve(name).map(str::to_owned))?,
        })
    }

    /// The data of one instance.
    pub fn state(&self) -> InstanceState {
        let Capabilities { clock, sql, queue, blob, mail, password, live, variables: _, outbound: _ } =
            &self.capabilities;
        let component = &self.component;
        InstanceState {
            limiter: Limiter::new(component.limits.memory),
            wasi: wasi(component, clock),
            http: WasiHttpCtx::new(),
            hooks: Hooks::new(self.outbound.clone()),
            table: table(),
            sql: sql.prepare(component),
            queue: queue.prepare(component),
            blob: blob.prepare(component),
            mail: mail.prepare(component),
            password: password.prepare(component),
            live: live.prepare(component),
            variables: self.variables.clone(),
        }
    }
}

/// No files, no sockets, no arguments: what the manifest grants comes through the capabilities.
fn wasi(component: &Component, clock: &WallClock) -> WasiCtx {
    let log = GuestLog::new(component.id.as_str().into());
    let mut wasi = WasiCtxBuilder::new();
    wasi.wall_clock(clock.clone())
        .stdout(log.clone())
        .stderr(log)
        .allow_ip_name_lookup(false)
        .allow_tcp(false)
        .allow_udp(false);
    for (name, value) in &component.environment {
        wasi.env(name, value);
    }
    wasi.build()
}
