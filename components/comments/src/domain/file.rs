//! What may be attached: how many files, how large, under which names, and with content that is what its name says.

/// Files in one request.
pub(crate) const FILES_MAX: usize = 5;
/// Of one file: 10 MiB, as the grant and the schema say too.
pub(crate) const FILE_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// How much of the beginning [`check_content`] needs: the marks below lie within the first 4 KiB.
pub(crate) const SNIFF_BYTES: usize = 4 * 1024;
/// Longest file name kept, in characters.
const NAME_MAX: usize = 200;

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FileRefusal {
    /// The name says nothing usable.
    Name,
    /// No kind of file that may be attached.
    Kind,
    /// The content is not what the name says.
    Content,
    /// Nothing in it.
    Empty,
}

impl FileRefusal {
    /// One sentence for the person who sent it.
    pub(crate) fn message(&self) -> &'static str {
        match self {
            Self::Name => "the file needs a name with an ending",
            Self::Kind => {
                "files may be pdf, png, jpg, jpeg, gif, txt, csv, doc, docx, xls, xlsx, ppt, pptx, zip or rar"
            }
            Self::Content => "the content of the file is not what its name says",
            Self::Empty => "the file is empty",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Pdf,
    Png,
    Jpeg,
    Gif,
    /// Zip, and the office formats made of it.
    Zip,
    /// The compound file of older office formats.
    Compound,
    Rar,
    Text,
}

/// Ending, media type it is served with, and the mark its content must bear.
const KINDS: [(&str, &str, Mark); 15] = [
    ("pdf", "application/pdf", Mark::Pdf),
    ("png", "image/png", Mark::Png),
    ("jpg", "image/jpeg", Mark::Jpeg),
    ("jpeg", "image/jpeg", Mark::Jpeg),
    ("gif", "image/gif", Mark::Gif),
    ("txt", "text/plain", Mark::Text),
    ("csv", "text/csv", Mark::Text),
    ("doc", "application/msword", Mark::Compound),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Mark::Zip),
    ("xls", "application/vnd.ms-excel", Mark::Compound),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Mark::Zip),
    ("ppt", "application/vnd.ms-powerpoint", Mark::Compound),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", Mark::Zip),
    ("zip", "application/zip", Mark::Zip),
    ("rar", "application/vnd.rar", Mark::Rar),
];

/// Reduces what a client calls its file to a plain name: the last segment, without control characters or quotes.
///
/// # Errors
/// [`FileRefusal::Name`] without a usable name, [`FileRefusal::Kind`] for an ending that may not be attached.
pub(crate) fn check_name(given: &str) -> Result<String, FileRefusal> {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String =
        last.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '<' | '>' | '|' | ':' | '*' | '?')).collect();
    let clean = clean.trim().trim_start_matches('.').trim();
    let (stem, ending) = clean.rsplit_once('.').ok_or(FileRefusal::Name)?;
    let (stem, ending) = (stem.trim(), ending.to_ascii_lowercase());
    if stem.is_empty() {
        return Err(FileRefusal::Name);
    }
    kind(&ending).ok_or(FileRefusal::Kind)?;
    let stem: String = stem.chars().take(NAME_MAX).collect();
    Ok(format!("{stem}.{ending}"))
}

/// Holds the beginning of a file (up to [`SNIFF_BYTES`], or all of it) and the media type the client declared against
/// its checked name. Returns the media type to store.
///
/// # Errors
/// [`FileRefusal::Empty`] or [`FileRefusal::Content`]; [`FileRefusal::Kind`] for a name that was not checked.
pub(crate) fn check_content(name: &str, declared: Option<&str>, head: &[u8]) -> Result<&'static str, FileRefusal> {
    let ending = name.rsplit('.').next().unwrap_or_default();
    let (media_type, mark) = kind(ending).ok_or(FileRefusal::Kind)?;
    if head.is_empty() {
        return Err(FileRefusal::Empty);
    }
    if bears(mark, head) && declared_agrees(declared, media_type, mark) {
        Ok(media_type)
    } else {
        Err(FileRefusal::Content)
    }
}

fn kind(ending: &str) -> Option<(&'static str, Mark)> {
    KINDS.iter().find(|(known, ..)| *known == ending).map(|(_, media_type, mark)| (*media_type, *mark))
}

fn bears(mark: Mark, head: &[u8]) -> bool {
    match mark {
        // Readers accept a PDF whose header is somewhere in the first KiB.
        Mark::Pdf => head.get(..1024).unwrap_or(head).windows(5).any(|window| window == b"%PDF-") && !is_program(head),
        Mark::Png => head.starts_with(b"\x89PNG\r\n\x1a\n"),
        Mark::Jpeg => head.starts_with(b"\xff\xd8\xff"),
        Mark::Gif => head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a"),
        Mark::Zip => head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06"),
        Mark::Compound => head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        // Versions 4 and 5.
        Mark::Rar => head.starts_with(b"Rar!\x1a\x07\x00") || head.starts_with(b"Rar!\x1a\x07\x01\x00"),
        Mark::Text => is_text(head),
    }
}

