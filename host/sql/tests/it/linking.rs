//! The capability on the side of a guest, as far as it goes without one.

use sql::{HasSql, SqlCtx, SqlView};
use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Config, Engine};

struct State {
    ctx: SqlCtx,
    table: ResourceTable,
}

impl HasSql for State {
    fn sql(&mut self) -> SqlView<'_> {
        SqlView { ctx: &mut self.ctx, table: &mut self.table }
    }
}

#[test]
fn a_linker_takes_the_capability_once() {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    let mut linker = Linker::<State>::new(&Engine::new(&config).unwrap());
    sql::add_to_linker(&mut linker).unwrap();
    assert!(sql::add_to_linker(&mut linker).is_err(), "the name is taken");
}
