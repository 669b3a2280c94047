//! Generated from `wit/variables.wit`.

wasmtime::component::bindgen!({
    path: ["../../wit/variables.wit"],
    inline: "
        package wharf:host-variables;
        world imports {
            import spin:variables/variables@3.0.0;
        }
    ",
    world: "wharf:host-variables/imports",
    imports: { default: async | trappable },
});
