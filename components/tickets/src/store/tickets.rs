//! The tickets' table: numbers, one ticket, pages of tickets.

use sdk::clock::Timestamp;
use sdk::sql::{self, Error, Row, Transaction, Value};

use super::{at, json, maybe_at, unknown, uuid};
use crate::domain::{self, Approval, CloseKind, Closing, Person, Priority, Reason, Status, Ticket};

/// The last sequence of a day that fits a number.
const SEQUENCE_MAX: i64 = 999_999;

/// Takes the next number of the day of `now` (microseconds since 1970). The counter's row stays locked until the end
/// of the transaction, so that numbers have no gaps by rollback.
///
/// # Errors
/// [`Error::Unavailable`] after 999,999 tickets of one day; else those of [`Transaction::query`].
pub(crate) async fn next_number(tx: &Transaction, now: i64) -> Result<String, Error> {
    let day = domain::day_key(now);
    let rows = tx
        .query(
            "insert into ticket_number_counter (day, last_issued) values ($1, 1) \
             on conflict (day) do update set last_issued = ticket_number_counter.last_issued + 1 \
             where ticket_number_counter.last_issued < 999999 returning last_issued",
            [Value::from(&day)],
        )
        .await?;
    let sequence = rows.first().map(|row| row.get::<i64>("last_issued")).transpose()?;
    sequence
        .filter(|n| *n <= SEQUENCE_MAX)
        .map(|n| domain::number(&day, n))
        .ok_or_else(|| Error::Unavailable("every number of this day is taken".to_owned()))
}

/// Stores a new ticket.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn insert(tx: &Transaction, ticket: &Ticket, source: &str) -> Result<(), Error> {
    let requester = serde_json::json!({
        "id": ticket.requester.id, "email": ticket.requester.email, "full_name": ticket.requester.full_name,
    });
    tx.execute(
        "insert into tickets (id, number, requester_id, requester_snapshot, subject, category_code, subcategory_code, \
         description, scheduled_on, details, extra, status, source, submitted_at, updated_at, row_version) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        vec![
            uuid(&ticket.id),
            (&ticket.number).into(),
            uuid(&ticket.requester.id),
            requester.into(),
            (&ticket.subject).into(),
            (&ticket.category).into(),
            ticket.sub_category.clone().into(),
            (&ticket.description).into(),
            ticket.scheduled_on.clone().into(),
            json(&ticket.details),
            json(&ticket.extra),
            ticket.status.code().into(),
            source.into(),
            at(ticket.submitted_at),
            at(ticket.updated_at),
            ticket.row_version.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Writes everything a decision can change, if the ticket is still as it was loaded: its version one less than now.
/// False if somebody else was faster.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn update(tx: &Transaction, ticket: &Ticket) -> Result<bool, Error> {
    let approval = ticket.approval.as_ref();
    let (rejection, withdrawal) = (ticket.rejection.as_ref(), ticket.withdrawal.as_ref());
    let params = vec![
        ticket.status.code().into(),
        ticket.priority.map(Priority::code).into(),
        ticket.department.clone().into(),
        maybe_at(ticket.first_response_at),
        maybe_at(approval.map(|it| it.at)),
        approval.map_or(Value::Null, |it| uuid(&it.by.id)),
        approval.map(|it| it.by.full_name.clone()).into(),
        approval.and_then(|it| it.notes.clone()).into(),
        maybe_at(rejection.map(|it| it.at)),
        rejection.map_or(Value::Null, |it| uuid(&it.by)),
        rejection.map(|it| it.text.clone()).into(),
        maybe_at(withdrawal.map(|it| it.at)),
        withdrawal.map(|it| it.text.clone()).into(),
        maybe_at(ticket.resolved_at),
        maybe_at(ticket.closing.map(|it| it.at)),
        ticket.closing.map(|it| it.kind.code()).into(),
        ticket.assignee_name.clone().into(),
        at(ticket.updated_at),
        ticket.row_version.into(),
        uuid(&ticket.id),
        (ticket.row_version - 1).into(),
    ];
    let changed = tx
        .execute(
            "update tickets set status = $1, priority = $2, department = $3, first_response_at = $4, \
             approved_at = $5, approved_by = $6, approved_by_name = $7, approval_notes = $8, \
             rejected_at = $9, rejected_by = $10, rejection_reason = $11, withdrawn_at = $12, withdraw_reason = $13, \
             resolved_at = $14, closed_at = $15, close_kind = $16, assignee_name = $17, updated_at = $18, \
             row_version = $19 where id = $20 and row_version = $21",
            params,
        )
        .await?;
    Ok(changed == 1)
}

