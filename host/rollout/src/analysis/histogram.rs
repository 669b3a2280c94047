//! How long answers took, in few fixed buckets.

/// Buckets: the first ends at 1 ms, each further one at 1.2 times the one before, the last but one at 82 s; the last
/// one holds the rest. Two p95 differ visibly where they differ by 20 %, far less than what fails a release.
pub(super) const BUCKETS: usize = 64;
const GROWTH: f64 = 1.2;

/// Counts by duration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    pub(super) counts: [u64; BUCKETS],
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: [0; BUCKETS] }
    }
}

impl Histogram {
    /// How many were counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The end in milliseconds of the bucket in which the quantile `share` (0 to 1) lies; 0 where nothing was counted.
    pub fn quantile_ms(&self, share: f64) -> f64 {
        self.quantile(share).map_or(0.0, end_ms)
    }

    /// The bucket in which a quantile lies.
    pub(super) fn quantile(&self, share: f64) -> Option<usize> {
        let wanted = float(self.total()) * share;
        let mut seen = 0;
        self.counts.iter().position(|count| {
            seen += count;
            seen > 0 && float(seen) >= wanted
        })
    }

    /// How many were longer than the bucket.
    pub(super) fn above(&self, bucket: usize) -> u64 {
        self.counts.iter().skip(bucket.saturating_add(1)).sum()
    }

    pub(super) fn since(&self, earlier: &Self) -> Self {
        let mut rest = self.clone();
        for (mine, theirs) in rest.counts.iter_mut().zip(&earlier.counts) {
            *mine = mine.saturating_sub(*theirs);
        }
        rest
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine = mine.saturating_add(*theirs);
        }
    }
}

/// The bucket of a duration.
pub(super) fn bucket(ms: f64) -> usize {
    let mut end = 1.0;
    for bucket in 0..BUCKETS.saturating_sub(1) {
        if ms <= end {
            return bucket;
        }
        end *= GROWTH;
    }
    BUCKETS.saturating_sub(1)
}

fn end_ms(bucket: usize) -> f64 {
    GROWTH.powi(i32::try_from(bucket).unwrap_or(i32::MAX))
}

/// Counts as real numbers; beyond 4 billion all are the same.
pub(super) fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_at_most_a_fifth_too_long() {
        let mut histogram = Histogram::default();
        assert!((histogram.quantile_ms(0.95) - 0.0).abs() < f64::EPSILON);
        (1..=1000).for_each(|ms| histogram.counts[bucket(f64::from(ms))] += 1);
        for share in [0.01, 0.5, 0.95, 1.0] {
            let (exact, found) = (1000.0 * share, histogram.quantile_ms(share));
            assert!(found >= exact * 0.999 && found <= exact * 1.21, "{share}: {found}");
        }
        assert_eq!(histogram.total(), 1000);
        assert_eq!(bucket(0.0), 0);
        assert_eq!(bucket(f64::MAX), BUCKETS - 1);
        assert!(end_ms(BUCKETS - 2) > 80_000.0);
    }
}
