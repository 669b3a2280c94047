//! The signals that end the host.

use tokio::signal::unix::{SignalKind, signal};

/// Installs the handlers now; the future resolves at the first SIGTERM or SIGINT from now on.
///
/// # Errors
/// When the handlers cannot be installed.
pub fn stop() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
