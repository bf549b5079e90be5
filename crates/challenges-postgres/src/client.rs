use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use challenges_core::store::Stored;
use tokio::time::{Instant, sleep};

use crate::call::Call;
use crate::driver::{Driver, Failure, Held};
use crate::fault::{Fault, Meaning, meaning};
use crate::row;

const FIRST_PAUSE: Duration = Duration::from_millis(4);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// The pause before a lost connection that listens is replaced.
const LISTEN_PAUSE: Duration = Duration::from_secs(1);

/// Caps the timeout, so that deadlines cannot overflow.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 86_400);

/// Sets the search path of the transaction. A role or database may have a path of its own, on which objects of somebody
/// else stand in for those of the catalog.
pub(crate) const SAFE_PATH: &str = "SET LOCAL search_path = pg_catalog, pg_temp;";

/// Runs statements and retries until a deadline, where a retry is safe.
#[derive(Clone)]
pub(crate) struct Client {
    driver: Arc<dyn Driver>,
    timeout: Duration,
}

/// The rule for running a statement again after a lost reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// Safe to run again.
    Repeatable,
    /// Not safe to run again.
    Once,
}

impl Client {
    pub(crate) fn new(driver: impl Driver + 'static, timeout: Duration) -> Self {
        Self { driver: Arc::new(driver), timeout: timeout.min(LONGEST_TIMEOUT) }
    }

    /// Returns whether connections over the network may be unencrypted.
    pub(crate) fn may_be_plain(&self) -> bool {
        self.driver.may_be_plain()
    }

    /// Reads records.
    pub(crate) async fn read(&self, call: &Call<'_>) -> Result<Vec<Stored>, Fault> {
        let rows = self.retry(Effect::Repeatable, |deadline| self.driver.records(call, deadline)).await?;
        Ok(row::records(rows)?)
    }

    /// Writes, and returns the numbers of the reply. Never writes again after a lost reply.
    pub(crate) async fn write(&self, call: &Call<'_>) -> Result<Vec<i64>, Fault> {
        self.retry(Effect::Once, |deadline| self.driver.numbers(call, deadline)).await
    }

    /// Takes a connection, for [`write_on`](Self::write_on).
    pub(crate) async fn hold(&self) -> Result<Box<dyn Held>, Fault> {
        self.retry(Effect::Repeatable, |deadline| self.driver.hold(deadline)).await
    }

    /// Writes as [`write`](Self::write) does. The first attempt uses a connection taken before.
    pub(crate) async fn write_on(&self, held: Option<Box<dyn Held>>, call: &Call<'_>) -> Result<Vec<i64>, Fault> {
        let Some(held) = held else { return self.write(call).await };
        match held.numbers(call, self.deadline()).await {
            Err(failure) if may_run_again(Effect::Once, &failure) => self.write(call).await,
            reply => Ok(reply?),
        }
    }

    /// Runs a statement once, with [`SAFE_PATH`], and returns the rows of text.
    pub(crate) async fn text(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, Failure> {
        // Statements of one message are one transaction.
        self.run(&format!("{SAFE_PATH} {sql}")).await
    }

    /// Runs statements once as given, and returns the rows of text.
    pub(crate) async fn run(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, Failure> {
        self.driver.text(sql, self.deadline()).await
    }

    /// Runs `second` while the transaction of `first` is open on another connection.
    pub(crate) async fn beside(&self, first: &str, second: &str) -> Result<Vec<Vec<Option<String>>>, Failure> {
        let [first, second] = [first, second].map(|sql| format!("{SAFE_PATH} {sql}"));
        self.driver.beside(&first, &second, self.deadline()).await
    }

    /// Returns false if [`listen`](Self::listen) has no connection.
    pub(crate) fn can_listen(&self) -> bool {
        self.driver.can_listen()
    }

    /// Listens on a channel, and connects again after a lost connection.
    pub(crate) async fn listen(&self, channel: &str, woken: &(dyn Fn() + Send + Sync)) -> Infallible {
        loop {
            let failure = self.driver.listen(channel, woken).await;
            tracing::warn!("the connection that listens to PostgreSQL was lost: {}", Fault::from(failure));
            sleep(LISTEN_PAUSE).await;
        }
    }

    /// Returns the time limit of a call.
    pub(crate) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Returns the time to wait for a shard that another transaction holds: nine tenths of the timeout, so that the
    /// server gives up first, and the outcome is known.
    pub(crate) fn patience(&self) -> Duration {
        self.timeout / 10 * 9
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.timeout
    }

    async fn retry<T, F>(&self, effect: Effect, run: impl Fn(Instant) -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let deadline = self.deadline();
        let mut pause = FIRST_PAUSE;
        loop {
            let failure = match run(deadline).await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            if !may_run_again(effect, &failure) || Instant::now() + pause >= deadline {
                return Err(failure.into());
            }
            sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }
}

fn may_run_again(effect: Effect, failure: &Failure) -> bool {
    match failure {
        Failure::NoConnection(_) => true,
        Failure::Server(error) => match meaning(error) {
            Meaning::Transient | Meaning::ReadOnly => true,
            Meaning::Unknown => effect == Effect::Repeatable,
            Meaning::Refused | Meaning::Full => false,
        },
        Failure::Lost(_) => effect == Effect::Repeatable,
        Failure::TimedOut | Failure::Reply(_) => false,
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