/// One ticket.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn by_number(number: &str) -> Result<Option<Ticket>, Error> {
    let rows = sql::query(
        "select t.*, r.stars from tickets t left join ticket_ratings r on r.ticket_id = t.id where t.number = $1",
        [number.into()],
    )
    .await?;
    rows.first().map(ticket).transpose()
}

fn ticket(row: &Row) -> Result<Ticket, Error> {
    let time = |column| row.get::<Option<Timestamp>>(column).map(|at| at.map(|at| at.0));
    let text = |column| row.get::<Option<String>>(column);
    let approval = match (time("approved_at")?, text("approved_by")?) {
        (Some(at), Some(id)) => {
            let full_name = text("approved_by_name")?.unwrap_or_default();
            let by = Person { id, email: String::new(), full_name };
            Some(Approval { at, by, notes: text("approval_notes")? })
        }
        _ => None,
    };
    let reason = |at: Option<i64>, by: Option<String>, why: Option<String>| match (at, by, why) {
        (Some(at), Some(by), Some(text)) => Some(Reason { at, by, text }),
        _ => None,
    };
    let closing = match (time("closed_at")?, text("close_kind")?) {
        (Some(at), Some(kind)) => {
            Some(Closing { at, kind: CloseKind::read(&kind).ok_or_else(|| unknown("close_kind", &kind))? })
        }
        _ => None,
    };
    let requester_id: String = row.get("requester_id")?;
    let rejection = reason(time("rejected_at")?, text("rejected_by")?, text("rejection_reason")?);
    let withdrawal = reason(time("withdrawn_at")?, Some(requester_id.clone()), text("withdraw_reason")?);
    Ok(Ticket {
        id: row.get("id")?,
        number: row.get("number")?,
        requester: requester(row, requester_id)?,
        subject: row.get("subject")?,
        description: row.get("description")?,
        category: row.get("category_code")?,
        sub_category: text("subcategory_code")?,
        scheduled_on: text("scheduled_on")?,
        details: row.get("details")?,
        extra: row.get("extra")?,
        department: text("department")?,
        priority: priority(row)?,
        status: status(row)?,
        submitted_at: row.get::<Timestamp>("submitted_at")?.0,
        first_response_at: time("first_response_at")?,
        approval,
        rejection,
        withdrawal,
        resolved_at: time("resolved_at")?,
        closing,
        assignee_name: text("assignee_name")?,
        stars: row.get::<Option<u32>>("stars")?.and_then(|stars| stars.try_into().ok()),
        updated_at: row.get::<Timestamp>("updated_at")?.0,
        row_version: row.get("row_version")?,
    })
}

fn requester(row: &Row, id: String) -> Result<Person, Error> {
    let snapshot: serde_json::Value = row.get("requester_snapshot")?;
    let word = |name: &str| snapshot.get(name).and_then(|it| it.as_str()).unwrap_or_default().to_owned();
    Ok(Person { id, email: word("email"), full_name: word("full_name") })
}

fn status(row: &Row) -> Result<Status, Error> {
    let word: String = row.get("status")?;
    Status::read(&word).ok_or_else(|| unknown("status", &word))
}

fn priority(row: &Row) -> Result<Option<Priority>, Error> {
    let word: Option<String> = row.get("priority")?;
    word.map(|word| Priority::read(&word).ok_or_else(|| unknown("priority", &word))).transpose()
}

// === pages ===

/// Which tickets are wanted; an absent part does not restrict.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// Only those this person asked for.
    pub(crate) requester: Option<String>,
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
    if let Some(search) = &filter.search {
        params.push(pattern(search).into());
        let n = params.len();
        let term = ["number", "subject", "description"].map(|column| format!("lower({column}) like ${n} escape '!'"));
        terms.push(format!("({})", term.join(" or ")));
    }
    let clause = if terms.is_empty() { String::new() } else { format!(" where {}", terms.join(" and ")) };
    (clause, params)
}

/// The text anywhere, its own wildcards taken literally.
fn pattern(search: &str) -> String {
    let mut pattern = String::from("%");
    for character in search.to_lowercase().chars() {
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
            " where requester_id = $1 and status = $2 and (lower(number) like $3 escape '!' or lower(subject) like $3 \
             escape '!' or lower(description) like $3 escape '!')"
        );
        assert!(matches!(&params[0], Value::Uuid(id) if id == "u"));
        assert!(matches!(&params[1], Value::Text(word) if word == "in_progress"));
        assert!(matches!(&params[2], Value::Text(text) if text == "%50!%!_off!!%"));
    }
}
