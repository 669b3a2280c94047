//! The form of a category: reading what somebody filled in, field by field.

use serde_json::{Map, Value};

use super::date::is_calendar_date;

/// Cost items in one proposal.
const COST_ITEMS_MAX: usize = 100;
/// Digits before the point of an amount, so that sums stay exact in `numeric(14,2)`.
const AMOUNT_DIGITS_MAX: usize = 12;
/// Fields beside the form that are kept as they came.
const EXTRA_FIELDS_MAX: usize = 30;
/// Their total size in JSON, in bytes.
const EXTRA_BYTES_MAX: usize = 8 * 1024;

/// What kind of answer a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Free text.
    Text,
    /// `YYYY-MM-DD`.
    Date,
    /// A whole number.
    Integer,
    /// An amount with at most two places after the point.
    Decimal,
    /// One of the field's choices.
    Choice,
    /// A list of `{element, description, amount}`.
    CostItems,
}

impl FieldKind {
    const ALL: [Self; 6] = [Self::Text, Self::Date, Self::Integer, Self::Decimal, Self::Choice, Self::CostItems];

    /// The form in the database and the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Date => "date",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Choice => "choice",
            Self::CostItems => "cost_items",
        }
    }

    /// Reads the stored form.
    pub fn read(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One field of a category's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in requests.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// What it takes.
    pub kind: FieldKind,
    /// Whether it must be filled in.
    pub is_required: bool,
    /// Longest answer, in characters.
    pub max_length: usize,
    /// The answers to choose from, for [`FieldKind::Choice`].
    pub choices: Vec<String>,
}

/// A field that was not filled in properly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name.
    pub field: String,
    /// What it must be, for people.
    pub message: String,
}

impl FieldError {
    pub(super) fn new(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into() }
    }
}

/// Fields by name.
type Answers = Map<String, Value>;

/// Splits what came into the answers to the form and the rest, which is kept as it is within bounds.
///
/// # Errors
/// Every field that is wrong.
pub(super) fn read_form(
    fields: &[Field],
    mut given: Map<String, Value>,
) -> Result<(Answers, Answers), Vec<FieldError>> {
    let mut details = Map::new();
    let mut errors = Vec::new();
    for field in fields {
        match given.remove(&field.name).filter(|value| !is_blank(value)) {
            Some(value) => match read_field(field, value) {
                Ok(value) => drop(details.insert(field.name.clone(), value)),
                Err(message) => errors.push(FieldError::new(&field.name, message)),
            },
            None if field.is_required => errors.push(FieldError::new(&field.name, "is required")),
            None => {}
        }
    }
    given.retain(|_, value| !is_blank(value));
    if let (Some(start), Some(end)) = (text(&details, "performance_start_date"), text(&details, "performance_end_date"))
        && end < start
    {
        errors.push(FieldError::new("performance_end_date", "must not be before performance_start_date"));
    }
    if given.len() > EXTRA_FIELDS_MAX || Value::Object(given.clone()).to_string().len() > EXTRA_BYTES_MAX {
        let name = given.keys().next().cloned().unwrap_or_default();
        errors.push(FieldError::new(&name, "is one of too many fields that the form does not have"));
    }
    if errors.is_empty() { Ok((details, given)) } else { Err(errors) }
}

fn text<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    map.get(name).and_then(Value::as_str)
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Multipart gives everything as text, JSON gives numbers and arrays; both are taken.
fn read_field(field: &Field, value: Value) -> Result<Value, String> {
    if field.kind == FieldKind::CostItems {
        return read_cost_items(value);
    }
    let text = match &value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return Err("must be one value".to_owned()),
    };
    if text.chars().count() > field.max_length {
        return Err(format!("must have at most {} characters", field.max_length));
    }
    match field.kind {
        FieldKind::Text | FieldKind::CostItems => Ok(Value::String(text)),
        FieldKind::Date if is_calendar_date(&text) => Ok(Value::String(text)),
        FieldKind::Date => Err("must be a day written YYYY-MM-DD".to_owned()),
        FieldKind::Integer => text.parse::<i64>().map(Value::from).map_err(|_| "must be a whole number".to_owned()),
        FieldKind::Decimal if is_amount(&text) => Ok(Value::String(text)),
        FieldKind::Decimal => Err("must be an amount such as 1250.00".to_owned()),
        FieldKind::Choice => {
            let chosen = field.choices.iter().find(|choice| choice.eq_ignore_ascii_case(&text)).cloned();
            chosen.map(Value::String).ok_or_else(|| format!("must be one of {}", field.choices.join(", ")))
        }
    }
}

/// Plain notation, not negative, at most two places after the point.
fn is_amount(text: &str) -> bool {
    let (whole, cents) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && digits(cents) && whole.len() <= AMOUNT_DIGITS_MAX && cents.len() <= 2
}

