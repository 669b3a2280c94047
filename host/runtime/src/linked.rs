//! The engine with everything linked that components may import, and how a component is made ready in it.

use manifest::Component;
use wasmtime::component::Linker;
use wasmtime_wasi_http::handler::ProxyPre;

use crate::{Artifact, Engine, Error, Handler, State};

/// An engine with everything linked that components may import.
pub struct Runtime<S: State> {
    engine: Engine,
    linker: Linker<S>,
}

impl<S: State> Runtime<S> {
    /// `link` adds WASI and the capabilities.
    ///
    /// # Errors
    /// [`Error::Engine`] when two things of one name are linked.
    pub fn new(engine: Engine, link: impl FnOnce(&mut Linker<S>) -> wasmtime::Result<()>) -> Result<Self, Error> {
        let mut linker = Linker::new(engine.wasmtime());
        link(&mut linker).map_err(Error::Engine)?;
        Ok(Self { engine, linker })
    }

    /// Whether the component could be made ready.
    ///
    /// # Errors
    /// As [`Runtime::handler`].
    pub fn check(&self, artifact: &Artifact, component: &Component) -> Result<(), Error> {
        self.check_memory(component)?;
        self.link(artifact, &component.id).map(drop)
    }

    /// Makes a component ready; `factory` makes the data of each of its instances.
    ///
    /// # Errors
    /// [`Error::Link`] naming an import that nobody provides, [`Error::NoHandler`], [`Error::MemoryLimit`].
    pub fn handler(
        &self,
        artifact: &Artifact,
        component: &Component,
        factory: impl Fn() -> S + Send + Sync + 'static,
    ) -> Result<Handler<S>, Error> {
        self.check_memory(component)?;
        let pre = self.link(artifact, &component.id)?;
        Ok(Handler::new(&self.engine, pre, component, factory))
    }

    fn check_memory(&self, component: &Component) -> Result<(), Error> {
        let (asked, max) = (component.limits.memory, self.engine.max_memory());
        if asked > max { Err(Error::MemoryLimit { component: component.id.clone(), asked, max }) } else { Ok(()) }
    }

    fn link(&self, artifact: &Artifact, id: &str) -> Result<ProxyPre<S>, Error> {
        let link = |error: wasmtime::Error| Error::Link { component: id.to_owned(), reason: format!("{error:#}") };
        let exports = artifact.exports();
        let exports_any = |prefix: &str| exports.iter().any(|name| name.starts_with(prefix));
        let pre = self.linker.instantiate_pre(artifact.component()).map_err(link)?;
        if exports_any("wasi:http/handler@0.3") {
            Ok(ProxyPre::P3(wasmtime_wasi_http::p3::bindings::ServicePre::new(pre).map_err(link)?))
        } else if exports_any("wasi:http/incoming-handler@0.2") {
            Ok(ProxyPre::P2(wasmtime_wasi_http::p2::bindings::ProxyPre::new(pre).map_err(link)?))
        } else {
            Err(Error::NoHandler { component: id.to_owned() })
        }
    }
}
