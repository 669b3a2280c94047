//! Which generation a request goes to. Pure, no allocation, some nanoseconds.

use crate::{Error, ReleaseId};

/// A rollout as the data plane sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// The same through the whole of one rollout and another in the next, so that it is not always the same clients
    /// that go first.
    pub rollout: u64,
    /// The release that serves.
    pub live: ReleaseId,
    /// The release on trial.
    pub candidate: ReleaseId,
    /// Percent of clients that get the candidate; above 100 is 100.
    pub weight: u8,
}

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The release that serves.
    Live,
    /// The release on trial.
    Candidate,
}

/// Places on the ring: a weight is a whole percent.
const PLACES: u64 = 100;

impl Split {
    /// Where a client goes. `key` is what it is known by: its cookie, its user, a message's id.
    ///
    /// A client has one place from 0 to 99 in a rollout and gets the candidate where the weight is above it. So it
    /// never goes back while the weight grows, on any machine and after any restart.
    pub fn side(&self, key: &[u8]) -> Side {
        if place(key, self.rollout) < u64::from(self.weight) { Side::Candidate } else { Side::Live }
    }

    /// The release for a request: the one it is pinned to, at any weight, else by its key.
    ///
    /// # Errors
    /// [`Error::NoRelease`] for a pin that is neither the live one nor the candidate.
    pub fn pick(&self, key: &[u8], pin: Option<ReleaseId>) -> Result<ReleaseId, Error> {
        match pin {
            Some(pin) if pin == self.live || pin == self.candidate => Ok(pin),
            Some(pin) => Err(Error::NoRelease(pin)),
            None => Ok(match self.side(key) {
                Side::Live => self.live,
                Side::Candidate => self.candidate,
            }),
        }
    }
}

/// FNV-1a over the key, started from the rollout, then the finaliser of `MurmurHash3`, which FNV needs in its high
/// bits. No secret: who chooses their key chooses their side, and may.
fn place(key: &[u8], rollout: u64) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ mix(rollout);
    let hash = key.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    // The high 32 bits, scaled: without the bias of a remainder.
    ((mix(hash) >> 32) * PLACES) >> 32
}

fn mix(mut bits: u64) -> u64 {
    bits ^= bits >> 33;
    bits = bits.wrapping_mul(0xff51_afd7_ed55_8ccd);
    bits ^= bits >> 33;
    bits = bits.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    bits ^ (bits >> 33)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(rollout: u64, weight: u8) -> Split {
        Split { rollout, live: ReleaseId(1), candidate: ReleaseId(2), weight }
    }

    fn share(rollout: u64, weight: u8, keys: u32) -> f64 {
        let side = |n: u32| split(rollout, weight).side(format!("client-{n}").as_bytes());
        let hits = (0..keys).filter(|n| side(*n) == Side::Candidate).count();
        f64::from(u32::try_from(hits).unwrap()) / f64::from(keys)
    }

    proptest! {
        #[test]
        fn no_client_goes_back_while_the_weight_grows(key: Vec<u8>, rollout: u64) {
            let sides: Vec<_> = (0..=100).map(|weight| split(rollout, weight).side(&key)).collect();
            let turn = sides.iter().position(|side| *side == Side::Candidate).unwrap();
            prop_assert!(turn > 0 && sides[turn..].iter().all(|side| *side == Side::Candidate));
        }

        #[test]
        fn the_weight_is_the_share_of_clients(rollout: u64, weight in 0_u8..=100) {
            let p = f64::from(weight) / 100.0;
            // Five standard deviations, also over all the cases together.
            let bound = 5.0 * (p * (1.0 - p) / 4_000.0).sqrt() + 1e-9;
            prop_assert!((share(rollout, weight, 4_000) - p).abs() <= bound);
        }

        #[test]
        fn a_pin_counts_at_any_weight(key: Vec<u8>, rollout: u64, weight in 0_u8..=100) {
            let split = split(rollout, weight);
            prop_assert_eq!(split.pick(&key, Some(ReleaseId(1))).unwrap(), ReleaseId(1));
            prop_assert_eq!(split.pick(&key, Some(ReleaseId(2))).unwrap(), ReleaseId(2));
            prop_assert!(split.pick(&key, Some(ReleaseId(3))).is_err());
            let by_key = split.pick(&key, None).unwrap();
            prop_assert_eq!(by_key == ReleaseId(2), split.side(&key) == Side::Candidate);
        }
    }

    #[test]
    fn another_rollout_begins_with_other_clients() {
        let first = |rollout, n: u32| split(rollout, 5).side(&n.to_be_bytes()) == Side::Candidate;
        let both = (0..20_000).filter(|n| first(1, *n) && first(2, *n)).count();
        // 5 % of 5 % of them by chance: 50, with a standard deviation of 7.
        assert!((20..=90).contains(&both), "{both}");
    }

    #[test]
    fn places_never_change_between_versions_of_the_host() {
        let places: Vec<_> = [&b""[..], b"a", b"client-1"].iter().map(|key| place(key, 7)).collect();
        assert_eq!(places, [87, 25, 85]);
    }
}
