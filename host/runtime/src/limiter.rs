//! Counts the memory of one instance, all its linear memories and tables together.

use wasmtime::ResourceLimiter;

/// Bytes charged for one table element: a pointer.
const TABLE_ELEMENT: usize = size_of::<usize>();

/// Refuses growth over the component's limit and remembers that it did, so that the trap which follows in the guest is
/// told apart from any other.
#[derive(Debug)]
pub struct Limiter {
    limit: usize,
    used: usize,
    last_growth: usize,
    refused: bool,
}

impl Limiter {
    /// `limit` in bytes.
    pub fn new(limit: u64) -> Self {
        Self { limit: usize::try_from(limit).unwrap_or(usize::MAX), used: 0, last_growth: 0, refused: false }
    }

    /// Bytes in use.
    pub fn used(&self) -> usize {
        self.used
    }

    /// Whether a growth was refused since the instance was made.
    pub fn refused(&self) -> bool {
        self.refused
    }

    /// A request begins; what an earlier one was refused is its own affair.
    pub(crate) fn begin(&mut self) {
        self.refused = false;
    }

    fn grow(&mut self, bytes: usize) -> bool {
        let Some(used) = self.used.checked_add(bytes).filter(|used| *used <= self.limit) else {
            self.refused = true;
            return false;
        };
        self.used = used;
        self.last_growth = bytes;
        true
    }

    fn give_back(&mut self) {
        self.used = self.used.saturating_sub(std::mem::take(&mut self.last_growth));
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.grow(desired.saturating_sub(current)))
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        // The engine could not give what was allowed: the slot is smaller than the limit or the machine is full.
        self.refused = true;
        self.give_back();
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.grow(desired.saturating_sub(current).saturating_mul(TABLE_ELEMENT)))
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.give_back();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_memories_and_tables_count_together() {
        let mut limiter = Limiter::new(1000);
        assert!(limiter.memory_growing(0, 600, None).unwrap());
        assert!(limiter.memory_growing(0, 300, None).unwrap());
        assert!(!limiter.refused());
        assert!(!limiter.table_growing(0, 20, None).unwrap());
        assert!(limiter.refused());
        assert_eq!(limiter.used(), 900);
    }

    #[test]
    fn a_failed_growth_is_given_back() {
        let mut limiter = Limiter::new(1000);
        assert!(limiter.memory_growing(100, 600, None).unwrap());
        limiter.memory_grow_failed(wasmtime::Error::msg("full")).unwrap();
        assert_eq!(limiter.used(), 0);
    }
}