fn is_program(head: &[u8]) -> bool {
    head.starts_with(b"MZ") || head.starts_with(b"\x7fELF") || head.starts_with(b"#!")
}

/// Text has no control bytes but the usual ones, is no program, and is not markup a browser would run.
fn is_text(head: &[u8]) -> bool {
    let start: String = head.iter().take(64).map(|b| char::from(b.to_ascii_lowercase())).collect();
    let markup =
        ["<!doctype", "<html", "<script", "<svg", "<?xml"].iter().any(|tag| start.trim_start().starts_with(tag));
    let printable = head.iter().all(|b| *b >= 0x20 || matches!(b, b'\t' | b'\n' | b'\r' | 0x0c));
    printable && !markup && !is_program(head)
}

/// Clients name types loosely; only a type of quite another kind is held against them.
fn declared_agrees(declared: Option<&str>, media_type: &str, mark: Mark) -> bool {
    let Some(declared) = declared.and_then(|text| text.split(';').next()).map(|text| text.trim().to_ascii_lowercase())
    else {
        return true;
    };
    let (group, generic) = (declared.split('/').next().unwrap_or_default(), declared == "application/octet-stream");
    generic
        || declared == media_type
        || match mark {
            Mark::Png | Mark::Jpeg | Mark::Gif => group == "image",
            Mark::Text => group == "text" || declared == "application/vnd.ms-excel" || declared == "application/csv",
            Mark::Pdf => declared == "application/x-pdf",
            Mark::Zip | Mark::Compound | Mark::Rar => {
                group == "application"
                    && !["application/pdf", "application/x-msdownload", "application/javascript"]
                        .contains(&declared.as_str())
            }
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_last_segment_and_a_known_ending() {
        assert_eq!(check_name("C:\\Users\\ada\\bill.PDF").unwrap(), "bill.pdf");
        assert_eq!(check_name("../../etc/passwd.txt").unwrap(), "passwd.txt");
        assert_eq!(check_name("a\"b\r\n.png").unwrap(), "ab.png");
        assert_eq!(check_name("setup.exe"), Err(FileRefusal::Kind));
        assert_eq!(check_name("page.html"), Err(FileRefusal::Kind));
        for nameless in ["", "pdf", ".pdf", " .pdf", "a/"] {
            assert_eq!(check_name(nameless), Err(FileRefusal::Name), "{nameless:?}");
        }
        assert_eq!(check_name(&format!("{}.txt", "é".repeat(400))).unwrap().chars().count(), NAME_MAX + 4);
    }

    #[test]
    fn content_must_bear_the_mark_of_its_name() {
        let program = b"MZ\x90\x00\x03\x00 %PDF-1.7";
        assert_eq!(check_content("bill.pdf", Some("application/pdf"), program), Err(FileRefusal::Content));
        assert_eq!(check_content("bill.pdf", Some("application/pdf"), b"%PDF-1.7\n"), Ok("application/pdf"));
        assert_eq!(check_content("bill.pdf", Some("image/png"), b"%PDF-1.7\n"), Err(FileRefusal::Content));
        assert_eq!(check_content("a.png", None, b"\x89PNG\r\n\x1a\n..."), Ok("image/png"));
        assert_eq!(check_content("a.png", Some("image/png"), b"GIF89a"), Err(FileRefusal::Content));
        assert_eq!(check_content("a.jpg", Some("image/jpg"), b"\xff\xd8\xff\xe0"), Ok("image/jpeg"));
        assert_eq!(check_content("a.csv", Some("application/vnd.ms-excel"), b"a;b\r\n1;2"), Ok("text/csv"));
        assert_eq!(check_content("a.docx", Some("application/zip"), b"PK\x03\x04.."), Ok(KINDS[8].1));
        assert_eq!(check_content("a.txt", Some("text/plain"), b"  <HTML><script>"), Err(FileRefusal::Content));
        assert_eq!(check_content("a.txt", Some("text/plain"), b"\x7fELF\x02"), Err(FileRefusal::Content));
        assert_eq!(check_content("a.txt", Some("text/plain"), "grüß".as_bytes()), Ok("text/plain"));
        assert_eq!(check_content("a.rar", None, b"Rar!\x1a\x07\x01\x00.."), Ok("application/vnd.rar"));
        assert_eq!(check_content("a.rar", None, b"PK\x03\x04"), Err(FileRefusal::Content));
        assert_eq!(check_content("a.txt", None, b""), Err(FileRefusal::Empty));
    }
}
