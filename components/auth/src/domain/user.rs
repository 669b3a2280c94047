//! A person as this service knows them.

use uuid::Uuid;

/// Whether somebody works for the help desk's systems or asks it for help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserType {
    Staff,
    Employee,
}

impl UserType {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Employee => "employee",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Staff, Self::Employee].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Whether an administrator let somebody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Approval {
    Pending,
    Approved,
    Rejected,
}

impl Approval {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Approved, Self::Rejected].into_iter().find(|approval| approval.as_str() == text)
    }
}

/// An active role of somebody in a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoleHeld {
    pub(crate) system: String,
    pub(crate) role: String,
}

/// A person with their active roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) username: String,
    pub(crate) kind: UserType,
    pub(crate) first_name: String,
    pub(crate) middle_name: Option<String>,
    pub(crate) last_name: String,
    pub(crate) suffix: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) company_no: i64,
    pub(crate) department: Option<String>,
    pub(crate) approval: Approval,
    pub(crate) is_active: bool,
    pub(crate) is_superuser: bool,
    pub(crate) otp_enabled: bool,
    /// Sessions of an older epoch are over.
    pub(crate) token_epoch: i64,
    pub(crate) roles: Vec<RoleHeld>,
}

impl User {
    /// The name to show, with the suffix where there is one.
    pub(crate) fn full_name(&self) -> String {
        let name = format!("{} {}", self.first_name, self.last_name);
        match &self.suffix {
            Some(suffix) => format!("{name} {suffix}"),
            None => name,
        }
    }

    /// The company's number for the person, for example `MA0042`.
    pub(crate) fn company_id(&self) -> String {
        format!("MA{:04}", self.company_no)
    }
}

/// An address as it is stored and compared: without blanks around it, in lower case.
pub(crate) fn normal_email(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Whether a text can be an e-mail address: one `@` with something before it and a dotted domain behind it, at most
/// 254 bytes (RFC 5321), no blanks. Whether it exists only a mail can tell.
pub(crate) fn is_email(text: &str) -> bool {
    let plain = text.len() <= 254 && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    let parts = text.split_once('@');
    plain
        && parts.is_some_and(|(local, domain)| {
            !local.is_empty()
                && !domain.contains('@')
                && domain.split('.').count() > 1
                && !domain.split('.').any(str::is_empty)
        })
}

#[cfg(test)]
pub(crate) fn example() -> User {
    User {
        id: Uuid::nil(),
        email: "ada@example.org".to_owned(),
        username: "ada".to_owned(),
        kind: UserType::Employee,
        first_name: "Ada".to_owned(),
        middle_name: None,
        last_name: "Stone".to_owned(),
        suffix: None,
        phone: None,
        company_no: 42,
        department: None,
        approval: Approval::Approved,
        is_active: true,
        is_superuser: false,
        otp_enabled: false,
        token_epoch: 0,
        roles: vec![RoleHeld { system: "hdts".to_owned(), role: "Employee".to_owned() }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_texts() {
        for good in ["a@b.c", "first.last+tag@sub.example.org"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@",
            "@b.c",
            "a@b",
            "a@b..c",
            "a@@b.c",
            "a b@c.d",
            "a@b.c\n",
            &format!("{}@b.c", "a".repeat(251)),
        ] {
            assert!(!is_email(bad), "{bad}");
        }
        assert_eq!(normal_email(" Ada@Example.ORG "), "ada@example.org");
    }

    #[test]
    fn people_are_shown_with_suffix_and_company_number() {
        let user = User { suffix: Some("Jr.".to_owned()), ..example() };
        assert_eq!((user.full_name().as_str(), user.company_id().as_str()), ("Ada Stone Jr.", "MA0042"));
    }
}
