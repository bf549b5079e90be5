//! The service: the only place that loads, commits and tries again.

mod actions;
mod answers;
mod assertions;
mod budgets;
mod builder;
mod challenges;
mod dead_letters;
mod dispatch;
mod endpoints;
mod enrollments;
mod issue;
mod lists;
mod messages;
mod one_time_use;
mod outbox;
mod phones;
mod plan;
mod registrations;
mod reseal;
mod resend;
mod reservations;
mod root;
mod settle;
mod siblings;
mod step_up;
mod subjects;
mod totp;
mod transaction;
mod webauthn;

pub use builder::{BuildError, Builder};

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::address::ResponseUri;
use crate::concurrent::Event;
use crate::entropy::{self, Entropy, EntropyError};
use crate::id::{Id, SHARDS};
use crate::keyring::KeyRing;
use crate::observer::{Observation, Observer};
use crate::owner::Owner;
use crate::policy::Policy;
use crate::store::Store;
use crate::time::{Clock, Timestamp};
use crate::webauthn::Ceremonies;
use crate::{Error, owner_tag::OwnerTagger};

/// Challenges and enrollments over a store: what a host application holds and calls. Cheap to clone.
///
/// # Cancellation
///
/// Dropping the future of a call that changes something leaves it done or not done, never half done; which one, only
/// reading tells. Run such calls in a task of their own where the caller may go away.
///
/// # Examples
///
/// ```
/// use challenges_core::{Answer, Challenges, ChallengeSpec, ChallengeType, KeyRing, Owner};
/// use challenges_memory::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
/// let alice = Owner::user("alice")?;
///
/// let created = challenges.create_challenge(alice, ChallengeSpec::new(ChallengeType::Code)?).await?;
/// let code = created.code.ok_or("a code challenge has a code")?;
///
/// let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose());
/// let passed = challenges.answer(answer).await?.passed().ok_or("declined")?;
/// assert_eq!(passed.owner().user_id(), "alice");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Challenges {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Box<dyn Store>,
    ring: KeyRing,
    policy: Policy,
    clock: Box<dyn Clock>,
    entropy: Box<dyn Entropy>,
    observer: Box<dyn Observer>,
    ceremonies: Option<Box<dyn Ceremonies>>,
    tagger: OwnerTagger,
    answer_page: Option<ResponseUri>,
    share: budgets::Share,
    /// Tells that there is something new in the outbox.
    wake: Event,
    latest: AtomicU64,
}

/// The time of an operation.
#[derive(Clone, Copy, Debug)]
struct Now {
    /// What the clock says: what is created, and TOTP, go by it.
    clock: Timestamp,
    /// The latest time that this process has seen: what ends goes by it, so that a clock going back revives nothing.
    latest: Timestamp,
}

impl Challenges {
    /// A service on a store, with keys: what everything else has a sane default for.
    pub fn builder(store: impl Store, keys: KeyRing) -> Builder {
        Builder::new(store, keys)
    }

    /// The limits in force.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    /// The present time by the service's clock, never earlier than it ever said.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.time().latest
    }

    /// Deletes at most `limit` records that have expired, and answers how many. Run it now and then: nothing else frees
    /// their space, and nothing but space depends on it.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn sweep(&self, limit: usize) -> Result<usize, Error> {
        let swept = self.inner.store.purge(0..SHARDS, self.time().clock, limit).await?;
        self.observe(&Observation::Swept(swept));
        Ok(swept)
    }

    fn time(&self) -> Now {
        let clock = self.inner.clock.now();
        let before = self.inner.latest.fetch_max(clock.as_millis(), Ordering::Relaxed);
        Now { clock, latest: clock.max(Timestamp::from_millis(before)) }
    }

    fn entropy(&self) -> &dyn Entropy {
        &*self.inner.entropy
    }

    fn observe(&self, observation: &Observation<'_>) {
        self.inner.observer.observe(observation);
    }

    /// A new id for a record of that owner.
    fn mint(&self, owner: &Owner, now: Now) -> Result<Id, EntropyError> {
        let random = u128::from_le_bytes(entropy::bytes(self.entropy())?);
        Ok(Id::new(now.clock, self.inner.tagger.tag(owner), random))
    }
}
