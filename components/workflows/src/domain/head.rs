//! What is said of a workflow beside its graph: its name, the tickets it is for, and the time they may take.

use serde::{Deserialize, Deserializer};
use tasks::Sla;

use super::{FieldError, Wrong};

const NAME: (usize, usize) = (1, 64);
const DESCRIPTION: (usize, usize) = (0, 256);
/// Department and category of a draft may still be open.
const PLACE: (usize, usize) = (0, 64);

/// Ten years: more is a slip of the keyboard.
const TARGET_MAX_S: i64 = 10 * 365 * 24 * 3_600;

/// The name of a workflow and the tickets it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// What people call it.
    pub(crate) name: String,
    /// What it is for.
    pub(crate) description: String,
    /// The department whose tickets it takes; empty in drafts that do not say yet.
    pub(crate) department: String,
    /// The category whose tickets it takes; empty likewise.
    pub(crate) category: String,
    /// The sub-category; absent: any.
    pub(crate) sub_category: Option<String>,
}

/// A head as it is sent.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct HeadSketch {
    name: String,
    description: Option<String>,
    department: Option<String>,
    category: Option<String>,
    sub_category: Option<String>,
    #[serde(default)]
    sla: SlaSketch,
}

/// Times as they are sent, in seconds.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the unit belongs to the name, as in messages and rows")]
pub(crate) struct SlaSketch {
    critical_s: Option<i64>,
    high_s: Option<i64>,
    medium_s: Option<i64>,
    low_s: Option<i64>,
}

/// What is to be changed of a head; an absent part stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeadPatch {
    name: Option<String>,
    description: Option<String>,
    department: Option<String>,
    category: Option<String>,
    #[serde(default)]
    sub_category: Given<String>,
    #[serde(default)]
    sla: SlaPatch,
    /// The version of the workflow that the sender read; absent: any.
    pub(crate) row_version: Option<i64>,
}

/// What is to be changed of the times.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the unit belongs to the name, as in messages and rows")]
struct SlaPatch {
    critical_s: Given<i64>,
    high_s: Given<i64>,
    medium_s: Given<i64>,
    low_s: Given<i64>,
}

/// A field for which null says something too: any, or none.
#[derive(Debug, Clone, Copy, Default)]
enum Given<T> {
    #[default]
    Absent,
    As(Option<T>),
}

impl<T> Given<T> {
    fn or(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Absent => old,
            Self::As(new) => new,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::As)
    }
}

impl SlaSketch {
    fn read(self, field: &str, wrong: &mut Wrong) -> Sla {
        let Self { critical_s, high_s, medium_s, low_s } = self;
        let sla = Sla { critical_s, high_s, medium_s, low_s };
        let set = [critical_s, high_s, medium_s, low_s];
        let within = set.into_iter().flatten().all(|seconds| (1..=TARGET_MAX_S).contains(&seconds));
        wrong.check(within, field, &format!("must be seconds from 1 to {TARGET_MAX_S}, or null"));
        wrong.check(!within || sla.is_ordered(), field, "must give a more urgent priority less time");
        sla
    }
}

