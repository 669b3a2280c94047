//! The wasmtime engine: one per process, sized for a small machine.

use std::sync::Arc;

use wasmtime::{Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::Error;
use crate::clock::Clock;
use crate::seats::Seats;

/// Sizes of the instance pool. The defaults fit a machine of 2 GB; virtual address space is reserved for all slots,
/// memory only for those in use.
#[derive(Clone, Debug)]
pub struct Config {
    /// Component instances alive at once, serving or idle. Default 200.
    pub instances: u32,
    /// Largest linear memory in bytes; no component's limit may be above it. Default 256 MiB.
    pub max_memory: u64,
    /// Slots whose memory stays mapped after use. Default 50: warm slots cost resident memory.
    pub warm_slots: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self { instances: 200, max_memory: 256 << 20, warm_slots: 50 }
    }
}

/// The engine that compiles and runs every component of the process. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: wasmtime::Engine,
    max_memory: u64,
    seats: Arc<Seats>,
    clock: Arc<Clock>,
}

impl Engine {
    /// Makes the engine, reserves the pool's address space and starts the interrupting clock.
    ///
    /// # Errors
    /// [`Error::Engine`] when the address space cannot be reserved.
    pub fn new(config: &Config) -> Result<Self, Error> {
        let mut settings = wasmtime::Config::new();
        settings
            .wasm_component_model(true)
            .wasm_component_model_async(true)
            .epoch_interruption(true)
            .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(config)));
        let inner = wasmtime::Engine::new(&settings).map_err(Error::Engine)?;
        let ticking = inner.clone();
        let clock = Clock::start(move || ticking.increment_epoch()).map_err(Error::Thread)?;
        let seats = Arc::new(Seats::new(config.instances));
        Ok(Self { inner, max_memory: config.max_memory, seats, clock: Arc::new(clock) })
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.inner
    }

    pub(crate) fn seats(&self) -> &Arc<Seats> {
        &self.seats
    }

    pub(crate) fn clock(&self) -> &Arc<Clock> {
        &self.clock
    }

    /// Largest linear memory in bytes that a component may be granted.
    pub fn max_memory(&self) -> u64 {
        self.max_memory
    }

    /// Whether freed memory is cleaned by scanning the page map (Linux 6.7 and newer), which nearly doubles the rate
    /// of fresh instances.
    pub fn scans_page_map() -> bool {
        PoolingAllocationConfig::is_pagemap_scan_available()
    }
}

fn pool(config: &Config) -> PoolingAllocationConfig {
    // A component has one core module of its own and up to five small adapters made by its tool chain.
    const CORE_INSTANCES: u32 = 6;
    const TABLES: u32 = 4;
    // Every call has a stack, and one guest task may wait on another.
    const STACKS: u32 = 2;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(config.instances)
        .total_core_instances(config.instances.saturating_mul(CORE_INSTANCES))
        .total_memories(config.instances.saturating_mul(2))
        .total_tables(config.instances.saturating_mul(TABLES))
        .total_stacks(config.instances.saturating_mul(STACKS))
        .max_memory_size(usize::try_from(config.max_memory).unwrap_or(usize::MAX))
        .max_unused_warm_slots(config.warm_slots)
        .table_keep_resident(64 << 10)
        .async_stack_keep_resident(64 << 10);
    if Engine::scans_page_map() {
        // Only with the scan is it cheaper to clean pages in place than to give them back (measured).
        pool.pagemap_scan(Enabled::Yes).linear_memory_keep_resident(1 << 20);
    }
    pool
}
