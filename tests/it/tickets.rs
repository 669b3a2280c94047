//! The ticket system.
