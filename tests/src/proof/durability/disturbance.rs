//! What happens to servers and hosts.

use std::fmt;
use std::time::Duration;

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disturbance {
    /// SIGKILL to the broker, which is started again.
    BrokerKilled,
    /// The database server stops without a checkpoint, and is started again.
    DatabaseStopped,
    /// SIGKILL to the host, which is started again.
    HostKilled,
    /// The network between host and broker carries nothing for this long.
    NetworkCut(Duration),
    /// The broker takes no messages for this long: its memory is full.
    MemoryAlarm(Duration),
}

impl Disturbance {
    /// So many of each kind in turn, those that come once in the middle.
    pub fn mixed(brokers: usize, databases: usize, hosts: usize, once: &[Self]) -> Vec<Self> {
        let kinds = [(Self::BrokerKilled, brokers), (Self::DatabaseStopped, databases), (Self::HostKilled, hosts)];
        let rounds = brokers.max(databases).max(hosts);
        let mut list = Vec::new();
        for round in 0..rounds {
            // Each kind is spread over all rounds.
            list.extend(
                kinds.iter().filter(|(_, n)| (round + 1) * n / rounds > round * n / rounds).map(|(kind, _)| *kind),
            );
        }
        let middle = list.len() / 2;
        list.splice(middle..middle, once.iter().copied());
        list
    }
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokerKilled => f.write_str("broker killed"),
            Self::DatabaseStopped => f.write_str("database stopped at once"),
            Self::HostKilled => f.write_str("host killed"),
            Self::NetworkCut(time) => write!(f, "network to the broker cut for {} s", time.as_secs()),
            Self::MemoryAlarm(time) => write!(f, "memory alarm of the broker for {} s", time.as_secs()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_comes_as_often_as_asked() {
        let once = [Disturbance::NetworkCut(Duration::from_secs(1))];
        let list = Disturbance::mixed(3, 2, 6, &once);
        let count = |kind| list.iter().filter(|one| **one == kind).count();
        assert_eq!(
            (count(Disturbance::BrokerKilled), count(Disturbance::DatabaseStopped), count(Disturbance::HostKilled)),
            (3, 2, 6)
        );
        assert_eq!((count(once[0]), list.len()), (1, 12));
    }
}
