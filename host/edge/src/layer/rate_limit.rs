//! How often one client may ask: a leaky bucket per address (GCRA).

use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};

use crate::Rate;

/// Shards, so that connections on different threads seldom wait for one another.
const SHARDS: usize = 16;
/// Buckets of a shard; 16,384 in all, about 1 MiB. Looking through one full shard takes about a microsecond.
const SHARD_CLIENTS_MAX: usize = 1024;
/// The part of an IPv6 address that names one customer; the rest is theirs to choose.
const IPV6_PREFIX: u128 = !0 << 64;

/// Admits requests, or says how long to wait. A refusal costs nothing.
///
/// At most 16,384 clients are remembered. When there are more, the bucket that is nearest to full is forgotten, which
/// forgives that client the least.
#[derive(Debug)]
pub(crate) struct Limiter<C: Clock = DefaultClock> {
    buckets: RateLimiter<IpAddr, Buckets, C, NoOpMiddleware<C::Instant>>,
}

impl Limiter {
    pub(crate) fn new(rate: Rate) -> Self {
        Self::with_clock(rate, DefaultClock::default())
    }
}

impl<C: Clock> Limiter<C> {
    fn with_clock(rate: Rate, clock: C) -> Self {
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        Self { buckets: RateLimiter::new(quota, Buckets::default(), clock) }
    }

    /// # Errors
    /// The time until a request of this client is admitted.
    pub(crate) fn check(&self, client: IpAddr) -> Result<(), Duration> {
        self.buckets.check_key(&bucket_of(client)).map_err(|refusal| refusal.wait_time_from(self.buckets.clock().now()))
    }
}

fn bucket_of(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & IPV6_PREFIX).into(),
    }
}

/// Theoretical arrival times by client.
#[derive(Debug, Default)]
struct Buckets {
    hasher: RandomState,
    shards: [Mutex<HashMap<IpAddr, Nanos>>; SHARDS],
}

impl StateStore for Buckets {
    type Key = IpAddr;

    fn measure_and_replace<T, F, E>(&self, client: &IpAddr, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let hash = self.hasher.hash_one(client);
        let index = usize::try_from(hash % 16).unwrap_or_default();
        let Some(shard) = self.shards.get(index) else { return measure(None).map(|(admitted, _)| admitted) };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= SHARD_CLIENTS_MAX && !shard.contains_key(client) {
            let fullest = shard.iter().min_by_key(|(_, arrival)| **arrival).map(|(client, _)| *client);
            fullest.and_then(|client| shard.remove(&client));
        }
        match shard.entry(*client) {
            Entry::Occupied(mut known) => {
                let (admitted, arrival) = measure(Some(*known.get()))?;
                known.insert(arrival);
                Ok(admitted)
            }
            Entry::Vacant(unknown) => {
                let (admitted, arrival) = measure(None)?;
                unknown.insert(arrival);
                Ok(admitted)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::num::NonZeroU32;

    use governor::clock::FakeRelativeClock;
    use proptest::prelude::*;

    use super::*;

    fn limiter(per_second: u32, burst: u32) -> (Limiter<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let (per_second, burst) = (NonZeroU32::new(per_second).unwrap(), NonZeroU32::new(burst).unwrap());
        (Limiter::with_clock(Rate { per_second, burst }, clock.clone()), clock)
    }

    proptest! {
        #[test]
        fn never_more_than_burst_and_rate_times_time(
            per_second in 1..50_u32, burst in 1..50_u32, pauses_ms in prop::collection::vec(0..400_u64, 1..200),
        ) {
            let (limiter, clock) = limiter(per_second, burst);
            let (mut admitted, mut elapsed_ms) = (0_u64, 0);
            for pause in pauses_ms {
                clock.advance(Duration::from_millis(pause));
                elapsed_ms += pause;
                admitted += u64::from(limiter.check([192, 0, 2, 1].into()).is_ok());
                prop_assert!(admitted * 1000 <= u64::from(burst) * 1000 + u64::from(per_second) * elapsed_ms);
            }
        }

        #[test]
        fn who_waits_as_told_is_admitted(per_second in 1..50_u32, burst in 1..50_u32, requests in 1..200_u32) {
            let (limiter, clock) = limiter(per_second, burst);
            for _ in 0..requests {
                if let Err(wait) = limiter.check([192, 0, 2, 1].into()) {
                    clock.advance(wait);
                    prop_assert_eq!(limiter.check([192, 0, 2, 1].into()), Ok(()));
                }
            }
        }
    }

    #[test]
    fn clients_do_not_share_but_one_ipv6_network_does() {
        let (limiter, _clock) = limiter(1, 1);
        assert!(limiter.check("192.0.2.1".parse().unwrap()).is_ok());
        assert!(limiter.check("192.0.2.2".parse().unwrap()).is_ok());
        assert!(limiter.check("2001:db8:0:1::1".parse().unwrap()).is_ok());
        assert!(limiter.check("2001:db8:0:1:ffff::2".parse().unwrap()).is_err());
        assert!(limiter.check("2001:db8:0:2::1".parse().unwrap()).is_ok());
    }

    #[test]
    fn the_number_of_buckets_is_bounded_and_the_busiest_is_kept() {
        let (limiter, _clock) = limiter(1, 100);
        let busy = IpAddr::from([192, 0, 2, 1]);
        while limiter.check(busy).is_ok() {}
        for number in 0..40_000_u32 {
            assert!(limiter.check(Ipv4Addr::from_bits(number).into()).is_ok());
        }
        assert!(limiter.check(busy).is_err());
        let shards = limiter.buckets.into_state_store().shards;
        let count: usize = shards.iter().map(|shard| shard.lock().unwrap().len()).sum();
        assert_eq!(count, SHARDS * SHARD_CLIENTS_MAX);
    }
}
