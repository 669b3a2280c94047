//! When the power goes.

use std::collections::BTreeMap;
use std::process::Command;
use std::thread::JoinHandle;

use tests::host::Host;

/// Most requests that an onlooker makes between the beginning of a step and its cut. A step of the journey with all
/// that follows from it takes some tens of milliseconds.
const LOOKS_MAX: u64 = 50;

/// The steps within which the power goes, and how many looks of an onlooker after their beginning.
#[derive(Debug)]
pub(super) struct Power {
    cuts: BTreeMap<usize, u64>,
}

impl Power {
    /// It stays.
    pub(super) const fn steady() -> Self {
        Self { cuts: BTreeMap::new() }
    }

    /// It goes in `cuts` of the `steps`, chosen afresh each time.
    pub(super) fn failing(cuts: usize, steps: usize) -> Self {
        assert!(cuts <= steps, "at most one cut in a step");
        let mut random = Random::seeded();
        let mut chosen = BTreeMap::new();
        while chosen.len() < cuts {
            let step = usize::try_from(random.below(u64::try_from(steps).unwrap())).unwrap();
            chosen.entry(step).or_insert_with(|| random.below(LOOKS_MAX));
        }
        Self { cuts: chosen }
    }

    /// If it goes in this step: somebody who takes it away.
    pub(super) fn cut(&mut self, step: usize, host: &Host) -> Option<JoinHandle<()>> {
        let looks = self.cuts.remove(&step)?;
        let (admin, pid) = (host.admin(), host.pid());
        Some(std::thread::spawn(move || {
            (0..looks).for_each(|_| drop(admin.get("/livez")));
            let killed = Command::new("kill").args(["-KILL", &pid.to_string()]).status().unwrap();
            assert!(killed.success(), "it was there to be killed");
        }))
    }
}

/// Numbers that nobody can guess, from the hasher's random keys (splitmix64).
struct Random(u64);

impl Random {
    fn seeded() -> Self {
        use std::hash::{BuildHasher, Hasher};
        Self(std::collections::hash_map::RandomState::new().build_hasher().finish())
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
