//! Generated from `wit/blob.wit`.

wasmtime::component::bindgen!({
    path: ["../../wit/blob.wit"],
    inline: "package wharf:host-blob; world imports { import wharf:blob/blob@0.1.0; }",
    imports: { default: async | store | trappable },
});
