//! The service: the calls on challenges, and the handles with all other calls.

mod builder;
mod joined;
mod maintenance;
mod seal;
#[cfg(feature = "tokio")]
mod upkeep;

pub use builder::Builder;
pub use joined::{Committed, Joined, Pending};
#[cfg(feature = "tokio")]
pub use upkeep::Upkeep;

use std::sync::Arc;
use std::time::Duration;

use crate::account::{self, Account, AccountStatus};
use crate::approvals::Actions;
use crate::ceremony::RelyingPartyId;
use crate::challenge::{
    self, Answer, Challenge, ChallengeSpec, CreatedChallenge, Decision, HolderSpec, ReplaceRequest,
};
use crate::devices::Devices;
use crate::endpoints::Endpoints;
use crate::engine::Engine;
use crate::error::Error;
use crate::evidence::Requirement;
use crate::id::ChallengeId;
use crate::keyring::KeyRing;
use crate::outbox::Outbox;
use crate::owner::Owner;
use crate::policy::Policy;
use crate::purpose::Purpose;
use crate::recovery::RecoveryCodes;
use crate::step_up::StepUps;
use crate::store::{HostTransaction, Store};
use crate::throttle::MessageBudget;
use crate::time::Timestamp;
use crate::totp::Totp;
use crate::uri::Origin;
use crate::webauthn::Webauthn;

/// The service on top of a store. The host application holds and calls this type. Cheap to clone.
///
/// Calls on challenges are methods of this type. All other calls are methods of a handle:
///
/// | handle | for |
/// |---|---|
/// | [`totp`](Self::totp) | TOTP enrollments |
/// | [`webauthn`](Self::webauthn) | WebAuthn enrollments, and options for browsers |
/// | [`recovery_codes`](Self::recovery_codes) | recovery codes |
/// | [`devices`](Self::devices) | trusted devices |
/// | [`endpoints`](Self::endpoints) | phone numbers, e-mail addresses and push subscriptions |
/// | [`actions`](Self::actions) | one-time-use actions |
/// | [`outbox`](Self::outbox) | sending messages, running HTTP actions, dead letters |
/// | [`step_up`](Self::step_up) | step-up tokens |
/// | [`account`](Self::account) | status, locks and failure counts of a user |
///
/// # Cancellation
///
/// Dropping the future of a changing call leaves the change done or not done, never half done. Read the record to learn
/// the result. If the caller may be dropped, such as the handler of a request, run such calls in a separate task.
///
/// # Examples
///
/// ```
/// use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, KeyRing, Owner};
/// use challenges_memory::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
/// let alice = Owner::user("alice")?;
///
/// let created = challenges.create(alice, ChallengeSpec::new(ChallengeType::Code)?).await?;
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
    engine: Engine,
    budget: MessageBudget,
}

impl Challenges {
    /// Returns a builder for a service on a store, with the host's keys.
    pub fn builder(store: impl Store, keys: KeyRing) -> Builder {
        Builder::new(store, keys)
    }

