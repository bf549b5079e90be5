use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::root::{self, Root};
use super::{Challenges, Inner};
use crate::address::ResponseUri;
use crate::codec;
use crate::concurrent::Event;
use crate::entropy::{self, Entropy, EntropyError, OsEntropy};
use crate::error::Error;
use crate::keyring::{KeyRing, Place, SealError};
use crate::observer::Observer;
use crate::owner_tag::OwnerTagger;
use crate::policy::{Policy, PolicyError};
use crate::store::{Batch, Expect, Kind, ListQuery, Load, Record, Store, StoreError, Version, Write};
use crate::time::{Clock, SystemClock};
use crate::webauthn::Ceremonies;

/// Puts a service together. A store and keys are enough.
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct Builder {
    store: Box<dyn Store>,
    ring: KeyRing,
    policy: Policy,
    clock: Box<dyn Clock>,
    entropy: Box<dyn Entropy>,
    observer: Box<dyn Observer>,
    ceremonies: Option<Box<dyn Ceremonies>>,
    answer_page: Option<ResponseUri>,
}

impl Builder {
    pub(super) fn new(store: impl Store, ring: KeyRing) -> Self {
        Self {
            store: Box::new(store),
            ring,
            policy: Policy::default(),
            clock: Box::new(SystemClock),
            entropy: Box::new(OsEntropy),
            observer: Box::new(()),
            ceremonies: None,
            answer_page: None,
        }
    }

    /// Other limits than the defaults.
    pub fn policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// Another clock than the system's.
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Box::new(clock), ..self }
    }

    /// Another source of random bytes than the system's; for tests.
    pub fn entropy(self, entropy: impl Entropy) -> Self {
        Self { entropy: Box::new(entropy), ..self }
    }

    /// Somebody to be told of what happens.
    pub fn observer(self, observer: impl Observer) -> Self {
        Self { observer: Box::new(observer), ..self }
    }

    /// WebAuthn, by an implementation of its ceremonies such as `challenges-webauthn`. Without it challenges of that type
    /// and enrollments for them are refused.
    pub fn webauthn(self, ceremonies: impl Ceremonies) -> Self {
        Self { ceremonies: Some(Box::new(ceremonies)), ..self }
    }

    /// The page that links of messages lead to where a challenge names none of its own; their parameters are added to it.
    /// Without it a challenge that is sent as `sms` or `web_push` needs a `response_uri`.
    pub fn answer_page(self, page: ResponseUri) -> Self {
        Self { answer_page: Some(page), ..self }
    }

    /// The service, once the limits are found sound, the store answers, and the keys open what it holds.
    ///
    /// Two things are the host's to run beside it: [`Challenges::sweep`] now and then, or nothing ever frees the space of
    /// what has expired; and, where anything is sent or done, a dispatcher in each process ([`Challenges::dispatch`], or the
    /// one of `challenges-delivery`), or messages and actions wait in the store and nobody is told.
    ///
    /// # Errors
    ///
    /// [`BuildError`] otherwise.
    pub async fn build(self) -> Result<Challenges, BuildError> {
        self.policy.check()?;
        let salt = self.salt().await?;
        let inner = Inner {
            store: self.store,
            ring: self.ring,
            policy: self.policy,
            clock: self.clock,
            entropy: self.entropy,
            observer: self.observer,
            ceremonies: self.ceremonies,
            tagger: OwnerTagger::new(&salt),
            answer_page: self.answer_page,
            share: super::budgets::Share::default(),
            wake: Event::default(),
            latest: AtomicU64::new(0),
        };
        Ok(Challenges { inner: Arc::new(inner) })
    }

    /// The salt that the store keeps from its first start, sealed: that it opens shows that the keys are the right ones.
    async fn salt(&self) -> Result<[u8; 32], BuildError> {
        let owner = root::owner().map_err(Error::from)?;
        let (key, place) = (root::KEY, root::place(&owner));
        let load = Load::key(key);
        if let Some(stored) = self.store.load(&load).await?.find(key) {
            return self.open_salt(place, &stored.record.body);
        }
        if self.holds_records().await? {
            // Another process may have started first, and be at work already.
            let loaded = self.store.load(&load).await?;
            let stored = loaded.find(key).ok_or(BuildError::Incomplete)?;
            return self.open_salt(place, &stored.record.body);
        }
        let salt: [u8; 32] = entropy::bytes(&*self.entropy)?;
        let body = codec::encode(&Root::new(self.ring.seal(&*self.entropy, place, &salt)?))?;
        let put = Write::put(Expect::Absent, Record { key, due: None, expires: None, body });
        let version = Version::from_bytes(entropy::bytes(&*self.entropy)?);
        // Whether this write was applied, or another process was first, or nobody knows: what is stored counts.
        match self.store.commit(Batch::new(version, vec![put]).map_err(Error::from)?).await {
            Ok(_) | Err(StoreError::OutcomeUnknown(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let loaded = self.store.load(&load).await?;
        let stored = loaded.find(key).ok_or(BuildError::Forgetful)?;
        self.open_salt(place, &stored.record.body)
    }

    async fn holds_records(&self) -> Result<bool, StoreError> {
        for kind in Kind::ALL {
            let page = self.store.list(&ListQuery { kind, owner: None, after: None, limit: 1 }).await?;
            if !page.records.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn open_salt(&self, place: Place<'_>, body: &[u8]) -> Result<[u8; 32], BuildError> {
        let root: Root = codec::decode(body)?;
        let salt = self.ring.open(place, &root.salt).map_err(BuildError::Keys)?;
        salt.as_slice().try_into().map_err(|_| BuildError::Keys(SealError::Forged))
    }
}

/// Why a service could not be put together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A limit is out of its range.
    #[error("the policy is refused: {0}")]
    Policy(#[from] PolicyError),
    /// The store does not answer.
    #[error("the store could not be read or written at start")]
    Store(#[from] StoreError),
    /// The key ring is not the one that this store was written with.
    #[error("the key ring does not open this store; start with the keys that it was written with")]
    Keys(#[source] SealError),
    /// The store does not hold what it said it had stored.
    #[error("the store lost what was just written to it; run challenges-testkit against it")]
    Forgetful,
    /// The store holds records and not the salt that they are found by: a [copy](crate::store::copy) to it did not end, or
    /// somebody deleted it. A new salt would make a service that knows none of its users.
    #[error("the store holds records but lacks the one that a service starts with; let the copy to it end")]
    Incomplete,
    /// No random bytes could be had.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// Anything else.
    #[error(transparent)]
    Other(#[from] Error),
}
