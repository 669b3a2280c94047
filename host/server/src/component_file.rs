//! Whether a file can be a component at all, found out before it is sent anywhere.

use wasmparser::{Encoding, Parser, Payload};

/// What every WebAssembly file begins with.
const MAGIC: &[u8] = b"\0asm";

/// Reads the file's sections from the first to the last; nothing is compiled.
///
/// # Errors
/// What it is in place of a component, as the end of a sentence that begins with its name.
pub fn check(bytes: &[u8]) -> Result<(), String> {
    if bytes.is_empty() {
        return Err("is empty; build the component again".to_owned());
    }
    if !bytes.starts_with(MAGIC) && !MAGIC.starts_with(bytes) {
        return Err("is not WebAssembly; name the `.wasm` file that the build made".to_owned());
    }
    for payload in Parser::new(0).parse_all(bytes) {
        match payload {
            Ok(Payload::Version { encoding: Encoding::Component, .. }) => {}
            // The first of a file is its own; those of modules inside a component come later.
            Ok(Payload::Version { encoding: Encoding::Module, range, .. }) if range.start == 0 => {
                return Err("is a core module, not a component; build it for `wasm32-wasip2`".to_owned());
            }
            Ok(Payload::UnknownSection { id, .. }) => {
                return Err(format!("is damaged (section {id} does not exist); build it or copy it again"));
            }
            Ok(_) => {}
            Err(error) if error.message().contains("unexpected end") => {
                return Err(format!("is cut off after {} bytes; build it or copy it again", bytes.len()));
            }
            Err(error) => return Err(format!("is damaged ({error}); build it or copy it again")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPONENT: &[u8] = b"\0asm\x0d\x00\x01\x00";
    const MODULE: &[u8] = b"\0asm\x01\x00\x00\x00";

    fn with(header: &[u8], sections: &[&[u8]]) -> Vec<u8> {
        [header].iter().chain(sections).copied().flatten().copied().collect()
    }

    #[test]
    fn a_component_is_one_also_with_a_module_inside() {
        assert_eq!(check(COMPONENT), Ok(()));
        assert_eq!(check(&with(COMPONENT, &[b"\0\x05\x01a\x01\x02\x03", b"\x01\x08", MODULE])), Ok(()));
    }

    #[test]
    fn whatever_else_it_is_is_said_in_a_sentence() {
        let cut = with(COMPONENT, &[b"\x01\x08", &MODULE[..5]]);
        for (bytes, said) in [
            (&b""[..], "is empty"),
            (b"(module)", "is not WebAssembly"),
            (b"\x7fELF", "is not WebAssembly"),
            (MODULE, "is a core module"),
            (b"\0as", "is cut off after 3 bytes"),
            (&COMPONENT[..7], "is cut off after 7 bytes"),
            (&cut, "is cut off after 15 bytes"),
            (&with(COMPONENT, &[b"\0\x05\x01a"]), "is cut off"),
            (&with(COMPONENT, &[b"\x7f\x01\0"]), "is damaged"),
        ] {
            let error = check(bytes).expect_err(said);
            assert!(error.starts_with(said), "{bytes:?}: {error}");
        }
    }
}
