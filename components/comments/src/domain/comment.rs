//! A comment: what it may say, and what may happen to it.

use uuid::Uuid;

use super::actor::{Actor, Standing};

/// Longest comment, in characters.
const CONTENT_MAX: usize = 5_000;
/// Answers to one comment. Nobody reads more, and all of them at their longest fit one answer of the database.
pub(crate) const REPLIES_MAX: i64 = 500;

/// Who may see a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visibility {
    /// Everybody who takes part in the ticket.
    Public,
    /// Those of them who are not its requester.
    Internal,
}

impl Visibility {
    /// The form in the database and the API.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
        }
    }

    /// Reads the stored form.
    pub(crate) fn read(code: &str) -> Option<Self> {
        [Self::Public, Self::Internal].into_iter().find(|visibility| visibility.code() == code)
    }
}

/// What an author was to the ticket when they wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoleLabel {
    Requester,
    Agent,
    Coordinator,
    Admin,
}

impl RoleLabel {
    const ALL: [Self; 4] = [Self::Requester, Self::Agent, Self::Coordinator, Self::Admin];

    /// The form in the database and the API.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Requester => "Requester",
            Self::Agent => "Agent",
            Self::Coordinator => "Coordinator",
            Self::Admin => "Admin",
        }
    }

    /// Reads the stored form.
    pub(crate) fn read(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.label() == label)
    }
}

/// Who wrote a comment, as they were called then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Author {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) role: RoleLabel,
}

/// A comment on a ticket, or an answer to one. Moments are microseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    pub(crate) id: Uuid,
    pub(crate) number: String,
    pub(crate) author: Author,
    pub(crate) body: String,
    pub(crate) visibility: Visibility,
    pub(crate) parent: Option<Uuid>,
    pub(crate) created_at: i64,
    pub(crate) edited_at: Option<i64>,
    pub(crate) deleted_at: Option<i64>,
}

/// Why something does not happen to a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The caller may not do it; says who may.
    Forbidden(&'static str),
    /// Not as things are.
    State(&'static str),
    /// A field is wrong.
    Invalid { field: &'static str, message: String },
}

/// What somebody wants to say, checked by [`checked_content`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) number: String,
    pub(crate) content: String,
    pub(crate) visibility: Visibility,
}

/// The key of a new comment, and its moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) id: Uuid,
    pub(crate) at: i64,
}

/// The text as it is kept: without space around it, and without control characters but line ends and tabs.
///
/// # Errors
/// [`Refusal::Invalid`] naming `content`, unless 1 to 5,000 characters remain.
pub(crate) fn checked_content(text: &str) -> Result<String, Refusal> {
    let clean: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let clean = clean.trim();
    if (1..=CONTENT_MAX).contains(&clean.chars().count()) {
        return Ok(clean.to_owned());
    }
    Err(Refusal::Invalid { field: "content", message: format!("must have 1 to {CONTENT_MAX} characters") })
}

/// A comment on a ticket.
///
/// # Errors
/// [`Refusal::Forbidden`] for an internal one of the requester.
pub(crate) fn begin(actor: &Actor, standing: Standing, draft: Draft, stamp: Stamp) -> Result<Comment, Refusal> {
    if !standing.sees(draft.visibility) {
        return Err(Refusal::Forbidden("Only staff write internal comments."));
    }
    Ok(Comment {
        id: stamp.id,
        number: draft.number,
        author: actor.author(standing),
        body: draft.content,
        visibility: draft.visibility,
        parent: None,
        created_at: stamp.at,
        edited_at: None,
        deleted_at: None,
    })
}

/// An answer to a comment that has so many already; it is seen by those who see the comment.
///
/// # Errors
/// [`Refusal::Invalid`] for an answer to an answer, [`Refusal::State`] if the comment takes none any more.
pub(crate) fn answer(
    parent: &Comment,
    replies: i64,
    content: String,
    author: Author,
    stamp: Stamp,
) -> Result<Comment, Refusal> {
    if parent.parent.is_some() {
        let message = "is an answer itself; answer the comment above it".to_owned();
        return Err(Refusal::Invalid { field: "parent_id", message });
    }
    if parent.deleted_at.is_some() {
        return Err(Refusal::State("The comment is deleted."));
    }
    if replies >= REPLIES_MAX {
        return Err(Refusal::State("The comment has as many answers as it can; begin a new one."));
    }
    Ok(Comment {
        id: stamp.id,
        number: parent.number.clone(),
        author,
        body: content,
        visibility: parent.visibility,
        parent: Some(parent.id),
        created_at: stamp.at,
        edited_at: None,
        deleted_at: None,
    })
}

impl Comment {
    /// The comment with another text; nothing if it is the same.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] to all but its author and administrators, [`Refusal::State`] once it is deleted.
    pub(crate) fn edit(&self, actor: &Actor, content: &str, now: i64) -> Result<Option<Self>, Refusal> {
        self.may_change(actor)?;
        if self.body == content {
            return Ok(None);
        }
        Ok(Some(Self { body: content.to_owned(), edited_at: Some(now), ..self.clone() }))
    }

    /// The comment deleted. Its text stays in the database, out of everybody's sight.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub(crate) fn delete(&self, actor: &Actor, now: i64) -> Result<Self, Refusal> {
        self.may_change(actor)?;
        Ok(Self { deleted_at: Some(now), ..self.clone() })
    }

    /// Passes if it can be rated.
    ///
    /// # Errors
    /// [`Refusal::State`] once it is deleted.
    pub(crate) fn rate(&self) -> Result<(), Refusal> {
        if self.deleted_at.is_some() { Err(Refusal::State("The comment is deleted.")) } else { Ok(()) }
    }

    fn may_change(&self, actor: &Actor) -> Result<(), Refusal> {
        if !actor.may_change(self.author.id) {
            return Err(Refusal::Forbidden("Only the author and administrators change a comment."));
        }
        self.rate()
    }
}

#[cfg(test)]
mod tests;
