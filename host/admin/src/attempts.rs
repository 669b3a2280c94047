//! How often a wrong token may be tried.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Wrong tokens at once from one address: somebody who mends a pipeline does not need more.
const BURST: u32 = 10;
/// Then one in this time.
const REFILL: Duration = Duration::from_secs(6);
/// Addresses remembered. With more, the one that may try soonest is forgotten.
const ADDRESSES_MAX: usize = 1024;

/// Wrong tokens by address (IPv6: by /64 network).
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<HashMap<IpAddr, Instant>>);

impl Attempts {
    /// How long this address has to wait before its token is looked at; `None`: not at all.
    pub(crate) fn wait(&self, address: IpAddr) -> Option<Duration> {
        let free = *self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&network(address))?;
        let ahead = free.saturating_duration_since(Instant::now());
        let allowed = REFILL.saturating_mul(BURST.saturating_sub(1));
        ahead.checked_sub(allowed).filter(|wait| !wait.is_zero())
    }

    /// One more wrong token.
    pub(crate) fn failed(&self, address: IpAddr) {
        let now = Instant::now();
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() >= ADDRESSES_MAX {
            free.retain(|_, instant| *instant > now);
        }
        if free.len() >= ADDRESSES_MAX {
            let soonest = free.iter().min_by_key(|(_, instant)| **instant).map(|(address, _)| *address);
            soonest.and_then(|address| free.remove(&address));
        }
        let instant = free.entry(network(address)).or_insert(now);
        *instant = (*instant).max(now) + REFILL;
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn ten_wrong_tokens_and_then_one_in_six_seconds() {
        let attempts = Attempts::default();
        let address = "192.0.2.1".parse().unwrap();
        for _ in 0..10 {
            assert_eq!(attempts.wait(address), None);
            attempts.failed(address);
        }
        assert_eq!(attempts.wait(address), Some(REFILL));
        assert_eq!(attempts.wait("192.0.2.2".parse().unwrap()), None);
        tokio::time::advance(REFILL).await;
        assert_eq!(attempts.wait(address), None);
        attempts.failed(address);
        assert_eq!(attempts.wait(address), Some(REFILL));
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_is_one_address_and_few_are_remembered() {
        let attempts = Attempts::default();
        let of = |text: &str| text.parse::<IpAddr>().unwrap();
        (0..10).for_each(|_| attempts.failed(of("2001:db8::1")));
        assert!(attempts.wait(of("2001:db8::ffff")).is_some());
        assert!(attempts.wait(of("2001:db8:0:1::1")).is_none());
        (0..5000u32).for_each(|n| attempts.failed(IpAddr::from(n.to_be_bytes())));
        assert_eq!(attempts.0.lock().unwrap().len(), ADDRESSES_MAX);
        assert!(attempts.wait(of("2001:db8::1")).is_some());
    }
}
