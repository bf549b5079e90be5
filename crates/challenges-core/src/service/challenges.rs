use std::time::Duration;

use super::Challenges;
use super::siblings::Siblings;
use super::transaction::Decision;
use crate::challenge::{
    Challenge, ChallengeType, CodeMac, Draft, EndpointRef, Event, Outcome, Replacement, State, Timeout,
};
use crate::codec;
use crate::entropy;
use crate::error::{Capped, Error, Invalid};
use crate::id::ChallengeId;
use crate::keyring::Place;
use crate::observer::Observation;
use crate::owner::Owner;
use crate::policy::CodeForm;
use crate::request::{ChallengeSpec, CreatedChallenge};
use crate::secret::Secret;
use crate::sends::SendLimit;
use crate::store::{Key, Kind, Load, Loaded, Version, Write};

/// The kinds of which a challenge may name records, or be answered by them.
const NAMED: [Kind; 3] = [Kind::TotpEnrollment, Kind::WebauthnEnrollment, Kind::Endpoint];

/// Those, and what counts the messages to the owner, for a challenge that may be sent.
const SENT: [Kind; 4] = [Kind::TotpEnrollment, Kind::WebauthnEnrollment, Kind::Endpoint, Kind::Subject];

impl Challenges {
    /// Challenges a user. The challenge is issued where the spec says so, and pending otherwise; it fails at once when
    /// none of its types can reach the user.
    ///
    /// Messages are only stored here: a dispatcher sends them, and where none runs nobody gets them. See
    /// [`Challenges::dispatch`].
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with what is wrong with the spec, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn create_challenge(&self, owner: Owner, spec: ChallengeSpec) -> Result<CreatedChallenge, Error> {
        self.check_spec(&spec)?;
        if spec.number_match && !spec.types.iter().any(ChallengeType::sends_link) {
            return Err(Invalid::NumberMatchTypes.into());
        }
        let looks_up = spec.endpoints.iter().any(|named| named.endpoint.is_some())
            || (spec.send_now && spec.types.iter().any(|kind| kind != ChallengeType::Code));
        let sends = spec.send_now && spec.types.iter().any(ChallengeType::sends_link);
        let load = looks_up.then(|| self.load_of(&owner, if sends { &SENT } else { &NAMED }));
        let (created, limited) = self
            .transact(load.as_ref(), |loaded, now| {
                let siblings = self.siblings(loaded, &owner, now)?;
                let id = ChallengeId(self.mint(&owner, now)?);
                let draft = self.draft(id, &owner, &spec, &[], &siblings)?;
                let mut challenge = Challenge::pending(id, owner.clone(), now.clock, draft);
                challenge = challenge.with_purpose(spec.purpose.clone()).with_description(spec.description.clone());
                let code = match challenge.types().offer(ChallengeType::Code) {
                    true => Some(self.code()?),
                    false => None,
                };
                if let Some(code) = &code {
                    let mac = self.inner.ring.mac(challenge.place().field("code"), code.expose());
                    challenge = challenge.with_code(CodeMac { mac, guessable: self.inner.policy.code_is_guessable() });
                }
                let numbered = spec.number_match || self.inner.policy.number_match;
                let number = match numbered && challenge.types().iter().any(ChallengeType::sends_link) {
                    true => Some(Secret::from(entropy::characters(self.entropy(), b"0123456789", 2)?)),
                    false => None,
                };
                if let Some(number) = &number {
                    let mac = self.inner.ring.mac(challenge.place().field("number"), number.expose());
                    challenge = challenge.with_number(mac);
                }
                let (mut writes, mut limited) = (Vec::new(), None);
                if challenge.send_now() {
                    let issued = self.issue(challenge, &siblings, self.subject(loaded, &owner)?, now)?;
                    challenge = issued.transition.next;
                    (writes, limited) = (issued.writes, issued.limited);
                }
                writes.push(self.put_challenge(&challenge, None)?);
                Ok(Decision::Commit(writes, (CreatedChallenge { challenge, code, number }, limited)))
            })
            .await?;
        self.observe(&Observation::ChallengeCreated(&created.challenge));
        self.observe_unsent(&created.challenge, limited);
        Ok(created)
    }

