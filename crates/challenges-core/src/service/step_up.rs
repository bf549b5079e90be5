use std::time::Duration;

use super::Challenges;
use super::challenges::{find, load};
use super::transaction::Decision;
use crate::answered::Passed;
use crate::codec;
use crate::error::Error;
use crate::id::{Id, OwnerTag};
use crate::keyring::{Place, SealError, Sealed};
use crate::observer::Observation;
use crate::owner::Owner;
use crate::purpose::Purpose;
use crate::step_up::{Claims, StepUp, StepUpRefusal, StepUpRefused, StepUpToken};
use crate::store::Kind;
use crate::time::Timestamp;

impl Challenges {
    /// A token that shows that a challenge was passed, for the user's browser to bring along to what the challenge was
    /// passed for. Its age counts from the right answer, however late it is made.
    ///
    /// Nothing is stored: a token is good any number of times, and cannot be revoked before it is too old. Where it should
    /// open one request only, use [`Challenges::verify_step_up_once`].
    ///
    /// # Errors
    ///
    /// [`Invalid::NoPurpose`](crate::Invalid::NoPurpose) when the challenge was created without a purpose, as are all
    /// that come through the HTTP API, and one-time-use actions, whose actor need not be the challenged user.
    /// [`Error::Entropy`] when no random bytes could be had.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use challenges_core::{Answer, Challenges, ChallengeSpec, ChallengeType, KeyRing, Owner, Purpose};
    /// use challenges_memory::MemoryStore;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
    /// let (alice, bob) = (Owner::user("alice")?, Owner::user("bob")?);
    /// let transfer = Purpose::new("transfer")?;
    ///
    /// let spec = ChallengeSpec::new(ChallengeType::Code)?.with_purpose(transfer.clone());
    /// let created = challenges.create_challenge(alice.clone(), spec).await?;
    /// let code = created.code.ok_or("a code challenge has a code")?;
    /// let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose());
    /// let passed = challenges.answer(answer).await?.passed().ok_or("declined")?;
    ///
    /// let token = challenges.step_up(&passed)?;
    /// let max_age = Duration::from_secs(300);
    /// assert!(challenges.verify_step_up(&token, &alice, &transfer, max_age).is_ok());
    /// assert!(challenges.verify_step_up(&token, &bob, &transfer, max_age).is_err());
    /// # Ok(())
    /// # }
    /// ```
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn step_up(&self, passed: &Passed) -> Result<StepUpToken, Error> {
        let plain = codec::encode(&Claims::of(passed)?)?;
        let sealed = self.inner.ring.seal(self.entropy(), place(&nobody()?), &plain)?;
        self.observe(&Observation::StepUpGranted(passed.challenge()));
        Ok(sealed.into_text().into())
    }

    /// Whether a token shows that this user passed a challenge for this purpose at most `max_age` ago. It is decided by
    /// the keys and the clock alone, without the store.
    ///
    /// Take the user from the host's session, never from the request. Keep `max_age` short; it is capped at
    /// [`StepUpToken::LONGEST_AGE`].
    ///
    /// # Errors
    ///
    /// [`StepUpRefused`] in every other case.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn verify_step_up(
        &self,
        token: &StepUpToken,
        owner: &Owner,
        purpose: &Purpose,
        max_age: Duration,
    ) -> Result<StepUp, StepUpRefused> {
        let now = self.time().latest;
        let verified = self.claims(token).and_then(|claims| claims.admit(owner, purpose, max_age, now));
        verified.map_err(|reason| self.refuse_step_up(owner, purpose, reason))
    }

    /// The same, and the token is used up: of all that show it at once one gets through. It is written to the challenge,
    /// so a challenge that was deleted, or has been swept, lets nobody through.
    ///
    /// # Errors
    ///
    /// [`Error::StepUp`] when the token is refused; [`Error::Store`], [`Error::Contended`] or [`Error::Body`] when it
    /// could not be decided. None of them lets anybody through; after
    /// [`StoreError::OutcomeUnknown`](crate::store::StoreError::OutcomeUnknown) the token may be used up.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn verify_step_up_once(
        &self,
        token: &StepUpToken,
        owner: &Owner,
        purpose: &Purpose,
        max_age: Duration,
    ) -> Result<StepUp, Error> {
        let step_up = self.verify_step_up(token, owner, purpose, max_age)?;
        let id = step_up.challenge();
        let load = load(id);
        let used = self.transact(Some(&load), |loaded, _| {
            let (challenge, version) = match find(loaded, id) {
                Err(Error::NotFound) => return Ok(Decision::Done(Err(StepUpRefusal::ChallengeGone))),
                found => found?,
            };
            let Some(next) = challenge.with_step_up_used() else {
                return Ok(Decision::Done(Err(StepUpRefusal::Used)));
            };
            Ok(Decision::Commit(vec![self.put_challenge(&next, Some(version))?], Ok(())))
        });
        used.await?.map_err(|reason| self.refuse_step_up(owner, purpose, reason))?;
        self.observe(&Observation::StepUpUsed(&step_up));
        Ok(step_up)
    }

    fn claims(&self, token: &StepUpToken) -> Result<Claims, StepUpRefusal> {
        let text = token.expose();
        if text.len() > StepUpToken::MAX_LENGTH {
            return Err(StepUpRefusal::Forged);
        }
        let nobody = nobody().map_err(|_| StepUpRefusal::Forged)?;
        let opened = self.inner.ring.open(place(&nobody), &Sealed::from_text(text));
        let plain = opened.map_err(|error| match error {
            SealError::UnknownKey(_) => StepUpRefusal::UnknownKey,
            SealError::Forged => StepUpRefusal::Forged,
        })?;
        codec::decode(&plain).map_err(|_| StepUpRefusal::Forged)
    }

    fn refuse_step_up(&self, owner: &Owner, purpose: &Purpose, reason: StepUpRefusal) -> StepUpRefused {
        self.observe(&Observation::StepUpRefused(owner, purpose, reason));
        reason.into()
    }
}

/// Where tokens are sealed: in no record of any owner. Whose they are is inside, so that another user's is told apart
/// from a forged one.
fn place(owner: &Owner) -> Place<'_> {
    let id = Id::new(Timestamp::default(), OwnerTag::new(0), 0);
    Place { kind: Kind::Root, id, owner, field: "step_up" }
}

fn nobody() -> Result<Owner, Error> {
    Ok(Owner::user("root")?)
}
