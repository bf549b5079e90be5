//! The engine below every domain: the store, the keys, the policy, the clock and the observer, and the loop that loads,
//! decides and commits.

mod latest_time;
mod list;
mod owner_tag;
mod records;
mod salt;
mod session;
mod transaction;

pub(crate) use list::{MAX_LIMIT, Scope};
pub(crate) use owner_tag::OwnerTagger;
pub(crate) use records::{Entity, Versioned, find, find_owned, load};
pub(crate) use salt::{SALT_KEY, StoredSalt, salt_owner, salt_place};
pub(crate) use session::{Report, Session};
pub(crate) use transaction::{Change, MAX_TRIES};
use transaction::{Witness, creates_entry};

use std::fmt;
use std::sync::Arc;

use event_listener::{Event, EventListener};

use crate::ceremony::Ceremonies;
use crate::entropy::{self, Entropy, NoEntropy, Pooled};
use crate::error::Invalid;
use crate::id::Id;
use crate::keyring::{KeyRing, Place, SealError, Sealed};
use crate::observer::{Observation, Observer};
use crate::owner::Owner;
use crate::policy::Policy;
use crate::push_services::PushServices;
use crate::store::Store;
use crate::time::{Clock, Timestamp};
use crate::uri::ResponseUri;
use latest_time::LatestTime;
use records::Records;

/// The parts shared by all domains.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) store: Records,
    pub(crate) keys: KeyRing,
    pub(crate) policy: Policy,
    entropy: Pooled,
    pub(crate) owner_tags: OwnerTagger,
    pub(crate) answer_page: Option<ResponseUri>,
    pub(crate) push_services: Box<dyn PushServices>,
    ceremonies: Option<Box<dyn Ceremonies>>,
    clock: Box<dyn Clock>,
    observer: Arc<dyn Observer>,
    outbox_written: Event,
    latest: LatestTime,
}

/// The parts of an [`Engine`] chosen by the host.
pub(crate) struct EngineParts {
    pub(crate) store: Box<dyn Store>,
    pub(crate) keys: KeyRing,
    pub(crate) policy: Policy,
    pub(crate) entropy: Box<dyn Entropy>,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) observer: Box<dyn Observer>,
    pub(crate) ceremonies: Option<Box<dyn Ceremonies>>,
    pub(crate) answer_page: Option<ResponseUri>,
    pub(crate) push_services: Box<dyn PushServices>,
}

/// The time of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    /// The reading of the clock. Creation times and TOTP use this.
    pub(crate) clock: Timestamp,
    /// The latest time seen by this process. Expiry uses this time, so setting the clock back reopens no expired
    /// challenge. A latest time far ahead of the clock is dropped after a minute.
    pub(crate) latest: Timestamp,
}

impl Engine {
    pub(crate) fn new(parts: EngineParts, salt: &[u8; 32]) -> Self {
        let EngineParts { store, keys, policy, entropy, clock, observer, ceremonies, answer_page, push_services } =
            parts;
        let observer = Arc::from(observer);
        Self {
            store: Records::new(store, keys.record_tags(salt), Arc::clone(&observer)),
            keys,
            policy,
            entropy: Pooled(entropy),
            owner_tags: OwnerTagger::new(salt),
            answer_page,
            push_services,
            ceremonies,
            clock,
            observer,
            outbox_written: Event::new(),
            latest: LatestTime::default(),
        }
    }

    pub(crate) fn now(&self) -> Now {
        let clock = self.clock.now();
        Now { clock, latest: self.latest.take(clock) }
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &self.entropy
    }

    pub(crate) fn observe(&self, observation: &Observation<'_>) {
        #[cfg(feature = "tracing")]
        crate::observer::log_reason(observation);
        self.observer.observe(observation);
    }

    pub(crate) fn ceremonies(&self) -> Result<&dyn Ceremonies, Invalid> {
        self.ceremonies.as_deref().ok_or(Invalid::WebauthnUnavailable)
    }

    /// Returns a new id for a record of the owner.
    pub(crate) fn new_id(&self, owner: &Owner, now: Now) -> Result<Id, NoEntropy> {
        let random = u128::from_le_bytes(entropy::bytes(self.entropy())?);
        Ok(Id::new(now.clock, self.owner_tags.tag(owner), random))
    }

    /// Returns a future that completes when this process next commits a new outbox entry.
    pub(crate) fn outbox_written(&self) -> EventListener {
        self.outbox_written.listen()
    }

    /// Seals `plain` for `place` under the active key.
    pub(crate) fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<Sealed, NoEntropy> {
        self.keys.seal(self.entropy(), place, plain)
    }

    /// Opens a sealed text.
    pub(crate) fn open_text(&self, place: Place<'_>, sealed: &Sealed) -> Result<crate::secret::Secret, SealError> {
        let plain = self.keys.open(place, sealed)?;
        std::str::from_utf8(&plain).map(Into::into).map_err(|_| SealError::Forged)
    }
}

impl fmt::Debug for EngineParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineParts").field("store", &self.store).field("policy", &self.policy).finish_non_exhaustive()
    }
}
