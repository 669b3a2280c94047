//! What can be wanted of a task, by whom, whom it takes, and why it may be refused.

use uuid::Uuid;

use super::case::Case;
use super::ticket::Person;

/// The longest notes or reason, in characters.
const NOTES_MAX: usize = 2_000;

/// What somebody, or the system, wants to happen to a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The assignee begins.
    Start {
        /// Their item.
        item: Uuid,
    },
    /// The assignee is done with the step.
    Act {
        /// The way they choose; absent: the task is finished here.
        transition: Option<Uuid>,
        /// What they say; must not be blank.
        notes: String,
        /// The version of the task that they saw.
        row_version: Option<i64>,
    },
    /// The assignee, or an administrator for them, hands the item up.
    Escalate {
        /// Which item.
        item: Uuid,
        /// Why; must not be blank.
        reason: String,
    },
    /// An administrator gives the item to somebody else.
    Transfer {
        /// Which item.
        item: Uuid,
        /// To whom.
        user: Uuid,
        /// Why; must not be blank.
        notes: String,
    },
    /// The ticket ended; so does the work on it.
    Cancel {
        /// Why.
        reason: String,
    },
}

/// A person with a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub person: Person,
    /// Whether they hold Admin in system `tts`.
    pub is_admin: bool,
}

/// On whose behalf a command comes.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// A person's.
    Person(&'a Actor),
    /// A message's or the clock's.
    System,
}

impl By<'_> {
    pub(super) fn person(self) -> Option<Person> {
        match self {
            Self::Person(actor) => Some(actor.person.clone()),
            Self::System => None,
        }
    }
}

/// What a decision takes from outside: the moment, and a key for an item, should there be a new one.
#[derive(Debug, Clone, Copy)]
pub struct Fresh {
    /// Now.
    pub now: i64,
    /// Of nobody else.
    pub item: Uuid,
}

/// Whom a decision has to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// Nobody: there is no new assignee.
    Nobody,
    /// The active holders of a role in `tts`, in rotation.
    Role(String),
    /// This person, if they are active and hold any role in `tts`.
    Member(Uuid),
}

/// Whom the command has to choose from. Of commands that will be refused: nobody.
pub fn needs(case: &Case, command: &Command) -> Need {
    let role = match command {
        Command::Act { transition: Some(id), .. } => {
            let to = case.plan.graph.transition(*id).and_then(|transition| case.plan.graph.step(transition.to));
            to.map(|step| step.role.clone())
        }
        Command::Escalate { item, .. } => {
            case.item(*item).and_then(|item| case.step_of(item)).and_then(|step| step.escalate_role.clone())
        }
        Command::Transfer { user, .. } => return Need::Member(*user),
        Command::Act { transition: None, .. } | Command::Start { .. } | Command::Cancel { .. } => None,
    };
    role.map_or(Need::Nobody, Need::Role)
}

/// Why a command is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It is not theirs to do.
    Forbidden,
    /// A field of the command is not as it must be.
    Invalid {
        /// Its name in requests.
        field: &'static str,
        /// What it must be, for people.
        message: String,
    },
    /// The item, or the task, does not stand where this could be done.
    Ended {
        /// Where it stands.
        state: &'static str,
    },
    /// The task changed since the caller saw it.
    Stale {
        /// Its version now.
        row_version: i64,
    },
    /// The task does not stand at a step where this could be done.
    Elsewhere {
        /// What can be done: transitions by key and name; without a key: finishing.
        allowed: Vec<(Option<Uuid>, String)>,
    },
    /// It was escalated before; once for each role and task.
    Escalated,
    /// The step names no role to escalate to.
    NoEscalation,
    /// The ticket is not waiting for a task.
    Allocated,
    /// No active person holds the role.
    Nobody {
        /// Which role.
        role: String,
    },
}

/// What somebody must say, trimmed.
pub(super) fn required(field: &'static str, text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::Invalid { field, message: "must not be empty".to_owned() });
    }
    if text.chars().count() > NOTES_MAX {
        return Err(Refusal::Invalid { field, message: format!("must have at most {NOTES_MAX} characters") });
    }
    Ok(text.to_owned())
}
