use std::sync::Arc;

use super::{Challenges, Inner};
use crate::ceremony::Ceremonies;
use crate::codec;
use crate::engine::{Engine, EngineParts, SALT_KEY, StoredSalt, salt_owner, salt_place};
use crate::entropy::{self, Entropy, OsEntropy};
use crate::error::Error;
use crate::keyring::{KeyRing, Place, SealError};
use crate::observer::Observer;
use crate::policy::Policy;
use crate::push_services::{PublicPushServices, PushServices};
use crate::store::{Batch, Kind, Load, Record, Store, StoreError, Stored, Write};
use crate::throttle::MessageBudget;
use crate::time::{Clock, SystemClock};
use crate::uri::ResponseUri;

/// The builder of a service. A store and keys are enough; everything else has a safe default.
#[derive(Debug)]
#[must_use = "a builder does nothing until built"]
pub struct Builder {
    parts: EngineParts,
    expects_existing: bool,
}

impl Builder {
    pub(super) fn new(store: impl Store, keys: KeyRing) -> Self {
        Self {
            parts: EngineParts {
                store: Box::new(store),
                keys,
                policy: Policy::default(),
                entropy: Box::new(OsEntropy),
                clock: Box::new(SystemClock),
                observer: Box::new(()),
                ceremonies: None,
                answer_page: None,
                push_services: Box::new(PublicPushServices),
            },
            expects_existing: false,
        }
    }

    /// Sets the limits.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.parts.policy = policy;
        self
    }

    /// Sets the clock, for tests: `FakeClock` of `challenges-testkit` shows the time that the test chooses. The default is
    /// the clock of the operating system; see [`time`](crate::time).
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.parts.clock = Box::new(clock);
        self
    }

    /// Sets the source of random bytes; for tests.
    #[doc(hidden)]
    pub fn entropy(mut self, entropy: impl Entropy) -> Self {
        self.parts.entropy = Box::new(entropy);
        self
    }

    /// Sets the observer.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.parts.observer = Box::new(observer);
        self
    }

    /// Enables WebAuthn with an implementation of the ceremonies, such as `challenges-webauthn`. Without this, WebAuthn
    /// challenges and enrollments are refused.
    pub fn webauthn(mut self, ceremonies: impl Ceremonies) -> Self {
        self.parts.ceremonies = Some(Box::new(ceremonies));
        self
    }

    /// Sets the page behind links of challenges without a `response_uri`. The form parameters are added to the URI.
    /// Without this, every challenge sent by `Sms`, `WebPush` or `Email` needs a `response_uri`.
    pub fn answer_page(mut self, page: ResponseUri) -> Self {
        self.parts.answer_page = Some(page);
        self
    }

    /// Sets the push services that subscriptions may name. Pass the guard of the push messages, `Guard` of
    /// `challenges-delivery`: a subscription whose messages the guard would refuse is then refused at registration.
    ///
    /// Without this call, the endpoint of a subscription needs port 443 and a host name of the public Internet. IP
    /// addresses, `localhost` and names under `.local` and `.internal` are refused.
    pub fn push_services(mut self, services: impl PushServices) -> Self {
        self.parts.push_services = Box::new(services);
        self
    }

    /// Refuses to start on a store in which no service has started before.
    ///
    /// In an empty store nobody has a factor. A wrong path, a wrong database number, a lost volume or an emptied server
    /// therefore removes the second factor of every user. Each user can then enroll a new factor. Call this from the
    /// second start on, for example depending on a setting of the deployment.
    ///
    /// Without this call, a service also starts on an empty store.
    pub const fn expect_existing(mut self) -> Self {
        self.expects_existing = true;
        self
    }

    /// Builds the service: checks the policy, reads the store, and verifies that the keys open the store.
    ///
    /// The host also runs two tasks:
    ///
    /// - [`Challenges::sweep`] regularly, or `spawn_upkeep` of the feature `tokio`. Without this task, the space of
    ///   expired records is never freed.
    /// - A dispatcher in each process: [`Outbox::dispatch`](crate::outbox::Outbox::dispatch), or the dispatcher of
    ///   `challenges-delivery`. Without a dispatcher, messages and HTTP actions stay in the store.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] when a limit of the policy is out of range.
    /// - [`Error::OtherKeys`] when the keys do not open the store.
    /// - [`Error::Incomplete`] when a copy into the store is unfinished.
    /// - [`Error::Empty`] when the store is empty after [`expect_existing`](Self::expect_existing).
    /// - [`Error::Store`] when the store fails, and [`Error::Forgetful`] when the store loses a record.
    /// - [`Error::Entropy`] when the random number generator fails.
    pub async fn build(self) -> Result<Challenges, Error> {
        self.parts.policy.check()?;
        let salt = self.salt().await?;
        let engine = Engine::new(self.parts, &salt);
        Ok(Challenges { inner: Arc::new(Inner { engine, budget: MessageBudget::default() }) })
    }

    /// Reads the salt, or creates the salt at the first start on a store. Opening the salt proves that the keys are
    /// right.
    async fn salt(&self) -> Result<[u8; 32], Error> {
        let Self { parts, expects_existing } = self;
        let owner = salt_owner()?;
        let place = salt_place(&owner);
        if let Some(stored) = self.stored_salt().await? {
            return self.open_salt(place, &stored.record.body);
        }
        if self.holds_records().await? {
            // Another process may have started first, and be at work already.
            let stored = self.stored_salt().await?.ok_or(Error::Incomplete)?;
            return self.open_salt(place, &stored.record.body);
        }
        if *expects_existing {
            return Err(Error::Empty);
        }
        let salt: [u8; 32] = entropy::bytes(&*parts.entropy)?;
        let sealed = parts.keys.seal(&*parts.entropy, place, &salt)?;
        let record = Record { key: SALT_KEY, due: None, expires: None, body: codec::encode(&StoredSalt::new(sealed))? };
        let version = entropy::bytes(&*parts.entropy)?;
        let batch = Batch::new(version, vec![Write::create(record)])?;
        // The stored salt counts, whether this write was applied, lost, or another process was first.
        match parts.store.commit(batch).await {
            Ok(_) | Err(StoreError::OutcomeUnknown(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let stored = self.stored_salt().await?.ok_or(Error::Forgetful)?;
        self.open_salt(place, &stored.record.body)
    }

    async fn stored_salt(&self) -> Result<Option<Stored>, StoreError> {
        let found = self.parts.store.load(&Load::key(SALT_KEY)).await?;
        Ok(found.into_iter().find(|stored| stored.record.key == SALT_KEY))
    }

    async fn holds_records(&self) -> Result<bool, StoreError> {
        for kind in Kind::ALL {
            let page = self.parts.store.list(kind, None, None, 1).await?;
            if !page.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn open_salt(&self, place: Place<'_>, body: &[u8]) -> Result<[u8; 32], Error> {
        let stored: StoredSalt = codec::decode(body)?;
        let salt = self.parts.keys.open(place, &stored.salt).map_err(Error::OtherKeys)?;
        salt.as_slice().try_into().map_err(|_| Error::OtherKeys(SealError::Forged))
    }
}