    /// Challenges a user. The challenge is issued at once if the spec says so, else pending. A challenge fails at once
    /// if the user can answer none of the types.
    ///
    /// Messages are stored with the challenge and sent by a dispatcher: see [`Outbox::dispatch`].
    ///
    /// # Cost
    ///
    /// A creation of any type takes two round trips to the store: a load and a commit. The commit also writes the
    /// user's counters, with the expiry of each open challenge, so that concurrent creations cannot exceed
    /// [`Policy::open_challenges`] together. Concurrent creations for one user therefore conflict, and each conflict
    /// takes two more round trips. Creations for different users never conflict.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] when the spec needs a change, which the error names, or when the user has reached a cap or
    ///   a limit of messages.
    /// - [`Error::Contended`] when the creation lost 128 conflicts in a row.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn create(&self, owner: Owner, spec: ChallengeSpec) -> Result<CreatedChallenge, Error> {
        challenge::create(&self.inner.engine, owner, spec).await
    }

    /// Challenges a user with every completed factor that a requirement admits, for a purpose. Returns `None` if the
    /// user has completed no such factor: no enrollment, phone number or push subscription. Ask such a user to enroll,
    /// and do not let the user through. [`Requirement::any`] admits every factor.
    ///
    /// With the challenge, the call returns the factors, masked addresses and locks of the user, for the page to show.
    /// The challenge is issued at once, so messages are sent to every usable phone number and push subscription, within
    /// the limits. Factors that cannot answer now, such as disabled addresses, are left out.
    ///
    /// If no factor can answer, the challenge fails. Whatever the requirement, the challenge also fails if the last
    /// factor was an address that is gone or that another user registered. Then verify the user in another way, and
    /// call [`Account::unlock`](crate::account::Account::unlock) to let the user enroll.
    ///
    /// A requirement of AAL2 turns number matching on, because a message counts only with the number. A passed
    /// challenge does not always meet the requirement: compare [`Passed::evidence`](crate::Passed::evidence).
    ///
    /// Recovery codes and e-mails are not offered. For recovery codes, create a challenge with
    /// [`ChallengeType::RecoveryCode`](crate::ChallengeType::RecoveryCode) after the user says that the factors are
    /// lost. [`ChallengeType::Email`](crate::ChallengeType::Email) is not a second factor by itself.
    ///
    /// # Errors
    ///
    /// Those of [`create`](Self::create).
    ///
    /// # Examples
    ///
    /// ```
    /// use challenges_core::step_up::Requirement;
    /// use challenges_core::{Challenges, Error, Factor, Owner, Purpose};
    ///
    /// async fn page(challenges: &Challenges, owner: &Owner, transfer: Purpose) -> Result<String, Error> {
    ///     let Some((created, account)) = challenges.ask(owner, transfer, &Requirement::any()).await? else {
    ///         return Ok("enroll first".to_owned());
    ///     };
    ///     let types: Vec<_> = created.challenge.types().into_iter().flat_map(|types| types.iter()).collect();
    ///     let addresses: Vec<_> = account.endpoints.iter().filter_map(|one| account.address(one.id())).collect();
    ///     let wait = account.locked_until(Factor::Totp);
    ///     Ok(format!("answer by {types:?}, sent to {addresses:?}; codes of the app are refused until {wait:?}"))
    /// }
    /// ```
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn ask(
        &self,
        owner: &Owner,
        purpose: Purpose,
        required: &Requirement,
    ) -> Result<Option<(CreatedChallenge, AccountStatus)>, Error> {
        account::ask(&self.inner.engine, owner, &purpose, required).await
    }

    /// Returns a challenge. [`Challenge::state_at`] with [`Challenges::now`] gives the current state, including expiry.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when no such challenge exists.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn get(&self, id: ChallengeId) -> Result<Challenge, Error> {
        challenge::get(&self.inner.engine, id).await
    }

    /// Lists the challenges of a user in order of creation, at most `limit` (1 to 500) after a cursor.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] when the limit is out of range.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn list(&self, owner: &Owner, after: Option<ChallengeId>, limit: usize) -> Result<Vec<Challenge>, Error> {
        challenge::list(&self.inner.engine, owner, after, limit).await
    }

    /// Returns the origins of a relying party, or `None` for a service without WebAuthn. For the pages.
    #[doc(hidden)]
    #[must_use]
    pub fn webauthn_origins(&self, relying_party: &RelyingPartyId) -> Option<Vec<Origin>> {
        self.inner.engine.ceremonies().ok().map(|ceremonies| ceremonies.origins(relying_party))
    }

    /// Lists the challenges of a user created at most `age` ago, like [`list`](Self::list). For the pages.
    ///
    /// # Errors
    ///
    /// Like [`list`](Self::list).
    #[doc(hidden)]
    pub async fn list_recent(&self, owner: &Owner, age: Duration, limit: usize) -> Result<Vec<Challenge>, Error> {
        challenge::list_recent(&self.inner.engine, owner, age, limit).await
    }

    /// Replaces the spec of a pending challenge, and issues the challenge if the spec says so. For the creator; a
    /// caller with only the id needs [`replace_as_holder`](Self::replace_as_holder).
    ///
    /// - Once issued, a challenge does not change, because the id travels in links. The stored challenge is returned.
    /// - Absent answer data keeps the stored data.
    /// - Purpose, description and number matching stay as created.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when no such challenge exists.
    /// - [`Error::Invalid`] when the spec needs a change, which the error names, or for a one-time-use action.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn replace(&self, id: ChallengeId, spec: ChallengeSpec) -> Result<Challenge, Error> {
        challenge::replace(&self.inner.engine, id, ReplaceRequest::Creator(spec)).await
    }

    /// Replaces the fields of [`HolderSpec`] in a pending challenge, and issues the challenge if the spec says so. For
    /// callers that know only the id.
    ///
    /// - Types, response URI and answer data stay as stored, as does everything that [`replace`](Self::replace) keeps.
    /// - Once issued, a challenge does not change. The stored challenge is returned.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when no such challenge exists.
    /// - [`Invalid::CreatorOnly`](crate::Invalid::CreatorOnly) for a challenge with a purpose, in every state.
    /// - [`Error::Invalid`] when the spec needs a change, which the error names, or for a one-time-use action.
    /// - [`Error::Store`] when the store fails.
    #[doc(hidden)]
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn replace_as_holder(&self, id: ChallengeId, spec: HolderSpec) -> Result<Challenge, Error> {
        challenge::replace(&self.inner.engine, id, ReplaceRequest::Holder(spec)).await
    }

    /// Sends the link of a challenge again, with a new secret; the old link is refused from then on. The count of wrong
    /// answers and the expiry stay.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when no such challenge exists.
    /// - [`Error::Invalid`] when the challenge takes no answers, has no endpoint, or a send limit is reached.
    /// - [`Invalid::ResendKeyRetired`](crate::Invalid::ResendKeyRetired) when the key of the code or number shown at
    ///   creation was retired.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn resend(&self, id: ChallengeId) -> Result<Challenge, Error> {
        challenge::resend(&self.inner.engine, id).await
    }

    /// Answers a challenge. An accepted answer ends the challenge, as passed or declined; a wrong answer is counted.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when no such challenge exists.
    /// - [`Error::AnswerRefused`] when the answer is not accepted, for any reason. Only the
    ///   [`Observer`](crate::Observer) gets the reason.
    /// - [`Error::Store`], [`Error::Contended`] or [`Error::Seal`] when the answer could not be decided.
    ///
    /// An error is never a pass. After [`StoreError::OutcomeUnknown`](crate::store::StoreError::OutcomeUnknown) the
    /// challenge may have ended; read it again.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn answer(&self, answer: Answer) -> Result<Decision, Error> {
        challenge::answer(&self.inner.engine, &answer).await
    }

    /// Deletes a challenge. The links are refused from then on. Of concurrent calls exactly one succeeds.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when no such challenge exists.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn delete(&self, id: ChallengeId) -> Result<(), Error> {
        challenge::delete(&self.inner.engine, id).await
    }

    /// Joins a transaction of the host, open on the database of the store. The calls of [`Joined`] then commit together
    /// with the host's own statements, or not at all.
    ///
    /// The crate of the store provides the argument, for example `PostgresStore::join_sqlx` of `challenges-postgres`.
    pub fn join<T: HostTransaction>(&self, transaction: T) -> Joined<T> {
        Joined::new(self.clone(), transaction)
    }

    /// Returns the calls for TOTP enrollments.
    #[must_use]
    pub fn totp(&self) -> Totp<'_> {
        Totp::new(&self.inner.engine)
    }

    /// Returns the calls for WebAuthn enrollments.
    #[must_use]
    pub fn webauthn(&self) -> Webauthn<'_> {
        Webauthn::new(&self.inner.engine)
    }

    /// Returns the calls for recovery codes.
    #[must_use]
    pub fn recovery_codes(&self) -> RecoveryCodes<'_> {
        RecoveryCodes::new(&self.inner.engine)
    }

    /// Returns the calls for trusted devices.
    #[must_use]
    pub fn devices(&self) -> Devices<'_> {
        Devices::new(&self.inner.engine)
    }

    /// Returns the calls for phone numbers, e-mail addresses and push subscriptions.
    #[must_use]
    pub fn endpoints(&self) -> Endpoints<'_> {
        Endpoints::new(&self.inner.engine)
    }

    /// Returns the calls for one-time-use actions.
    #[must_use]
    pub fn actions(&self) -> Actions<'_> {
        Actions::new(&self.inner.engine)
    }

    /// Returns the calls for sending messages and running HTTP actions.
    #[must_use]
    pub fn outbox(&self) -> Outbox<'_> {
        Outbox::new(&self.inner.engine, &self.inner.budget)
    }

    /// Returns the calls for step-up tokens.
    #[must_use]
    pub fn step_up(&self) -> StepUps<'_> {
        StepUps::new(&self.inner.engine)
    }

    /// Returns the calls for the status, the locks and the failure counts of a user.
    #[must_use]
    pub fn account<'a>(&'a self, owner: &'a Owner) -> Account<'a> {
        Account::new(&self.inner.engine, owner)
    }

    /// Returns the policy in force.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.inner.engine.policy
    }

    /// Returns the latest time that the service has seen. A clock that was set back is followed again after a minute;
    /// see [`time`](crate::time).
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.engine.now().latest
    }
}
