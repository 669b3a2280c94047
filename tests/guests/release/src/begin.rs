//! What runs when an instance is made, before its first request.
#![expect(unsafe_code, reason = "a place in the list of constructors is a section of the linker's")]

// SAFETY: the section holds pointers to functions of this type, and the linker calls each once.
#[used]
#[unsafe(link_section = ".init_array")]
static BEGIN: extern "C" fn() = begin;

extern "C" fn begin() {
    assert!(crate::block::text("init") != Some("trap"), "as this version's block says");
}
