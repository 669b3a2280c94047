//! A ticket on its way in: the catalogue it is held against, and the fields read from it.

use serde_json::{Map, Value};

use super::date::is_calendar_date;
use super::form::{Field, FieldError, read_form};

pub(super) const SUBJECT_MAX: usize = 255;
pub(super) const DESCRIPTION_MAX: usize = 20_000;
/// Fields that only a coordinator or the system sets; a request that carries one means something else than it gets.
const RESERVED: [&str; 6] = ["id", "number", "status", "priority", "department", "requester"];

/// A department that tickets are given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Its key.
    pub code: String,
    /// Its name for people.
    pub name: String,
}

/// A kind of request within a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubCategory {
    /// Its key within the category.
    pub code: String,
    /// Its name for people.
    pub name: String,
}

/// What can be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Its key.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// Code of the department it usually goes to.
    pub default_department: Option<String>,
    /// Its kinds of request.
    pub sub_categories: Vec<SubCategory>,
    /// Its form.
    pub fields: Vec<Field>,
}

/// Everything there is to choose from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// In their order for people.
    pub departments: Vec<Department>,
    /// In their order for people.
    pub categories: Vec<Category>,
}

impl Catalogue {
    /// A department by code or name, in any case.
    pub fn department(&self, text: &str) -> Option<&Department> {
        self.departments.iter().find(|it| same(&it.code, text) || same(&it.name, text))
    }

    /// The department with this code.
    pub fn department_by_code(&self, code: &str) -> Option<&Department> {
        self.departments.iter().find(|it| it.code == code)
    }

    /// A category by code or name, in any case.
    pub fn category(&self, text: &str) -> Option<&Category> {
        self.categories.iter().find(|it| same(&it.code, text) || same(&it.name, text))
    }

    /// The category with this code.
    pub fn category_by_code(&self, code: &str) -> Option<&Category> {
        self.categories.iter().find(|it| it.code == code)
    }
}

impl Category {
    /// A sub-category by code or name, in any case.
    pub fn sub_category(&self, text: &str) -> Option<&SubCategory> {
        self.sub_categories.iter().find(|it| same(&it.code, text) || same(&it.name, text))
    }

    /// The sub-category with this code.
    pub fn sub_category_by_code(&self, code: &str) -> Option<&SubCategory> {
        self.sub_categories.iter().find(|it| it.code == code)
    }
}

fn same(ours: &str, theirs: &str) -> bool {
    ours.to_lowercase() == theirs.trim().to_lowercase()
}

/// A ticket's fields, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// 1 to 255 characters.
    pub subject: String,
    /// 1 to 20,000 characters.
    pub description: String,
    /// Code of the category.
    pub category: String,
    /// Code of the sub-category.
    pub sub_category: Option<String>,
    /// `YYYY-MM-DD`.
    pub scheduled_on: Option<String>,
    /// The answers to the category's form.
    pub details: Map<String, Value>,
    /// What came beside it.
    pub extra: Map<String, Value>,
}