fn read_cost_items(value: Value) -> Result<Value, String> {
    let wrong = || "must be a list of {element, description, amount}".to_owned();
    let value = match value {
        Value::String(text) => serde_json::from_str(&text).map_err(|_| wrong())?,
        value => value,
    };
    let Value::Array(items) = value else { return Err(wrong()) };
    if items.len() > COST_ITEMS_MAX {
        return Err(format!("must have at most {COST_ITEMS_MAX} items"));
    }
    items.iter().map(read_cost_item).collect::<Option<Vec<_>>>().map(Value::Array).ok_or_else(wrong)
}

fn read_cost_item(item: &Value) -> Option<Value> {
    let word = |name: &str| item.get(name).and_then(Value::as_str).map(str::trim).unwrap_or_default();
    let amount = match item.get("amount")? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let (element, description) = (word("element"), word("description"));
    let fits = !element.is_empty() && element.chars().count() <= 150 && description.chars().count() <= 500;
    (fits && is_amount(&amount))
        .then(|| serde_json::json!({ "element": element, "description": description, "amount": amount }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(name: &str, kind: FieldKind, choices: &[&str]) -> Field {
        let choices = choices.iter().map(|text| (*text).to_owned()).collect();
        Field { name: name.to_owned(), label: name.to_owned(), kind, is_required: false, max_length: 20, choices }
    }

    fn read(kind: FieldKind, value: Value) -> Result<Value, String> {
        let form = [field("f", kind, &["Laptop", "Phone"])];
        let given = Map::from_iter([("f".to_owned(), value)]);
        read_form(&form, given).map(|(mut details, _)| details.remove("f").unwrap()).map_err(|mut errors| {
            assert_eq!(errors[0].field, "f");
            errors.remove(0).message
        })
    }

    #[test]
    fn each_kind_takes_what_it_means_and_names_what_it_wants() {
        assert_eq!(read(FieldKind::Text, json!(" x ")), Ok(json!("x")));
        assert!(read(FieldKind::Text, json!("x".repeat(21))).unwrap_err().contains("20"));
        assert_eq!(read(FieldKind::Choice, json!("laptop")), Ok(json!("Laptop")));
        assert!(read(FieldKind::Choice, json!("Boat")).unwrap_err().contains("Laptop, Phone"));
        assert_eq!(read(FieldKind::Integer, json!("2026")), Ok(json!(2026)));
        assert!(read(FieldKind::Integer, json!(20.5)).is_err());
        assert!(read(FieldKind::Date, json!("2026-02-30")).is_err());
        for (amount, good) in
            [("12", true), ("12.50", true), ("-1", false), ("1.234", false), ("1e3", false), ("1.", false)]
        {
            assert_eq!(read(FieldKind::Decimal, json!(amount)).is_ok(), good, "{amount}");
        }
        let items = json!([{ "element": "Desk", "amount": 10 }]);
        let read_items = json!([{ "element": "Desk", "description": "", "amount": "10" }]);
        assert_eq!(read(FieldKind::CostItems, json!(items.to_string())), Ok(read_items.clone()));
        assert_eq!(read(FieldKind::CostItems, items), Ok(read_items));
        assert!(read(FieldKind::CostItems, json!([{ "amount": 10 }])).is_err());
    }

    #[test]
    fn a_required_field_must_be_there_and_a_period_must_not_end_before_it_begins() {
        let mut must = field("f", FieldKind::Text, &[]);
        must.is_required = true;
        assert_eq!(read_form(&[must], Map::new()).unwrap_err()[0].field, "f");
        let form = ["performance_start_date", "performance_end_date"].map(|name| field(name, FieldKind::Date, &[]));
        let Value::Object(given) =
            json!({ "performance_start_date": "2026-02-01", "performance_end_date": "2026-01-31" })
        else {
            unreachable!()
        };
        assert_eq!(read_form(&form, given).unwrap_err()[0].field, "performance_end_date");
    }

    #[test]
    fn what_the_form_does_not_have_is_kept_within_bounds() {
        let few = Map::from_iter([("colour".to_owned(), json!("red")), ("blank".to_owned(), json!(" "))]);
        let (details, extra) = read_form(&[], few).unwrap();
        assert!(details.is_empty());
        assert_eq!(Value::Object(extra), json!({ "colour": "red" }));
        let many = (0..=EXTRA_FIELDS_MAX).map(|n| (format!("f{n}"), json!(1))).collect();
        assert!(read_form(&[], many).is_err());
        let large = Map::from_iter([("f".to_owned(), json!("x".repeat(EXTRA_BYTES_MAX)))]);
        assert!(read_form(&[], large).is_err());
    }
}
