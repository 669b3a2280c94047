//! What can go wrong with the listener as a whole. Errors of one exchange become a [`crate::Problem`] instead.

/// Why [`crate::serve`] ended otherwise than asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The drain limit passed and the rest was cut.
    #[error("{connections} connections were still busy after the drain limit and have been cut")]
    Cut {
        /// Connections that were still open.
        connections: usize,
    },
}

/// The request body stood still for longer than [`crate::Config::body_idle`].
///
/// Crosses the data plane as a [`body::BoxError`] out of the request's body.
#[derive(Debug, thiserror::Error)]
#[error("the request body stood still for too long")]
pub struct BodyStalled;
