//! Pages of tickets.

use sdk::clock::Timestamp;
use sdk::sql::{self, Error, Row, Value};

use super::tickets::{priority, requester, status};
use super::uuid;
use crate::domain::{Person, Priority, Status};

/// Which tickets are wanted; an absent part does not restrict.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// Only those this person asked for.
    pub(crate) requester: Option<String>,
    /// Only those this person asked for or takes part in.
    pub(crate) visible_to: Option<String>,
    /// Only those that stand here.
    pub(crate) status: Option<Status>,
    /// Only those of this urgency.
    pub(crate) priority: Option<Priority>,
    /// Only those of the category with this code.
    pub(crate) category: Option<String>,
    /// Only those of the department with this code.
    pub(crate) department: Option<String>,
    /// Only those with this text in number, subject or description, in any case.
    pub(crate) search: Option<String>,
}

/// One line of a page.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    /// The ticket's number.
    pub(crate) number: String,
    /// Its subject.
    pub(crate) subject: String,
    /// Where it stands.
    pub(crate) status: Status,
    /// How urgent it is.
    pub(crate) priority: Option<Priority>,
    /// Code of its category.
    pub(crate) category: String,
    /// Code of its sub-category.
    pub(crate) sub_category: Option<String>,
    /// Code of its department.
    pub(crate) department: Option<String>,
    /// Who asked.
    pub(crate) requester: Person,
    /// When, in microseconds since 1970.
    pub(crate) submitted_at: i64,
    /// Last change, likewise.
    pub(crate) updated_at: i64,
}

/// Lines, the newest first, and how many there are on all pages.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// Those of this page.
    pub(crate) items: Vec<Listed>,
    /// Those of every page.
    pub(crate) total: i64,
}

/// One page of the tickets that match. `offset` lines are left out, at most `limit` returned.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn list(filter: &Filter, limit: i64, offset: i64) -> Result<Page, Error> {
    let (condition, mut params) = condition(filter);
    let rows = sql::query(&format!("select count(*) as total from tickets{condition}"), params.clone()).await?;
    let total = rows.first().ok_or(Error::NoRow)?.get("total")?;
    let (limit_at, offset_at) = (params.len() + 1, params.len() + 2);
    params.push(limit.into());
    params.push(offset.into());
    let rows = sql::query(
        &format!(
            "select number, subject, status, priority, category_code, subcategory_code, department, requester_id, \
             requester_snapshot, submitted_at, updated_at from tickets{condition} \
             order by submitted_at desc, number desc limit ${limit_at} offset ${offset_at}"
        ),
        params,
    )
    .await?;
    Ok(Page { items: rows.iter().map(listed).collect::<Result<_, _>>()?, total })
}

fn listed(row: &Row) -> Result<Listed, Error> {
    Ok(Listed {
        number: row.get("number")?,
        subject: row.get("subject")?,
        status: status(row)?,
        priority: priority(row)?,
        category: row.get("category_code")?,
        sub_category: row.get("subcategory_code")?,
        department: row.get("department")?,
        requester: requester(row, row.get("requester_id")?)?,
        submitted_at: row.get::<Timestamp>("submitted_at")?.0,
        updated_at: row.get::<Timestamp>("updated_at")?.0,
    })
}

/// The `where` clause with its parameters, or nothing.
fn condition(filter: &Filter) -> (String, Vec<Value>) {
    let mut terms = Vec::new();
    let mut params: Vec<Value> = Vec::new();
    let mut equal = |column: &str, value: Option<Value>| {
        if let Some(value) = value {
            params.push(value);
            terms.push(format!("{column} = ${}", params.len()));
        }
    };
    equal("requester_id", filter.requester.as_deref().map(uuid));
    equal("status", filter.status.map(|it| it.code().into()));
    equal("priority", filter.priority.map(|it| it.code().into()));
    equal("category_code", filter.category.as_deref().map(Into::into));
    equal("department", filter.department.as_deref().map(Into::into));
    if let Some(person) = &filter.visible_to {
        params.push(uuid(person));
        let n = params.len();
        terms.push(format!(
            "(requester_id = ${n} or id in (select ticket_id from ticket_participants where user_id = ${n}))"
        ));
    }
    if let Some(search) = &filter.search {
        params.push(pattern(search).into());
        let n = params.len();
        // Both sides are folded by the engine: its idea of lower case may be narrower than ours.
        let term =
            ["number", "subject", "description"].map(|column| format!("lower({column}) like lower(${n}) escape '!'"));
        terms.push(format!("({})", term.join(" or ")));
    }
    let clause = if terms.is_empty() { String::new() } else { format!(" where {}", terms.join(" and ")) };
    (clause, params)
}

/// The text anywhere, its own wildcards taken literally.
fn pattern(search: &str) -> String {
    let mut pattern = String::from("%");
    for character in search.chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_becomes_a_clause_whose_values_are_all_bound() {
        assert_eq!(condition(&Filter::default()).0, "");
        let filter = Filter {
            requester: Some("u".to_owned()),
            status: Some(Status::InProgress),
            search: Some("50%_Off!".to_owned()),
            ..Filter::default()
        };
        let (clause, params) = condition(&filter);
        assert_eq!(
            clause,
            " where requester_id = $1 and status = $2 and (lower(number) like lower($3) escape '!' or \
             lower(subject) like lower($3) escape '!' or lower(description) like lower($3) escape '!')"
        );
        assert!(matches!(&params[0], Value::Uuid(id) if id == "u"));
        assert!(matches!(&params[1], Value::Text(word) if word == "in_progress"));
        assert!(matches!(&params[2], Value::Text(text) if text == "%50!%!_Off!!%"));
        let filter = Filter { visible_to: Some("u".to_owned()), ..Filter::default() };
        assert_eq!(
            condition(&filter).0,
            " where (requester_id = $1 or id in (select ticket_id from ticket_participants where user_id = $1))"
        );
    }
}
