//! `POST /api/v1/auth/register`: an employee asks to be let in.

use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode};
use sdk::http::Json;
use sdk::problem::Invalid;
use sdk::sql;
use sdk::{Problem, clock, password};
use serde::Deserialize;
use serde_json::json;

use super::caller;
use super::change::{By, announce, audit, invalid_field, taken};
use super::limits::{count, too_many};
use super::view::Profile;
use crate::domain::access::{EMPLOYEE, HELP_DESK};
use crate::domain::limit;
use crate::domain::password::{Names, weakness};
use crate::domain::profile::{Edit, Setting, given, is_mailable, username_of};
use crate::domain::user::{Approval, User, UserType, normal_email};
use crate::store::accounts;
use crate::store::journal::Caller;

#[derive(Deserialize)]
pub(super) struct Application {
    email: String,
    username: Option<String>,
    password: String,
    password_confirm: Option<String>,
    first_name: String,
    middle_name: Option<String>,
    last_name: String,
    suffix: Option<String>,
    #[serde(alias = "phone_number")]
    phone: Option<String>,
    /// Code or name.
    department: Option<String>,
}

impl Application {
    /// The person as they would be, or every field that is wrong. The department is not looked at yet.
    fn check(self) -> Result<User, Problem> {
        let mut wrong = Invalid::new();
        let email = normal_email(&self.email);
        wrong.check(is_mailable(&email), "email", "is no e-mail address that a mail can be sent to");
        let username = given(self.username).unwrap_or_else(|| username_of(&email));
        let same = self.password_confirm.as_ref().is_none_or(|confirm| *confirm == self.password);
        if let Some(weakness) = weakness(&self.password, Names { username: &username, email: &email }) {
            wrong.add("password", weakness);
        }
        wrong.check(same, "password_confirm", "is not the same");
        let edit = Edit {
            username: Some(username),
            phone: Setting::To(self.phone),
            first_name: Some(self.first_name),
            middle_name: Setting::To(self.middle_name),
            last_name: Some(self.last_name),
            suffix: Setting::To(self.suffix),
            department: Setting::To(self.department),
            is_active: None,
        };
        let edit = edit.checked().map_err(|fields| {
            for (field, message) in fields {
                wrong.add(field, message);
            }
        });
        wrong.finish()?;
        // What is wrong was told above.
        Ok(edit.unwrap_or_default().apply(&nobody(email)))
    }
}

/// Somebody of whom only the address is known.
fn nobody(email: String) -> User {
    User {
        id: sdk::id::new(),
        email,
        username: String::new(),
        kind: UserType::Employee,
        first_name: String::new(),
        middle_name: None,
        last_name: String::new(),
        suffix: None,
        phone: None,
        company_no: 0,
        department: None,
        approval: Approval::Pending,
        is_active: true,
        is_superuser: false,
        otp_enabled: false,
        token_epoch: 0,
        roles: Vec::new(),
    }
}

/// Adds the person as pending; an administrator of the help desk decides.
pub(super) async fn register(headers: HeaderMap, Json(input): Json<Application>) -> Result<Response, Problem> {
    let chosen = input.password.clone();
    let user = input.check()?;
    let caller = caller(&headers);
    sql::retry(|| async {
        let tx = sql::begin().await?;
        let address = caller.address.as_deref().unwrap_or_default();
        count(&tx, limit::REGISTER_ADDRESS, address, clock::now()).await?.map_err(too_many)?;
        Ok::<_, Problem>(tx.commit().await?)
    })
    .await?;
    let hash = password::hash(&chosen).await?;
    let user = sql::retry(|| save(&user, &hash, &caller)).await?;
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(Profile::from(user))).into_response())
}

async fn save(user: &User, hash: &str, caller: &Caller) -> Result<User, Problem> {
    let tx = sql::begin().await?;
    let now = clock::now();
    let mut user = user.clone();
    if let Some(department) = &user.department {
        let known = accounts::department(&tx, department).await?;
        user.department = Some(known.ok_or_else(|| invalid_field("department", "is not known"))?);
    }
    if let Some(field) = accounts::taken(&tx, &user).await? {
        return Err(taken(field));
    }
    user.company_no = accounts::next_company_no(&tx).await?;
    accounts::add(&tx, &user, hash, now).await?;
    if !accounts::give(&tx, user.id, (HELP_DESK, EMPLOYEE), now).await? {
        return Err(Problem::unavailable(format!("there is no role {HELP_DESK}/{EMPLOYEE}")));
    }
    let user = announce(&tx, user.id, now).await?;
    let changes = json!({ "email": user.email, "username": user.username });
    audit(&tx, By { actor: None, caller }, ("account.registered", user.id), changes, now).await?;
    tx.commit().await?;
    Ok(user)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn application(email: &str) -> Application {
        Application {
            email: email.to_owned(),
            username: None,
            password: "kettle-on-the-hob".to_owned(),
            password_confirm: None,
            first_name: " Ada ".to_owned(),
            middle_name: Some(String::new()),
            last_name: "Stone".to_owned(),
            suffix: None,
            phone: None,
            department: None,
        }
    }

    #[test]
    fn a_newcomer_is_an_employee_who_waits() {
        let user = application(" Ada.Stone@Example.org ").check().unwrap();
        assert_eq!((user.email.as_str(), user.username.as_str()), ("ada.stone@example.org", "ada.stone"));
        assert_eq!((user.first_name.as_str(), user.middle_name.as_deref()), ("Ada", None));
        assert_eq!((user.kind, user.approval, user.is_active), (UserType::Employee, Approval::Pending, true));
        assert!(!user.is_superuser && user.roles.is_empty());
    }

    #[test]
    fn every_wrong_field_of_an_application_is_named() {
        let wrong = Application {
            password: "short".to_owned(),
            password_confirm: Some("other".to_owned()),
            first_name: String::new(),
            phone: Some("12".to_owned()),
            ..application("nobody")
        };
        let problem = wrong.check().unwrap_err();
        let fields: Vec<_> = problem.errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["email", "password", "password_confirm", "first_name", "phone"]);
    }
}
