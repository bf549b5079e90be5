use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lettre::transport::smtp::client::AsyncSmtpConnection;

const MAX_IDLE: usize = 4;
const IDLE: Duration = Duration::from_secs(20);

/// The idle connections to a server, after a complete conversation each.
///
/// The pool of `lettre` also reuses connections whose conversation was dropped halfway. The next e-mail would then read
/// the replies to the earlier e-mail.
#[derive(Default)]
pub(super) struct Connections(Mutex<Vec<(AsyncSmtpConnection, Instant)>>);

impl Connections {
    /// Takes a connection that still works.
    pub(super) async fn take(&self) -> Option<AsyncSmtpConnection> {
        while let Some(mut connection) = self.newest() {
            if connection.test_connected().await {
                return Some(connection);
            }
        }
        None
    }

    /// Keeps a connection for the next e-mail.
    pub(super) fn put(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.lock();
        if idle.len() < MAX_IDLE && !connection.has_broken() {
            idle.push((connection, Instant::now()));
        }
    }

    /// Takes the connection that was used last, and closes those that were idle for too long.
    fn newest(&self) -> Option<AsyncSmtpConnection> {
        let mut idle = self.lock();
        idle.retain(|(_, since)| since.elapsed() < IDLE);
        idle.pop().map(|(connection, _)| connection)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(AsyncSmtpConnection, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
