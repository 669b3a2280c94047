//! The application's variables, process-wide.

use std::collections::BTreeMap;
use std::sync::Arc;

use manifest::{App, Component};

use crate::{Error, Secret, Sources, VariablesCtx};

/// Every application variable that has a value. Clones share one table.
#[derive(Clone, Debug)]
pub struct VariablesProvider {
    /// `None`: required and unset.
    values: Arc<BTreeMap<String, Option<Secret>>>,
}

impl VariablesProvider {
    /// Looks every variable of the application up, once. Values under names the manifest does not declare are ignored.
    pub fn new(app: &App, sources: &Sources) -> Self {
        let value = |name: &str, default: &Option<String>| {
            sources.find(name).cloned().or_else(|| default.as_deref().map(Secret::from))
        };
        let values = app.variables.iter().map(|(name, variable)| (name.clone(), value(name, &variable.default)));
        Self { values: Arc::new(values.collect()) }
    }

    /// The value of an application variable; `None` where it is undeclared or unset.
    pub fn resolve(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_ref().map(Secret::expose)
    }

    /// Declared variables without a value, in alphabetical order. The application must not start while there are any.
    pub fn missing(&self) -> Vec<String> {
        let unset = self.values.iter().filter(|(_, value)| value.is_none());
        unset.map(|(name, _)| name.clone()).collect()
    }

    /// Fills the component's own table in.
    ///
    /// The result is cheap to clone, so that one call per component is enough for all its instances.
    ///
    /// # Errors
    /// [`Error::Missing`] for the first template that names a variable without a value.
    pub fn prepare(&self, component: &Component) -> Result<VariablesCtx, Error> {
        let filled = component.variables.iter().map(|(own, template)| {
            let text = manifest::fill(template, |name| self.resolve(name).map(str::to_owned));
            match text {
                Ok(text) => Ok((own.clone(), Secret::from(text))),
                Err(name) => Err(Error::Missing { component: component.id.clone(), own: own.clone(), name }),
            }
        });
        Ok(VariablesCtx::new(&component.id, filled.collect::<Result<_, _>>()?))
    }
}
