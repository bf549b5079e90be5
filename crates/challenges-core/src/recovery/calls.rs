use super::code::RecoveryCode;
use super::set::RecoverySet;
use crate::challenge_type::ChallengeType;
use crate::engine::{Change, Engine, Versioned};
use crate::error::Error;
use crate::grant::Grant;
use crate::notices;
use crate::observer::Observation;
use crate::outbox::Notice;
use crate::owner::Owner;
use crate::secret::Secret;
use crate::store::Kind;

/// The recovery codes of a service; see [`Challenges::recovery_codes`](crate::Challenges::recovery_codes).
///
/// # Examples
///
/// ```
/// use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Grant, KeyRing, Owner};
/// use challenges_memory::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
/// let alice = Owner::user("alice")?;
///
/// // Show the codes once, for the user to print or store.
/// let codes = challenges.recovery_codes().generate(&alice, &Grant::first_factor()).await?;
/// assert_eq!(codes.len(), 10);
///
/// // Later, without her phone. Offer the other types of the user beside this one.
/// let spec = ChallengeSpec::new([ChallengeType::Totp, ChallengeType::RecoveryCode])?;
/// let challenge = challenges.create(alice.clone(), spec).await?.challenge;
/// let typed = codes[3].expose().to_lowercase().replace('-', " ");
/// let answer = Answer::allow(challenge.id(), ChallengeType::RecoveryCode, typed).by_owner(&alice);
/// let passed = challenges.answer(answer).await?.passed().ok_or("declined")?;
///
/// // Ask the user to enroll a new factor.
/// assert_eq!(passed.kind(), Some(ChallengeType::RecoveryCode));
/// assert_eq!(passed.recovery_codes_left(), Some(9));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RecoveryCodes<'a> {
    engine: &'a Engine,
}

impl<'a> RecoveryCodes<'a> {
    pub(crate) const fn new(engine: &'a Engine) -> Self {
        Self { engine }
    }

    /// Generates [`Policy::recovery_codes`](crate::Policy::recovery_codes) codes for a user. All earlier codes of the
    /// user are refused from then on, even in open challenges.
    ///
    /// The codes are returned only here. A code has 60 bits and the form `XXXX-XXXX-XXXX`, in digits and capitals
    /// without `I`, `L`, `O` and `U` (Crockford's base 32). Answers are read in any case, with spaces and dashes
    /// anywhere, and with `O`, `I` and `L` for the digits that look alike.
    ///
    /// # Security
    ///
    /// A caller with the codes can pass every challenge of the user that offers recovery codes. With
    /// [`Grant::first_factor`], the codes have to be younger than the enrollment of the first factor.
    ///
    /// # Errors
    ///
    /// - [`Error::Grant`] when the grant does not admit the change.
    /// - [`Error::Contended`] when concurrent changes won every try.
    /// - [`Error::Store`] when the store fails. After
    ///   [`StoreError::OutcomeUnknown`](crate::store::StoreError::OutcomeUnknown) the earlier codes may be replaced;
    ///   generate again.
    /// - [`Error::Entropy`] when the random number generator fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "recovery_codes.generate", level = "debug", skip_all))]
    pub async fn generate(self, owner: &Owner, grant: &Grant) -> Result<Vec<Secret>, Error> {
        let engine = self.engine;
        let load = engine.load_owned(owner, &Grant::kinds());
        let codes = engine
            .transact(Some(&load), |loaded, now| {
                grant.admit(engine, loaded, owner, Some(ChallengeType::RecoveryCode), now)?;
                let earlier = engine.owned::<RecoverySet>(loaded, owner, now)?;
                let drawn = (0..engine.policy.recovery_codes).map(|_| RecoveryCode::generate(engine.entropy()));
                let codes = drawn.collect::<Result<Vec<_>, _>>()?;
                let id = engine.new_id(owner, now)?;
                let set = RecoverySet::new(id, owner.clone(), now.clock, &codes, &engine.keys);
                let mut writes = vec![engine.put(&set, None)?];
                writes.extend(notices::changed(engine, loaded, owner, Notice::RecoveryCodesGenerated, now)?);
                writes.extend(earlier.iter().map(Versioned::delete));
                Ok(Change::new(writes, codes.iter().map(RecoveryCode::grouped).collect::<Vec<_>>()))
            })
            .await?;
        grant.observe(engine, owner);
        engine.observe(&Observation::RecoveryCodesChanged { owner, left: codes.len() });
        Ok(codes)
    }

    /// Returns the number of codes that can answer. Used codes do not count, and neither do codes under a retired or
    /// removed key.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "recovery_codes.left", level = "debug", skip_all))]
    pub async fn left(self, owner: &Owner) -> Result<usize, Error> {
        let engine = self.engine;
        let loaded = engine.store.load(&engine.load_owned(owner, &[Kind::RecoveryCodes])).await?;
        let mut left = 0_usize;
        for set in engine.owned::<RecoverySet>(&loaded, owner, engine.now())? {
            left = left.saturating_add(set.value.unused(&engine.keys)?.usable);
        }
        Ok(left)
    }

    /// Deletes the codes of a user, if any. From then on the codes answer no challenge, including open challenges.
    ///
    /// # Errors
    ///
    /// - [`Error::Grant`] when the grant does not admit the change.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "recovery_codes.delete", level = "debug", skip_all))]
    pub async fn delete(self, owner: &Owner, grant: &Grant) -> Result<(), Error> {
        let engine = self.engine;
        let load = engine.load_owned(owner, &Grant::kinds());
        let deleted = engine
            .transact(Some(&load), |loaded, now| {
                grant.admit(engine, loaded, owner, Some(ChallengeType::RecoveryCode), now)?;
                let sets = engine.owned::<RecoverySet>(loaded, owner, now)?;
                if sets.is_empty() {
                    return Ok(Change::none(false));
                }
                let mut writes: Vec<_> = sets.iter().map(Versioned::delete).collect();
                writes.extend(notices::changed(engine, loaded, owner, Notice::RecoveryCodesDeleted, now)?);
                Ok(Change::new(writes, true))
            })
            .await?;
        if deleted {
            grant.observe(engine, owner);
        }
        observe_ended(engine, owner, deleted);
        Ok(())
    }
}

/// Tells the observer of the deletion of recovery codes, if there were any.
pub(crate) fn observe_ended(engine: &Engine, owner: &Owner, ended: bool) {
    if ended {
        engine.observe(&Observation::RecoveryCodesChanged { owner, left: 0 });
    }
}
