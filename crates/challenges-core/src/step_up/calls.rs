use std::time::Duration;

use super::StepUp;
use super::claims::Claims;
use crate::challenge::{Challenge, Passed};
use crate::codec;
use crate::engine::{self, Change, Engine, SALT_KEY, salt_owner};
use crate::error::{Error, Invalid, StepUpRefused};
use crate::evidence::{Evidence, Requirement};
use crate::keyring::{Place, Sealed};
use crate::observer::Observation;
use crate::owner::Owner;
use crate::purpose::Purpose;
use crate::secret::Secret;

/// The step-up tokens of a service; see [`Challenges::step_up`](crate::Challenges::step_up).
#[derive(Clone, Copy, Debug)]
pub struct StepUps<'a> {
    pub(super) engine: &'a Engine,
}

impl<'a> StepUps<'a> {
    pub(crate) const fn new(engine: &'a Engine) -> Self {
        Self { engine }
    }

    /// The maximum length of a token, in characters. Longer texts are refused unread.
    pub const MAX_LENGTH: usize = 4_000;

    /// The maximum age of an accepted token since the challenge was passed, even if a caller asks for more. A single
    /// token cannot be revoked.
    pub const LONGEST_AGE: Duration = Duration::from_secs(86_400);

    /// Grants a token for a passed challenge. The user's browser presents the token with requests for the purpose of
    /// the challenge. The age of the token counts from the right answer, however late the token is granted.
    ///
    /// The text has at most [`MAX_LENGTH`](Self::MAX_LENGTH) characters of `A-Z`, `a-z`, `0-9`, `-`, `_` and `.`, fit
    /// for a cookie or header. The content is sealed, and bound to the user, purpose, challenge, time and type of the
    /// answer. The token is a secret of the user: together with the user's session, the token opens everything behind
    /// the purpose. Hand the token to the browser of the user who passed, and to nobody else.
    ///
    /// Nothing is stored. A token is good for any number of requests with this store. A single token cannot be revoked:
    /// all tokens end when their key is retired or removed. For a token that is good for one request, use
    /// [`verify_once`](Self::verify_once).
    ///
    /// # Errors
    ///
    /// - [`Invalid::NoPurpose`](crate::Invalid::NoPurpose) when the challenge has no purpose. Challenges created
    ///   through the HTTP API have none. One-time-use actions have none either, because the actor need not be the
    ///   challenged user.
    /// - [`Error::Entropy`] when the random number generator fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use challenges_core::keyring::KeyRing;
    /// use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Owner, Purpose};
    /// use challenges_memory::MemoryStore;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
    /// let (alice, bob) = (Owner::user("alice")?, Owner::user("bob")?);
    /// let transfer = Purpose::new("transfer")?;
    ///
    /// let spec = ChallengeSpec::new(ChallengeType::Code)?.with_purpose(transfer.clone());
    /// let created = challenges.create(alice.clone(), spec).await?;
    /// let code = created.code.ok_or("a code challenge has a code")?;
    /// let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose());
    /// let passed = challenges.answer(answer).await?.passed().ok_or("declined")?;
    ///
    /// let token = challenges.step_up().grant(&passed)?;
    /// let max_age = Duration::from_secs(300);
    /// assert!(challenges.step_up().verify(&token, &alice, &transfer, max_age).is_ok());
    /// assert!(challenges.step_up().verify(&token, &bob, &transfer, max_age).is_err());
    /// # Ok(())
    /// # }
    /// ```
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "step_up.grant", level = "debug", skip_all))]
    pub fn grant(self, passed: &Passed) -> Result<Secret, Error> {
        let claims = Claims::of(passed)?;
        let kind = passed.kind().ok_or(Invalid::NoPurpose)?;
        let sealed = self.engine.seal(self.place(&salt_owner()?), &codec::encode(&claims)?)?;
        let Claims { challenge, owner, purpose, .. } = &claims;
        self.engine.observe(&Observation::StepUpGranted { challenge: *challenge, owner, purpose, kind });
        Ok(sealed.into_text().into())
    }

    /// Verifies that this user passed a challenge for this purpose, with the required evidence. Needs the keys and the
    /// clock only, not the store.
    ///
    /// `required` is a [`Requirement`], or a `Duration`: the maximum age of a pass by any factor. Evidence older than
    /// [`Requirement::within`] or [`LONGEST_AGE`](Self::LONGEST_AGE) does not count. Keep the age short, and take the user
    /// from the host's session, never from the request.
    ///
    /// # Errors
    ///
    /// [`StepUpRefused`] in every other case.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "step_up.verify", level = "debug", skip_all))]
    pub fn verify(
        self,
        token: &Secret,
        owner: &Owner,
        purpose: &Purpose,
        required: impl Into<Requirement>,
    ) -> Result<StepUp, StepUpRefused> {
        let (required, now) = (required.into(), self.engine.now().latest);
        let verified = self.claims(token).and_then(|claims| claims.admit(owner, purpose, &required, now));
        verified.map_err(|reason| self.refuse(owner, purpose, reason))
    }

    /// Verifies a token like [`verify`](Self::verify), and uses the token up: of concurrent requests with the same
    /// token, exactly one gets through.
    ///
    /// The use is stored in the challenge of the token, and not in the challenges of evidence added by
    /// [`Passed::after`](crate::Passed::after): each use takes one newly passed challenge. A token whose challenge was
    /// deleted or swept is refused.
    ///
    /// # Errors
    ///
    /// No error lets a request through.
    ///
    /// - [`Error::StepUp`] when the token is refused.
    /// - [`Error::Store`], [`Error::Contended`] or [`Error::Body`] when the token could not be verified. After
    ///   [`StoreError::OutcomeUnknown`](crate::store::StoreError::OutcomeUnknown) the token may be used up.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "step_up.verify_once", level = "debug", skip_all))]
    pub async fn verify_once(
        self,
        token: &Secret,
        owner: &Owner,
        purpose: &Purpose,
        required: impl Into<Requirement>,
    ) -> Result<StepUp, Error> {
        let engine = self.engine;
        let step_up = self.verify(token, owner, purpose, required)?;
        let kind = step_up.evidence().first().and_then(Evidence::factor).ok_or(StepUpRefused::Forged)?;
        let id = step_up.challenge().0;
        let load = engine::load::<Challenge>(id);
        let used = engine.transact(Some(&load), |loaded, _| {
            let found = match engine::find::<Challenge>(loaded, id) {
                Err(Error::NotFound) => return Ok(Change::none(Err(StepUpRefused::ChallengeGone))),
                found => found?,
            };
            let (stored, claimed) = (&found.value, &step_up);
            if stored.owner() != claimed.owner() || stored.purpose() != Some(claimed.purpose()) {
                return Ok(Change::none(Err(StepUpRefused::OtherChallenge)));
            }
            let Some(next) = found.value.with_step_up_used() else {
                return Ok(Change::none(Err(StepUpRefused::Used)));
            };
            Ok(Change::new(vec![engine.put(&next, Some(found.version))?], Ok(())))
        });
        used.await?.map_err(|reason| self.refuse(owner, purpose, reason))?;
        engine.observe(&Observation::StepUpUsed {
            challenge: step_up.challenge(),
            owner: step_up.owner(),
            purpose: step_up.purpose(),
            kind,
        });
        Ok(step_up)
    }

    /// Returns the purpose of a token without verifying anything else. For gates that accept several purposes.
    #[doc(hidden)]
    #[must_use]
    pub fn purpose_of(self, token: &Secret) -> Option<Purpose> {
        self.claims(token).ok().map(|claims| claims.purpose)
    }

    fn claims(self, token: &Secret) -> Result<Claims, StepUpRefused> {
        let text = token.expose();
        if text.len() > StepUps::MAX_LENGTH {
            return Err(StepUpRefused::Forged);
        }
        let nobody = salt_owner().map_err(|_| StepUpRefused::Forged)?;
        let opened = self.engine.keys.open_token(self.place(&nobody), &Sealed::from_text(text));
        let plain = opened.map_err(|error| StepUpRefused::of(&error))?;
        codec::decode(&plain).map_err(|_| StepUpRefused::Forged)
    }

    fn refuse(self, owner: &Owner, purpose: &Purpose, reason: StepUpRefused) -> StepUpRefused {
        self.engine.observe(&Observation::StepUpRefused { owner, purpose, reason });
        reason
    }

    /// Returns the place of all tokens of this store, the same for every user. The user is part of the sealed claims,
    /// so that a token of another user is told from a forgery. The id binds tokens to the salt of the store: a token of
    /// another service with the same keys does not open.
    fn place<'p>(self, nobody: &'p Owner) -> Place<'p> {
        Place { kind: SALT_KEY.kind, id: self.engine.owner_tags.store_id(), owner: nobody, field: "step_up" }
    }
}
