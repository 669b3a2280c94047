//! The component's log: one JSON object per line on standard error, which the host collects and labels.
//!
//! Messages are readable alone and fields are named with dots and units (`user.id`, `duration_ms`). Never bodies,
//! tokens or people's addresses.

use std::io::Write;

use serde_json::{Value, json};

/// Fields past this many bytes are left out, so that one line stays one write of the host's log.
const LINE_BYTES_MAX: usize = 8 * 1024;

/// Something an operator may want to know.
pub fn info(message: &str, fields: &Value) {
    write("info", message, fields);
}

/// Something odd that the component coped with.
pub fn warn(message: &str, fields: &Value) {
    write("warn", message, fields);
}

/// A request or message failed for a reason that is not its sender's.
pub fn error(message: &str, fields: &Value) {
    write("error", message, fields);
}

fn write(level: &str, message: &str, fields: &Value) {
    let line = line(level, message, fields);
    // There is nowhere to report that the log itself is gone.
    drop(std::io::stderr().write_all(line.as_bytes()));
}

fn line(level: &str, message: &str, fields: &Value) -> String {
    let mut entry = json!({ "level": level, "message": message });
    if let (Some(entry), Some(fields)) = (entry.as_object_mut(), fields.as_object()) {
        for (name, value) in fields {
            entry.entry(name.as_str()).or_insert_with(|| value.clone());
        }
    }
    let text = entry.to_string();
    if text.len() <= LINE_BYTES_MAX {
        return format!("{text}\n");
    }
    let head: String = message.chars().take(LINE_BYTES_MAX / 8).collect();
    format!("{}\n", json!({ "level": level, "message": head, "truncated_bytes": text.len() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_json_object_and_fields_cannot_replace_its_level() {
        let text = line("warn", "odd\nthing", &json!({ "level": "x", "user.id": 7 }));
        let entry: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(entry, json!({ "level": "warn", "message": "odd\nthing", "user.id": 7 }));
        assert_eq!(text.matches('\n').count(), 1);
    }

    #[test]
    fn a_line_over_the_limit_keeps_its_message_and_loses_its_fields() {
        let text = line("info", "big", &json!({ "blob": "x".repeat(LINE_BYTES_MAX) }));
        assert!(text.len() < 200 && text.contains("\"message\":\"big\""), "{text}");
    }
}
