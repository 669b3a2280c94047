//! Host side of `wit/sql.wit`, generated. Owns nothing; [`crate::host`] implements its traits.
#![expect(missing_docs, reason = "the documentation is in the WIT file")]

wasmtime::component::bindgen!({
    path: ["../../wit/sql.wit"],
    inline: "package wharf:host-sql; world imports { import wharf:sql/sql@0.1.0; }",
    imports: {
        "wharf:sql/sql.engine": trappable,
        default: async | store | trappable,
    },
    with: { "wharf:sql/sql.transaction": crate::Transaction },
    additional_derives: [PartialEq],
    require_store_data_send: true,
});
