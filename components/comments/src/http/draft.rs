//! Reading what somebody wants to say, from JSON or from the fields of a form.

use sdk::Problem;
use sdk::problem::Invalid;
use serde_json::{Map, Value};

use crate::domain::{Draft, Refusal, Visibility, checked_content};

/// A comment: `ticket`, `content` and perhaps `is_internal`.
///
/// # Errors
/// 422 naming every field that is wrong.
pub(super) fn comment(fields: &Map<String, Value>) -> Result<Draft, Problem> {
    let mut wrong = Invalid::new();
    let number = text(fields, "ticket").map(str::trim).filter(|number| !number.is_empty());
    wrong.check(number.is_some(), "ticket", "must be the number of a ticket");
    let content = read_content(fields, &mut wrong);
    let visibility = visibility(fields.get("is_internal"));
    wrong.check(visibility.is_some(), "is_internal", "must be true or false");
    match (number, content, visibility) {
        (Some(number), Some(content), Some(visibility)) => Ok(Draft { number: number.to_owned(), content, visibility }),
        _ => Err(wrong.into()),
    }
}

/// The text of an answer or of an edit: `content`.
///
/// # Errors
/// 422 naming it.
pub(super) fn content(fields: &Map<String, Value>) -> Result<String, Problem> {
    let mut wrong = Invalid::new();
    read_content(fields, &mut wrong).ok_or_else(|| wrong.into())
}

fn read_content(fields: &Map<String, Value>, wrong: &mut Invalid) -> Option<String> {
    match checked_content(text(fields, "content").unwrap_or_default()) {
        Ok(content) => Some(content),
        Err(Refusal::Invalid { field, message }) => {
            wrong.add(field, message);
            None
        }
        Err(Refusal::Forbidden(_) | Refusal::State(_)) => None,
    }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str)
}

/// Forms give text, JSON gives truth values; both are taken.
fn visibility(value: Option<&Value>) -> Option<Visibility> {
    let is_internal = match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(truth)) => *truth,
        Some(Value::String(text)) => match text.trim() {
            "true" | "on" | "1" => true,
            "false" | "0" | "" => false,
            _ => return None,
        },
        Some(_) => return None,
    };
    Some(if is_internal { Visibility::Internal } else { Visibility::Public })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(document: &Value) -> Map<String, Value> {
        document.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn a_comment_is_read_from_json_and_from_a_form() {
        let draft = comment(&fields(&json!({ "ticket": " TX1 ", "content": " Hello " }))).unwrap();
        assert_eq!(
            draft,
            Draft { number: "TX1".to_owned(), content: "Hello".to_owned(), visibility: Visibility::Public }
        );
        for internal in [json!(true), json!("true"), json!("on"), json!("1")] {
            let draft = comment(&fields(&json!({ "ticket": "TX1", "content": "x", "is_internal": internal })));
            assert_eq!(draft.unwrap().visibility, Visibility::Internal);
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        let problem = comment(&fields(&json!({ "ticket": 7, "is_internal": "perhaps" }))).unwrap_err();
        let named: Vec<_> = problem.errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!(named, ["ticket", "content", "is_internal"]);
        assert_eq!(content(&fields(&json!({ "content": "" }))).unwrap_err().errors()[0].field, "content");
    }
}
