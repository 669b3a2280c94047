//! Latencies in buckets that are at most 3 % wide.

const OCTAVE: u64 = 32;
const BUCKETS: usize = 800;

/// Counts by microseconds.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Vec<u64>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS] }
    }
}

impl Histogram {
    pub(super) fn add(&mut self, us: u64) {
        self.counts[bucket(us).min(BUCKETS - 1)] += 1;
    }

    /// Counts what the other has counted as well.
    pub fn merge(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(own, theirs)| *own += theirs);
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The quantile `permille` in milliseconds; 0 where nothing was counted.
    pub fn quantile_ms(&self, permille: u64) -> f64 {
        let wanted = (self.total() * permille).div_ceil(1000).max(1);
        let mut seen = 0;
        let place = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        });
        place.map_or(0.0, |place| f64::from(u32::try_from(end(place)).unwrap_or(u32::MAX)) / 1000.0)
    }
}

/// Up to twice the octave exactly; from there on this many buckets to each doubling.
fn bucket(us: u64) -> usize {
    let shift = (us / OCTAVE).max(1).ilog2();
    usize::try_from(u64::from(shift) * OCTAVE + (us >> shift)).unwrap()
}

fn end(bucket: usize) -> u64 {
    let bucket = u64::try_from(bucket).unwrap();
    let shift = (bucket / OCTAVE).saturating_sub(1);
    (((bucket - shift * OCTAVE) + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_ends_at_most_a_thirtieth_after_what_is_in_it() {
        let mut last = 0;
        for us in (0..5_000).chain((5_000..30_000_000).step_by(997)) {
            let place = bucket(us);
            assert!(place < BUCKETS && place >= last, "{us}");
            last = place;
            assert!(end(place) >= us && end(place) - us <= us / 30 + 1, "{us}: {place} {}", end(place));
        }
    }

    #[test]
    fn quantiles_are_those_of_the_numbers() {
        let mut histogram = Histogram::default();
        (1..=1000).for_each(|ms| histogram.add(ms * 1000));
        for (permille, ms) in [(500, 500.0), (990, 990.0), (1000, 1000.0)] {
            let found = histogram.quantile_ms(permille);
            assert!(found >= ms && found <= ms * 1.04, "{permille}: {found}");
        }
    }
}