    /// A challenge as it stands at present. [`Challenge::state_at`] with [`Challenges::now`] tells whether it is timed
    /// out.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is none of that id, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn challenge(&self, id: ChallengeId) -> Result<Challenge, Error> {
        let loaded = self.inner.store.load(&load(id)).await?;
        Ok(find(&loaded, id)?.0)
    }

    /// The challenges of a user in order of creation: at most `limit` (1 to 500) after that one.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for another limit, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn challenges_of(
        &self,
        owner: &Owner,
        after: Option<ChallengeId>,
        limit: usize,
    ) -> Result<Vec<Challenge>, Error> {
        let after = after.map(|id| id.0);
        self.list(Some(owner), Kind::Challenge, after, limit, |body| {
            let challenge = Challenge::from_body(codec::decode(body)?);
            Ok((challenge.owner() == owner).then_some(challenge))
        })
        .await
    }

    /// Replaces the particulars of a pending challenge, and issues it where the spec says so. Once it is issued this
    /// changes nothing, since whoever holds a link knows the id. Absent answer data keeps what is stored, and whether a
    /// number is asked for stays as it was created.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such challenge, [`Error::Invalid`] with what is wrong with the spec or when
    /// it is a one-time-use action, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn replace_challenge(&self, id: ChallengeId, spec: ChallengeSpec) -> Result<Challenge, Error> {
        let load = load(id).with_siblings(&SENT);
        let (challenge, outcomes, limited) = self
            .transact(Some(&load), |loaded, now| {
                let (stored, version) = find(loaded, id)?;
                let siblings = self.siblings(loaded, stored.owner(), now)?;
                let replacement = match stored.state_at(now.latest) {
                    State::Pending => {
                        self.check_spec(&spec)?;
                        if spec.number_match && !stored.number_match() {
                            return Err(Invalid::NumberMatchLate.into());
                        }
                        self.draft(id, stored.owner(), &spec, stored.endpoints(), &siblings)?
                    }
                    // What an ended or issued challenge is asked to become does not matter, as it stays what it is.
                    _ => stored.draft(),
                };
                let event = Event::Replace(Replacement(replacement));
                let replaced =
                    stored.step(event, &self.inner.policy, now.latest).map_err(|_| Invalid::NotReplaceable)?;
                if replaced.outcome == Outcome::Unchanged {
                    return Ok(Decision::Done((stored, Vec::new(), None)));
                }
                let mut challenge = replaced.next;
                let mut outcomes = vec![replaced.outcome];
                let (mut writes, mut limited) = (Vec::new(), None);
                if challenge.send_now() && challenge.state_at(now.latest) == State::Pending {
                    let subject = self.subject(loaded, challenge.owner())?;
                    let issued = self.issue(challenge, &siblings, subject, now)?;
                    challenge = issued.transition.next;
                    outcomes.push(issued.transition.outcome);
                    (writes, limited) = (issued.writes, issued.limited);
                }
                writes.push(self.put_challenge(&challenge, Some(version))?);
                Ok(Decision::Commit(writes, (challenge, outcomes, limited)))
            })
            .await?;
        for outcome in outcomes {
            self.observe(&Observation::ChallengeMoved(&challenge, outcome));
        }
        self.observe_unsent(&challenge, limited);
        Ok(challenge)
    }

    /// Deletes a challenge. Its links lead nowhere from then on. Of several calls at the same time one succeeds.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is none of that id, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn delete_challenge(&self, id: ChallengeId) -> Result<(), Error> {
        self.transact(Some(&load(id)), |loaded, _| {
            let (_, version) = find(loaded, id)?;
            Ok(Decision::Commit(vec![Write::delete(Key::new(Kind::Challenge, id.0), version)], ()))
        })
        .await?;
        self.observe(&Observation::ChallengeDeleted(id));
        Ok(())
    }

    /// Tells that a challenge was issued without the message that it would have been sent by.
    fn observe_unsent(&self, challenge: &Challenge, limited: Option<Duration>) {
        if let Some(wait) = limited {
            let owner = challenge.owner();
            self.observe(&Observation::SendLimited { owner, limit: SendLimit::User, wait });
        }
    }

    /// What can be told to be wrong without looking anything up.
    fn check_spec(&self, spec: &ChallengeSpec) -> Result<(), Invalid> {
        let policy = &self.inner.policy;
        if let Some(uri) = &spec.response_uri {
            policy.response_origins.allow(uri)?;
        }
        if spec.endpoints.len() > policy.challenge_endpoints {
            return Err(Invalid::TooMany { what: Capped::ChallengeEndpoints, max: policy.challenge_endpoints });
        }
        if spec.answer_data.as_ref().is_some_and(|data| data.expose().len() > policy.answer_data) {
            return Err(Invalid::AnswerDataTooLarge { max: policy.answer_data });
        }
        self.timeout(spec.timeout).map(|_| ())
    }

    pub(super) fn timeout(&self, timeout: Option<Timeout>) -> Result<Timeout, Invalid> {
        let policy = &self.inner.policy;
        let timeout = match timeout {
            Some(timeout) => timeout,
            None => Timeout::from_seconds(policy.default_timeout.as_secs())?,
        };
        if timeout.as_duration() > policy.longest_timeout {
            return Err(Invalid::Timeout { max: policy.longest_timeout.as_secs() });
        }
        Ok(timeout)
    }

    /// What a spec makes of a challenge that named those endpoints before.
    fn draft(
        &self,
        id: ChallengeId,
        owner: &Owner,
        spec: &ChallengeSpec,
        before: &[EndpointRef],
        siblings: &Siblings,
    ) -> Result<Draft, Error> {
        let place = Place { kind: Kind::Challenge, id: id.0, owner, field: "answer_data" };
        let answer_data = spec.answer_data.as_ref();
        let seal =
            |data: &crate::secret::AnswerData| self.inner.ring.seal(self.entropy(), place, data.expose().as_bytes());
        let endpoints = siblings.resolve(&spec.endpoints, before)?;
        if spec.types.offer(ChallengeType::Webauthn) {
            self.check_webauthn(siblings, &endpoints, spec.origin.as_ref())?;
        }
        Ok(Draft {
            types: spec.types.clone(),
            send_now: spec.send_now,
            timeout: self.timeout(spec.timeout)?,
            response_uri: spec.response_uri.clone(),
            origin: spec.origin.clone(),
            endpoints,
            answer_data: answer_data.map(seal).transpose()?,
        })
    }

    fn code(&self) -> Result<Secret, Error> {
        Ok(match self.inner.policy.code {
            CodeForm::Secret => entropy::secret(self.entropy())?.into(),
            CodeForm::Digits(digits) => entropy::characters(self.entropy(), b"0123456789", digits.into())?.into(),
        })
    }
}

pub(super) fn load(id: ChallengeId) -> Load {
    Load::key(Key::new(Kind::Challenge, id.0))
}

/// The challenge among what was loaded.
pub(super) fn find(loaded: &Loaded, id: ChallengeId) -> Result<(Challenge, Version), Error> {
    let stored = loaded.find(Key::new(Kind::Challenge, id.0)).ok_or(Error::NotFound)?;
    Ok((Challenge::from_body(codec::decode(&stored.record.body)?), stored.version))
}
