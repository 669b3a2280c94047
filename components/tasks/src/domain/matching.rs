//! Which workflow a ticket belongs to.

/// Stands between the parts of a key; no name has it.
const BETWEEN: char = '\u{1f}';

/// A name as it is compared: trimmed, in lower case, with single spaces.
pub fn fold(name: &str) -> String {
    name.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// The key by which tickets find workflows; at most one published workflow has it. Without a sub-category, or with a
/// blank one: the key of the workflow for any.
///
/// A ticket looks for the key with its sub-category first and for the one without it second.
pub fn match_key(department: &str, category: &str, sub_category: Option<&str>) -> String {
    let parts = [department, category, sub_category.unwrap_or_default()];
    parts.map(fold).join(&BETWEEN.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_spaces_do_not_matter_and_the_sub_category_does() {
        let key = match_key("Asset Department", "Asset Check In", Some("Check In"));
        assert_eq!(key, match_key(" asset  department", "ASSET CHECK IN ", Some("check in")));
        assert_ne!(key, match_key("Asset Department", "Asset Check In", None));
        assert_eq!(match_key("Öl", "c", Some("  ")), match_key("öl", "C", None));
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(match_key("a b", "c", None), match_key("a", "b c", None));
    }
}
