//! Who holds which role, from the mirror of auth.

use sdk::sql::{self, Error};
use tasks::Person;

/// People named at most: some hundred members of staff are expected, each in a role or two.
const MEMBERS_MAX: i64 = 2_000;

/// A role and its active holders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    /// `tts` or `hdts`.
    pub(crate) system: String,
    /// Its name.
    pub(crate) name: String,
    /// Who holds it, by name.
    pub(crate) members: Vec<Person>,
}

/// The roles whose holders work on tasks, in `tts`, or may own them, in `hdts`.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn roles() -> Result<Vec<Role>, Error> {
    let statement = format!(
        "select m.system, m.role, p.user_id, p.full_name, p.email from role_members_ref m \
         join people_ref p on p.user_id = m.user_id \
         where p.is_active and (m.system = 'tts' or m.system = 'hdts' and m.role = 'Ticket Coordinator') \
         order by m.system desc, m.role, p.full_name, p.user_id limit {MEMBERS_MAX}"
    );
    let mut roles: Vec<Role> = Vec::new();
    for row in sql::query(&statement, []).await? {
        let (system, name): (String, String) = (row.get("system")?, row.get("role")?);
        let member = Person { id: row.get("user_id")?, name: row.get("full_name")?, email: row.get("email")? };
        match roles.last_mut().filter(|last| last.system == system && last.name == name) {
            Some(last) => last.members.push(member),
            None => roles.push(Role { system, name, members: vec![member] }),
        }
    }
    Ok(roles)
}
