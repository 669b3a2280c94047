//! Generated from `wit/password.wit`.

wasmtime::component::bindgen!({
    path: ["../../wit/password.wit"],
    inline: "package wharf:host-password; world imports { import wharf:password/password@0.1.0; }",
    imports: { default: async | store | trappable },
});
