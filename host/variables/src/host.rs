//! The capability as components call it.

use wasmtime::component::{Accessor, HasData, Linker, ResourceTable};

use crate::bindings::spin::variables::variables;
use crate::{GetError, VariablesCtx};

/// How the bindings reach an instance's variables.
#[derive(Debug)]
pub struct VariablesView<'a> {
    /// The instance's variables.
    pub ctx: &'a mut VariablesCtx,
    /// The instance's resources; this interface has none.
    pub table: &'a mut ResourceTable,
}

/// An instance state with variables.
pub trait HasVariables: Send {
    /// Borrows them.
    fn variables(&mut self) -> VariablesView<'_>;
}

struct HasVariablesData;

impl HasData for HasVariablesData {
    type Data<'a> = VariablesView<'a>;
}

/// Offers `spin:variables/variables@3.0.0` to components.
///
/// # Errors
/// When the linker has the interface already.
pub fn add_to_linker<T: HasVariables + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    variables::add_to_linker::<T, HasVariablesData>(linker, T::variables)
}

impl variables::Host for VariablesView<'_> {}

impl<T: Send> variables::HostWithStore<T> for HasVariablesData {
    async fn get(store: &Accessor<T, Self>, name: String) -> wasmtime::Result<Result<String, variables::Error>> {
        Ok(store.with(|mut access| access.get().ctx.get(&name).map(str::to_owned).map_err(variables::Error::from)))
    }
}

impl From<GetError> for variables::Error {
    fn from(error: GetError) -> Self {
        match error {
            GetError::InvalidName(name) => Self::InvalidName(name),
            GetError::Undefined(name) => Self::Undefined(name),
        }
    }
}
