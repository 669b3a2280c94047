//! Generated bindings of `wit/`: the only `unsafe` of the kit. Everything here is wrapped by the module of its name.
#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    reason = "generated code"
)]

wit_bindgen::generate!({
    world: "wharf:service/service",
    path: [
        "../../wit/sql.wit",
        "../../wit/queue.wit",
        "../../wit/blob.wit",
        "../../wit/mail.wit",
        "../../wit/password.wit",
        "../../wit/events.wit",
        "../../wit/world.wit",
    ],
    generate_all,
});
