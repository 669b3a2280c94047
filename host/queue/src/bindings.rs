//! Generated bindings of `wharf:queue`. Nothing else lives here.

wasmtime::component::bindgen!({
    path: ["../../wit/queue.wit"],
    inline: "package wharf:host-queue; world imports { import wharf:queue/queue@0.1.0; }",
    imports: { default: async | store | trappable },
});
