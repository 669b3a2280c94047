//! The first 4096 bytes of a stored file: a line that says what this is, the description as one line of JSON, padding.
//!
//! A fixed length, because size and digest are known only after the content was written behind it. One page, so that the
//! content stays aligned; `head -c 4096` shows it and `tail -c +4097` is the content.

use std::fmt::Write;
use std::io::{self, Read};

use crate::{Error, Info};

/// Length of the header. The longest key, content type and numbers take a quarter of it.
pub(super) const BYTES: u64 = 4096;
const LENGTH: usize = 4096;

const MAGIC: &str = "wharf-blob 1";

pub(super) fn write(info: &Info) -> io::Result<Vec<u8>> {
    let json = serde_json::to_string(info)?;
    let mut bytes = format!("{MAGIC}\n{json}\n").into_bytes();
    if bytes.len() > LENGTH {
        return Err(io::Error::other("the description does not fit into the header"));
    }
    bytes.resize(LENGTH, b'\n');
    Ok(bytes)
}

pub(super) fn read(file: &mut impl Read) -> Result<Info, Error> {
    let mut bytes = vec![0; LENGTH];
    match file.read_exact(&mut bytes) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(Error::Damaged),
        Err(error) => return Err(error.into()),
    }
    let text = str::from_utf8(&bytes).map_err(|_| Error::Damaged)?;
    let json = text.strip_prefix(MAGIC).ok_or(Error::Damaged)?;
    serde_json::from_str(json.trim()).map_err(|_| Error::Damaged)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{BYTES, LENGTH, hex, read, write};
    use crate::{CONTENT_TYPE_MAX_BYTES, Error, Info, KEY_MAX_BYTES};

    #[test]
    fn the_longest_description_fits_and_comes_back() {
        let info = Info {
            key: "k".repeat(KEY_MAX_BYTES),
            size: u64::MAX,
            sha256: hex(&[0xab; 32]),
            content_type: "\"".repeat(CONTENT_TYPE_MAX_BYTES),
            created: i64::MIN,
        };
        let bytes = write(&info).unwrap();
        assert_eq!((bytes.len(), u64::try_from(LENGTH).unwrap()), (LENGTH, BYTES));
        assert_eq!(read(&mut bytes.as_slice()).unwrap(), info);
    }

    #[test]
    fn anything_else_is_damaged() {
        for bytes in [vec![], vec![0; LENGTH], b"wharf-blob 1\n{}".repeat(400), vec![0xff; LENGTH]] {
            assert!(matches!(read(&mut bytes.as_slice()), Err(Error::Damaged)));
        }
    }
}