impl Submission {
    /// Reads the fields of a request.
    ///
    /// # Errors
    /// Every field that is wrong, so that a person corrects all of them at once.
    pub fn read(catalogue: &Catalogue, mut given: Map<String, Value>) -> Result<Self, Vec<FieldError>> {
        let mut errors: Vec<FieldError> = RESERVED
            .iter()
            .filter(|name| given.remove(**name).is_some())
            .map(|name| FieldError::new(name, "is not set by the person who asks"))
            .collect();
        let subject = take(&mut given, &mut errors, "subject", SUBJECT_MAX);
        let description = take(&mut given, &mut errors, "description", DESCRIPTION_MAX);
        let category_name = take(&mut given, &mut errors, "category", SUBJECT_MAX);
        let sub_category_name = take(&mut given, &mut errors, "sub_category", SUBJECT_MAX);
        let scheduled_on = take(&mut given, &mut errors, "scheduled_date", SUBJECT_MAX);
        for (field, value) in [("subject", &subject), ("description", &description), ("category", &category_name)] {
            if value.is_none() && !errors.iter().any(|error| error.field == field) {
                errors.push(FieldError::new(field, "is required"));
            }
        }
        if scheduled_on.as_deref().is_some_and(|text| !is_calendar_date(text)) {
            errors.push(FieldError::new("scheduled_date", "must be a day written YYYY-MM-DD"));
        }
        let category = category_name.as_deref().and_then(|name| catalogue.category(name));
        if category.is_none() && category_name.is_some() {
            errors.push(FieldError::new("category", "is not in the catalogue"));
        }
        let sub_category = sub_category_name.map(|name| category.and_then(|it| it.sub_category(&name)).cloned());
        if category.is_some() && sub_category == Some(None) {
            errors.push(FieldError::new("sub_category", "is not one of this category"));
        }
        let form = category.map_or(&[][..], |category| &category.fields);
        let (details, extra) = read_form(form, given).unwrap_or_else(|wrong| {
            errors.extend(wrong);
            (Map::new(), Map::new())
        });
        match (category, errors.is_empty()) {
            (Some(category), true) => Ok(Self {
                subject: subject.unwrap_or_default(),
                description: description.unwrap_or_default(),
                category: category.code.clone(),
                sub_category: sub_category.flatten().map(|it| it.code),
                scheduled_on,
                details,
                extra,
            }),
            _ => Err(errors),
        }
    }
}

/// Takes a text field out; a blank one counts as absent.
fn take(given: &mut Map<String, Value>, errors: &mut Vec<FieldError>, field: &str, max: usize) -> Option<String> {
    let text = match given.remove(field)? {
        Value::Null => return None,
        Value::String(text) => text.trim().to_owned(),
        _ => {
            errors.push(FieldError::new(field, "must be text"));
            return None;
        }
    };
    if text.chars().count() > max {
        errors.push(FieldError::new(field, format!("must have at most {max} characters")));
    }
    if text.contains('\0') {
        errors.push(FieldError::new(field, "must not have a null character"));
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn catalogue() -> Catalogue {
        let sub_categories = vec![SubCategory { code: "check-in".to_owned(), name: "Check In".to_owned() }];
        let (code, name) = ("asset-check-in".to_owned(), "Asset Check In".to_owned());
        let category = Category { code, name, default_department: None, sub_categories, fields: Vec::new() };
        Catalogue { departments: Vec::new(), categories: vec![category] }
    }

    fn read(given: Value) -> Result<Submission, Vec<String>> {
        let Value::Object(given) = given else { unreachable!() };
        let read = Submission::read(&catalogue(), given);
        read.map_err(|errors| errors.into_iter().map(|error| error.field).collect())
    }

    #[test]
    fn names_of_the_catalogue_are_read_in_any_case() {
        let ticket =
            json!({ "subject": " S ", "description": "D", "category": "ASSET check in", "sub_category": "check in" });
        let ticket = read(ticket).unwrap();
        assert_eq!((ticket.subject.as_str(), ticket.category.as_str()), ("S", "asset-check-in"));
        assert_eq!(ticket.sub_category.as_deref(), Some("check-in"));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let fields = read(json!({ "subject": " ", "priority": "High", "category": "Boats", "scheduled_date": "soon" }));
        assert_eq!(fields.unwrap_err(), ["priority", "subject", "description", "scheduled_date", "category"]);
        let subject = "x".repeat(SUBJECT_MAX + 1);
        let fields =
            read(json!({ "subject": subject, "description": 5, "category": "Asset Check In", "sub_category": "No" }));
        assert_eq!(fields.unwrap_err(), ["subject", "description", "sub_category"]);
        let fields = read(json!({ "subject": "a\u{0}b", "description": "D", "category": "Asset Check In" }));
        assert_eq!(fields.unwrap_err(), ["subject"]);
    }
}
