//! Generated from `wit/events.wit`.

wasmtime::component::bindgen!({
    path: ["../../wit/events.wit"],
    inline: "package wharf:host-events; world imports { import wharf:events/events@0.1.0; }",
    imports: { default: async | store | trappable },
});
