//! Pages of tickets.

use sdk::clock::Timestamp;
use sdk::page::{Found, Page};
use sdk::sql::{self, Condition, Error, Row};

use super::tickets::requester;
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

/// One page of the tickets that match, the newest first.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn list(filter: &Filter, page: Page) -> Result<Found<Listed>, Error> {
    let condition = condition(filter);
    let from = format!("from tickets{}", condition.clause());
    let rows = sql::query(&format!("select count(*) as total {from}"), condition.params()).await?;
    let total = rows.first().ok_or(Error::NoRow)?.get("total")?;
    let (limits, params) = condition.page(page);
    let statement = format!(
        "select number, subject, status, priority, category_code, subcategory_code, department, requester_id, \
         requester_snapshot, submitted_at, updated_at {from} order by submitted_at desc, number desc{limits}"
    );
    let rows = sql::query(&statement, params).await?;
    Ok(Found { items: rows.iter().map(listed).collect::<Result<_, _>>()?, total })
}

fn listed(row: &Row) -> Result<Listed, Error> {
    Ok(Listed {
        number: row.get("number")?,
        subject: row.get("subject")?,
        status: row.word("status", Status::read)?,
        priority: row.maybe_word("priority", Priority::read)?,
        category: row.get("category_code")?,
        sub_category: row.get("subcategory_code")?,
        department: row.get("department")?,
        requester: requester(row, row.get("requester_id")?)?,
        submitted_at: row.get::<Timestamp>("submitted_at")?.0,
        updated_at: row.get::<Timestamp>("updated_at")?.0,
    })
}

fn condition(filter: &Filter) -> Condition {
    let mut condition = Condition::default();
    condition.equal("requester_id", filter.requester.as_deref().map(uuid));
    condition.equal("status", filter.status.map(Status::code));
    condition.equal("priority", filter.priority.map(Priority::code));
    condition.equal("category_code", filter.category.as_deref());
    condition.equal("department", filter.department.as_deref());
    if let Some(person) = &filter.visible_to {
        let place = condition.bind(uuid(person));
        condition.term(format!(
            "(requester_id = {place} or id in (select ticket_id from ticket_participants where user_id = {place}))"
        ));
    }
    condition.search(&["number", "subject", "description"], filter.search.as_deref());
    condition
}

#[cfg(test)]
mod tests {
    use sdk::sql::Value;

    use super::*;

    #[test]
    fn a_filter_becomes_a_clause_whose_values_are_all_bound() {
        assert_eq!(condition(&Filter::default()).clause(), "");
        let filter = Filter {
            requester: Some("u".to_owned()),
            status: Some(Status::InProgress),
            search: Some("desk".to_owned()),
            ..Filter::default()
        };
        let wanted = condition(&filter);
        assert_eq!(
            wanted.clause(),
            " where requester_id = $1 and status = $2 and (lower(number) like lower($3) escape '!' or \
             lower(subject) like lower($3) escape '!' or lower(description) like lower($3) escape '!')"
        );
        let params = wanted.params();
        assert!(matches!(&params[0], Value::Uuid(id) if id == "u"));
        assert!(matches!(&params[1], Value::Text(word) if word == "in_progress"));
        let filter = Filter { visible_to: Some("u".to_owned()), ..Filter::default() };
        assert_eq!(
            condition(&filter).clause(),
            " where (requester_id = $1 or id in (select ticket_id from ticket_participants where user_id = $1))"
        );
    }
}