fn blank_is_any(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn read(head: Head, prefix: &str, wrong: &mut Wrong) -> Head {
    let field = |name: &str| format!("{prefix}{name}");
    Head {
        name: wrong.text(&head.name, &field("name"), NAME),
        description: wrong.text(&head.description, &field("description"), DESCRIPTION),
        department: wrong.text(&head.department, &field("department"), PLACE),
        category: wrong.text(&head.category, &field("category"), PLACE),
        sub_category: head.sub_category.map(|text| wrong.text(&text, &field("sub_category"), PLACE)),
    }
}

impl HeadSketch {
    /// The head and its times.
    ///
    /// # Errors
    /// Every field that is wrong; names begin with `prefix`.
    pub(crate) fn read(self, prefix: &str) -> Result<(Head, Sla), Vec<FieldError>> {
        let mut wrong = Wrong::default();
        let head = Head {
            name: self.name,
            description: self.description.unwrap_or_default(),
            department: self.department.unwrap_or_default(),
            category: self.category.unwrap_or_default(),
            sub_category: blank_is_any(self.sub_category),
        };
        let head = read(head, prefix, &mut wrong);
        let sla = self.sla.read(&format!("{prefix}sla"), &mut wrong);
        wrong.finish((head, sla))
    }
}

impl HeadPatch {
    /// The head and the times with what is changed. `in_use`: it must stay fit for tickets.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub(crate) fn apply(&self, head: &Head, sla: &Sla, in_use: bool) -> Result<(Head, Sla), Vec<FieldError>> {
        let mut wrong = Wrong::default();
        let or = |new: &Option<String>, old: &String| new.as_ref().unwrap_or(old).clone();
        let after = Head {
            name: or(&self.name, &head.name),
            description: or(&self.description, &head.description),
            department: or(&self.department, &head.department),
            category: or(&self.category, &head.category),
            sub_category: blank_is_any(self.sub_category.clone().or(head.sub_category.clone())),
        };
        let after = read(after, "", &mut wrong);
        for (text, field) in [(&after.department, "department"), (&after.category, "category")] {
            wrong.check(!in_use || !text.is_empty(), field, "must not be empty once it was published");
        }
        let sla = SlaSketch {
            critical_s: self.sla.critical_s.or(sla.critical_s),
            high_s: self.sla.high_s.or(sla.high_s),
            medium_s: self.sla.medium_s.or(sla.medium_s),
            low_s: self.sla.low_s.or(sla.low_s),
        };
        let sla = sla.read("sla", &mut wrong);
        wrong.finish((after, sla))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json};

    use super::*;

    fn fields(errors: &[FieldError]) -> Vec<&str> {
        errors.iter().map(|error| error.field.as_str()).collect()
    }

    fn head() -> Head {
        let sketch = json!({ "name": " Check In ", "department": "Assets", "category": "In", "sub_category": " " });
        from_value::<HeadSketch>(sketch).unwrap().read("").unwrap().0
    }

    #[test]
    fn a_head_is_trimmed_and_a_blank_sub_category_is_any() {
        assert_eq!((head().name.as_str(), head().sub_category), ("Check In", None));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let sketch = json!({
            "name": " ", "description": "x".repeat(257), "department": "\0",
            "sla": { "critical_s": 7200, "high_s": 3600 },
        });
        let errors = from_value::<HeadSketch>(sketch).unwrap().read("workflow.").unwrap_err();
        let wanted = ["workflow.name", "workflow.description", "workflow.department", "workflow.sla"];
        assert_eq!(fields(&errors), wanted);
        for wrong in [json!({ "low_s": 0 }), json!({ "low_s": -5 }), json!({ "low_s": TARGET_MAX_S + 1 })] {
            let sketch = json!({ "name": "n", "sla": wrong });
            assert_eq!(fields(&from_value::<HeadSketch>(sketch).unwrap().read("").unwrap_err()), ["sla"]);
        }
    }

    #[test]
    fn a_patch_changes_what_it_names_and_null_is_not_absent() {
        let patch = |value: Value| from_value::<HeadPatch>(value).unwrap();
        let before = Head { sub_category: Some("Laptop".to_owned()), ..head() };
        let times = Sla { high_s: Some(5), low_s: Some(9), ..Sla::default() };
        let apply = |value: Value, in_use: bool| patch(value).apply(&before, &times, in_use);
        let (after, sla) = apply(json!({ "name": "Other" }), true).unwrap();
        assert_eq!((after.name.as_str(), after.sub_category.as_deref(), sla), ("Other", Some("Laptop"), times));
        let sent = json!({ "sub_category": null, "sla": { "high_s": null, "medium_s": 7 } });
        let (after, sla) = apply(sent, true).unwrap();
        let wanted = Sla { medium_s: Some(7), low_s: Some(9), ..Sla::default() };
        assert_eq!((after.sub_category, sla), (None, wanted));
        assert_eq!(fields(&apply(json!({ "category": " " }), true).unwrap_err()), ["category"]);
        assert!(apply(json!({ "category": " " }), false).is_ok());
        assert_eq!(fields(&apply(json!({ "sla": { "critical_s": 6 } }), true).unwrap_err()), ["sla"]);
        assert!(from_value::<HeadPatch>(json!({ "status": "published" })).is_err());
    }
}
