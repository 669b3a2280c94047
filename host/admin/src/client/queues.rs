//! What is asked about queues, and done to them.

use super::{Client, LONG, SHORT};
use crate::{Changed, DeadLetterView, Error, Paused, QueueView, Which};

impl Client {
    /// Every queue.
    ///
    /// # Errors
    /// As every call.
    pub async fn queues(&self) -> Result<Vec<QueueView>, Error> {
        self.get("/v1/queues", SHORT).await
    }

    /// The oldest dead letters of a queue, at most `limit` and at most 100; with `bodies` what they carry.
    ///
    /// # Errors
    /// [`Error::Refused`] where there is no such queue.
    pub async fn dead_letters(&self, queue: &str, limit: u32, bodies: bool) -> Result<Vec<DeadLetterView>, Error> {
        self.get(&format!("/v1/queues/{}/dead?limit={limit}&body={bodies}", encoded(queue)), SHORT).await
    }

    /// Makes dead letters ordinary messages again.
    ///
    /// # Errors
    /// [`Error::Refused`] where there is no such queue, nobody works it, or none of the ids is there.
    pub async fn redrive(&self, queue: &str, which: &Which) -> Result<Changed, Error> {
        self.post(&format!("/v1/queues/{}/redrive", encoded(queue)), which, LONG).await
    }

    /// Forgets dead letters for good.
    ///
    /// # Errors
    /// [`Error::Refused`] where there is no such queue, or none of the ids is there.
    pub async fn discard(&self, queue: &str, which: &Which) -> Result<Changed, Error> {
        self.post(&format!("/v1/queues/{}/discard", encoded(queue)), which, LONG).await
    }

    /// Has the messages of a queue wait, or go on.
    ///
    /// # Errors
    /// [`Error::Refused`] where there is no such queue, or nobody works it.
    pub async fn set_paused(&self, queue: &str, paused: bool) -> Result<Paused, Error> {
        let verb = if paused { "pause" } else { "resume" };
        self.post(&format!("/v1/queues/{}/{verb}", encoded(queue)), &serde_json::Map::new(), SHORT).await
    }
}

/// A name as one segment of a path, whatever somebody typed.
fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_:".contains(&byte);
    let segment = name.bytes().map(|byte| if plain(byte) { char::from(byte).into() } else { format!("%{byte:02X}") });
    segment.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_typed_stays_one_segment() {
        assert_eq!(encoded("cron:tickets"), "cron:tickets");
        assert_eq!(encoded("../a b?c=%é"), "%2E%2E%2Fa%20b%3Fc%3D%25%C3%A9");
        assert_eq!(encoded(""), "");
    }
}
