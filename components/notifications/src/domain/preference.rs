//! By which ways a person wants to be told of things of each type.

use super::Wrong;

/// A type of notifications, as the catalogue has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) code: String,
    pub(crate) title: String,
    /// `info`, `warning` or `critical`.
    pub(crate) severity: String,
    pub(crate) default_in_app: bool,
    pub(crate) default_email: bool,
}

/// What somebody chose for one type.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub(crate) struct Choice {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) in_app: bool,
    pub(crate) email: bool,
}

/// The body of a change.
#[derive(Debug, Clone, serde::Deserialize)]
pub(crate) struct PreferencesWish {
    /// Types that are not named stay as they are.
    items: Vec<Choice>,
}

impl PreferencesWish {
    /// Reads it against the catalogue.
    ///
    /// # Errors
    /// Each type that there is none of, or that is named twice.
    pub(crate) fn read(self, kinds: &[Kind]) -> Result<Vec<Choice>, Wrong> {
        let mut wrong = Wrong::new();
        for (position, choice) in self.items.iter().enumerate() {
            let field = || format!("items[{position}].type");
            if !kinds.iter().any(|kind| kind.code == choice.kind) {
                wrong.push((field(), "is no type of notifications".to_owned()));
            } else if self.items.iter().take(position).any(|earlier| earlier.kind == choice.kind) {
                wrong.push((field(), "is named twice".to_owned()));
            }
        }
        if wrong.is_empty() { Ok(self.items) } else { Err(wrong) }
    }
}

/// What is in force for each type: the choice where there is one, else the default.
pub(crate) fn choices(kinds: &[Kind], chosen: &[Choice]) -> Vec<Choice> {
    let in_force = |kind: &Kind| {
        chosen.iter().find(|choice| choice.kind == kind.code).cloned().unwrap_or_else(|| Choice {
            kind: kind.code.clone(),
            in_app: kind.default_in_app,
            email: kind.default_email,
        })
    };
    kinds.iter().map(in_force).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds() -> Vec<Kind> {
        let kind = |code: &str, default_email| Kind {
            code: code.to_owned(),
            title: String::new(),
            severity: "info".to_owned(),
            default_in_app: true,
            default_email,
        };
        vec![kind("mention", true), kind("system", false)]
    }

    fn choice(kind: &str, in_app: bool, email: bool) -> Choice {
        Choice { kind: kind.to_owned(), in_app, email }
    }

    #[test]
    fn a_choice_stands_in_for_the_default_of_its_type_only() {
        let in_force = choices(&kinds(), &[choice("mention", false, false)]);
        assert_eq!(in_force, [choice("mention", false, false), choice("system", true, false)]);
    }

    #[test]
    fn unknown_and_repeated_types_are_named() {
        let items = vec![choice("mention", true, true), choice("boats", true, true), choice("mention", false, true)];
        let wrong = PreferencesWish { items }.read(&kinds()).unwrap_err();
        let fields: Vec<_> = wrong.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["items[1].type", "items[2].type"]);
        let items = vec![choice("system", true, true)];
        assert_eq!(PreferencesWish { items: items.clone() }.read(&kinds()).unwrap(), items);
    }
}
