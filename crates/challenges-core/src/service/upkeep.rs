use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{JoinHandle, yield_now};
use tokio::time::sleep;

use super::Challenges;
use crate::error::Error;
use crate::observer::Observation;
use crate::time::Timestamp;

/// The number of records per call of [`Challenges::sweep`] and of [`Challenges::reseal`].
const SLICE: usize = 200;
/// The pause between two slices of a reseal walk.
const RESEAL_PAUSE: Duration = Duration::from_millis(100);
/// The pause before a walk that left records is repeated.
const RESEAL_AGAIN: Duration = Duration::from_secs(3_600);
/// The pause after the first failure. Doubles with each further failure in a row.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// The background task of [`Challenges::spawn_upkeep`]. Dropping the handle stops the task.
#[derive(Debug)]
#[must_use = "dropping the handle stops the upkeep"]
pub struct Upkeep {
    state: Arc<State>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    /// When the last sweep ended, in milliseconds; 0 before the first.
    swept: AtomicU64,
    reseal: Notify,
}

impl Challenges {
    /// Starts a task of the current tokio runtime that deletes expired records every [`Policy::sweep_interval`], in
    /// slices as [`sweep`](Self::sweep) does. All expired records are deleted, such as challenges, codes and trusted
    /// devices.
    ///
    /// The first sweep begins at once. A failed step is observed as [`Observation::UpkeepFailed`] and retried after 1
    /// second, then 2, 4 and so on, up to the interval. One process of a service is enough; more do no harm.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # use challenges_core::{Challenges, KeyRing};
    /// # use challenges_memory::MemoryStore;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
    /// let upkeep = challenges.spawn_upkeep();
    /// // ... serve ...
    /// upkeep.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`Policy::sweep_interval`]: crate::Policy::sweep_interval
    pub fn spawn_upkeep(&self) -> Upkeep {
        let state = Arc::new(State::default());
        let (challenges, shared) = (self.clone(), Arc::clone(&state));
        let task = tokio::spawn(async move {
            tokio::join!(challenges.sweep_for_ever(&shared), challenges.reseal_when_asked(&shared));
        });
        Upkeep { state, task }
    }

    async fn sweep_for_ever(&self, state: &State) {
        let interval = self.policy().sweep_interval;
        let mut failures = 0;
        loop {
            let pause = match self.sweep_all().await {
                Ok(()) => {
                    failures = 0;
                    state.swept.store(self.now().as_millis(), Ordering::Relaxed);
                    interval
                }
                Err(error) => self.failed(&error, &mut failures),
            };
            sleep(pause).await;
        }
    }

    async fn sweep_all(&self) -> Result<(), Error> {
        while self.sweep(SLICE).await? == SLICE {
            // The futures of a memory store never wait.
            yield_now().await;
        }
        Ok(())
    }

    async fn reseal_when_asked(&self, state: &State) {
        loop {
            state.reseal.notified().await;
            let (mut cursor, mut failures) = (None::<String>, 0);
            loop {
                let pause = match self.reseal(cursor.as_deref(), SLICE).await {
                    Ok(page) if page.done => break,
                    Ok(page) => {
                        failures = 0;
                        cursor = page.next;
                        if cursor.is_some() { RESEAL_PAUSE } else { RESEAL_AGAIN }
                    }
                    Err(error) => self.failed(&error, &mut failures),
                };
                sleep(pause).await;
            }
        }
    }

    /// Observes a failure, and returns the pause before the next try.
    fn failed(&self, error: &Error, failures: &mut u32) -> Duration {
        let pause = FIRST_RETRY.saturating_mul(1_u32.checked_shl(*failures).unwrap_or(u32::MAX));
        let pause = pause.min(self.policy().sweep_interval);
        *failures = failures.saturating_add(1);
        self.inner.engine.observe(&Observation::UpkeepFailed { error, pause });
        pause
    }
}

impl Upkeep {
    /// Returns when the last complete sweep ended, by the clock of the service; `None` before the first.
    ///
    /// For health checks: if the time is several intervals ago, nothing deletes expired records, and the store grows.
    #[must_use]
    pub fn last_success(&self) -> Option<Timestamp> {
        match self.state.swept.load(Ordering::Relaxed) {
            0 => None,
            millis => Some(Timestamp::from_millis(millis)),
        }
    }

    /// Asks for stored records to be sealed again under the active key; call this once after a change of keys. The task
    /// calls [`Challenges::reseal`] page by page, and repeats the walk every hour until
    /// [`done`](crate::key_rotation::ResealReport::done). The progress is observed as [`Observation::Resealed`].
    pub fn reseal(&self) {
        self.state.reseal.notify_one();
    }

    /// Stops the task, and waits for the end. A sweep or walk in progress is interrupted. The next task sweeps again;
    /// call [`reseal`](Self::reseal) again to start another walk.
    pub async fn stop(mut self) {
        self.task.abort();
        // Fails because of the abort.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.task.abort();
    }
}
