//! What the server keeps of a password, computed here, so that the password itself is in no statement and no log.
//!
//! Source: RFC 5802 (SCRAM), RFC 7677 (SHA-256), PostgreSQL `src/common/scram-common.c`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The server's own number; the password is random, so that more would protect nothing.
const ITERATIONS: u32 = 4096;

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// The verifier of a password of ASCII characters, in the form that `CREATE ROLE ... PASSWORD` takes.
pub(crate) fn verifier(password: &str, salt: [u8; 16]) -> String {
    let salted = salted(password.as_bytes(), &salt);
    let client_key = hmac(&salted, &[b"Client Key"]);
    let stored_key = Sha256::digest(client_key);
    let server_key = hmac(&salted, &[b"Server Key"]);
    format!(
        "SCRAM-SHA-256${ITERATIONS}:{}${}:{}",
        STANDARD.encode(salt),
        STANDARD.encode(stored_key),
        STANDARD.encode(server_key)
    )
}

/// PBKDF2 with one block of output.
fn salted(password: &[u8], salt: &[u8]) -> [u8; 32] {
    let mut round = hmac(password, &[salt, &1_u32.to_be_bytes()]);
    let mut result = round;
    for _ in 1..ITERATIONS {
        round = hmac(password, &[&round]);
        for (byte, more) in result.iter_mut().zip(round) {
            *byte ^= more;
        }
    }
    result
}

fn hmac(key: &[u8], message: &[&[u8]]) -> [u8; 32] {
    let mut block = [0_u8; BLOCK];
    let hashed = Sha256::digest(key);
    let key = if key.len() > BLOCK { hashed.as_slice() } else { key };
    for (place, byte) in block.iter_mut().zip(key) {
        *place = *byte;
    }
    let mut inner = Sha256::new_with_prefix(block.map(|byte| byte ^ 0x36));
    for part in message {
        inner.update(part);
    }
    let mut outer = Sha256::new_with_prefix(block.map(|byte| byte ^ 0x5c));
    outer.update(inner.finalize());
    outer.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::{hmac, verifier};

    /// RFC 4231, test case 2.
    #[test]
    fn the_code_of_a_known_message_is_known() {
        let code = hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        assert_eq!(code[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        assert_eq!(code[28..], [0x64, 0xec, 0x38, 0x43]);
    }

    #[test]
    fn a_verifier_has_the_servers_form_and_hides_the_password() {
        let text = verifier("secret", [7; 16]);
        assert!(text.starts_with("SCRAM-SHA-256$4096:BwcHBwcHBwcHBwcHBwcHBw==$"), "{text}");
        assert!(!text.contains("secret"));
        assert_ne!(text, verifier("Secret", [7; 16]));
    }
}
