//! Generated from `wit/mail.wit`.

wasmtime::component::bindgen!({
    path: ["../../wit/mail.wit"],
    inline: "package wharf:host-mail; world imports { import wharf:mail/mail@0.1.0; }",
    imports: { default: async | store | trappable },
});
