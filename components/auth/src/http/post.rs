//! Mails about accounts. They go out directly and after the answer: no code lies in a queue, and how long an answer
//! takes does not tell whether a mail goes with it.

use std::future::Future;

use sdk::{log, mail};
use serde_json::json;
use uuid::Uuid;

use crate::domain::letter::{Letter, mailbox};
use crate::domain::user::User;

/// A letter to somebody.
#[derive(Debug)]
pub(super) struct Post {
    user_id: Uuid,
    to: String,
    text: String,
    letter: Letter,
}

impl Post {
    pub(super) fn new(user: &User, letter: Letter) -> Self {
        let name = user.full_name();
        Self { user_id: user.id, to: mailbox(&name, &user.email), text: letter.text(&name), letter }
    }

    /// Sends it. A failure is logged and goes no further: nobody's request depends on a mail, and whoever waits for a
    /// code can ask for another.
    pub(super) async fn send(self) {
        let Self { user_id, to, text, letter } = self;
        let subject = letter.subject.to_owned();
        let message = mail::Message { to, subject, text, html: None, idempotency_key: None };
        if let Err(error) = mail::send(message).await {
            let fields = json!({ "user.id": user_id, "mail.kind": letter.kind, "reason": error.to_string() });
            log::error("a mail about an account was not sent", &fields);
        }
    }
}

/// Sends letters once the answer is on its way.
pub(super) fn after_answer(posts: Vec<Post>) {
    if !posts.is_empty() {
        later(async {
            for post in posts {
                post.send().await;
            }
        });
    }
}

/// Runs work that the answer does not wait for. The host keeps the instance until it is done, within the deadline of
/// the request, also when the caller has gone.
pub(super) fn later(work: impl Future<Output = ()> + 'static) {
    spin_sdk::wasip3::spawn(work);
}
