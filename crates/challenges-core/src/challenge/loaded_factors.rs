use super::{Challenge, EndpointRef};
use crate::challenge_type::ChallengeType;
use crate::endpoints::Endpoint;
use crate::engine::{Engine, Now, Versioned};
use crate::enrollment::{Enrollment, EnrollmentFactor};
use crate::error::{Error, Invalid};
use crate::id::Id;
use crate::owner::Owner;
use crate::recovery::RecoverySet;
use crate::store::Loaded;
use crate::stored_factor::StoredFactor;
use crate::totp::TotpEnrollment;
use crate::webauthn::{ServedOrigins, WebauthnEnrollment};

/// The loaded enrollments and endpoints of a user: the records to name in a challenge, or to answer with.
#[derive(Default)]
pub(crate) struct LoadedFactors {
    pub(crate) totp: Vec<Versioned<TotpEnrollment>>,
    pub(crate) webauthn: Vec<Versioned<WebauthnEnrollment>>,
    pub(crate) endpoints: Vec<Versioned<Endpoint>>,
    recovery: Option<Versioned<RecoverySet>>,
    served: ServedOrigins,
}

impl LoadedFactors {
    /// Returns the loaded factors of the owner.
    pub(crate) fn read(engine: &Engine, loaded: &Loaded, owner: &Owner, now: Now) -> Result<Self, Error> {
        let endpoints = engine.owned(loaded, owner, now)?;
        Ok(Self { endpoints, ..Self::that_answer(engine, loaded, owner, now)? })
    }

    /// Returns the factors without the endpoints. Endpoints answer nothing, and an unreadable endpoint would fail the
    /// call and leave the answer uncounted.
    pub(super) fn that_answer(engine: &Engine, loaded: &Loaded, owner: &Owner, now: Now) -> Result<Self, Error> {
        let mut factors = Self::default();
        for factor in StoredFactor::all() {
            match factor {
                StoredFactor::Totp => factors.totp = engine.owned(loaded, owner, now)?,
                StoredFactor::Webauthn => {
                    factors.webauthn = engine.owned(loaded, owner, now)?;
                    factors.served = ServedOrigins::new(engine, &factors.webauthn);
                }
                StoredFactor::Endpoint => {}
                StoredFactor::RecoveryCodes => {
                    // A set without a usable code answers nothing, and a malformed set must not block the other factors.
                    let usable = |found: &Versioned<RecoverySet>| {
                        found.value.unused(&engine.keys).is_ok_and(|unused| unused.usable > 0)
                    };
                    factors.recovery = engine.owned(loaded, owner, now)?.into_iter().find(usable);
                }
            }
        }
        Ok(factors)
    }

    /// Returns the references with the type of each filled in, so that the id of a deleted record is not mistaken for
    /// another type later. References in `before` stay valid without a record.
    pub(super) fn resolve(
        &self,
        references: &[EndpointRef],
        before: &[EndpointRef],
    ) -> Result<Vec<EndpointRef>, Invalid> {
        references.iter().map(|reference| self.resolve_one(reference, before)).collect()
    }

    fn resolve_one(&self, reference: &EndpointRef, before: &[EndpointRef]) -> Result<EndpointRef, Invalid> {
        let Some(id) = reference.id() else { return Ok(*reference) };
        let earlier = || before.iter().find(|named| named.id() == Some(id)).and_then(EndpointRef::kind);
        let kind = self.kind_of(id).or_else(earlier).ok_or(Invalid::UnknownEndpoint)?;
        if reference.kind().is_some_and(|stated| stated != kind) {
            return Err(Invalid::UnknownEndpoint);
        }
        Ok(EndpointRef::resolved(id, kind))
    }

    /// Returns the type of challenges served by a usable enrollment or endpoint.
    fn kind_of(&self, id: Id) -> Option<ChallengeType> {
        StoredFactor::all().find_map(|factor| match factor {
            StoredFactor::Totp => type_of(&self.totp, id),
            StoredFactor::Webauthn => type_of(&self.webauthn, id),
            StoredFactor::Endpoint => {
                let mut usable = self.endpoints.iter().map(|found| &found.value).filter(|found| found.is_usable());
                usable.find(|endpoint| endpoint.id().0 == id).map(Endpoint::channel)
            }
            StoredFactor::RecoveryCodes => None,
        })
    }

    /// Returns the TOTP enrollments that may answer a challenge.
    pub(super) fn totp_for(&self, challenge: &Challenge) -> Vec<&Versioned<TotpEnrollment>> {
        let may_answer = |found: &&Versioned<TotpEnrollment>| {
            found.value.is_completed() && admits(challenge, ChallengeType::Totp, found.value.id().0)
        };
        self.totp.iter().filter(may_answer).collect()
    }

    /// Returns the WebAuthn enrollments that may answer a challenge: completed, named, and of a served relying party.
    pub(super) fn webauthn_for(&self, challenge: &Challenge) -> Vec<&Versioned<WebauthnEnrollment>> {
        let may_answer = |found: &&Versioned<WebauthnEnrollment>| {
            found.value.is_completed()
                && admits(challenge, ChallengeType::Webauthn, found.value.id().0)
                && self.served.admit(&found.value, challenge.origin())
        };
        self.webauthn.iter().filter(may_answer).collect()
    }

    /// Returns the recovery codes of the user, if any is usable.
    pub(super) const fn recovery(&self) -> Option<&Versioned<RecoverySet>> {
        self.recovery.as_ref()
    }

    /// Returns the endpoints to send a challenge to.
    pub(super) fn endpoints_for<'a>(&'a self, challenge: &'a Challenge) -> impl Iterator<Item = &'a Endpoint> {
        let receives =
            |endpoint: &&Endpoint| endpoint.is_usable() && admits(challenge, endpoint.channel(), endpoint.id().0);
        self.endpoints.iter().map(|found| &found.value).filter(receives)
    }

    /// Returns whether the user can answer a challenge without any message.
    pub(crate) fn answer_without_message(&self, challenge: &Challenge) -> bool {
        let can_answer = |kind| match kind {
            ChallengeType::Code => challenge.code().is_some(),
            ChallengeType::Totp => !self.totp_for(challenge).is_empty(),
            ChallengeType::Webauthn => !self.webauthn_for(challenge).is_empty(),
            ChallengeType::RecoveryCode => self.recovery.is_some(),
            ChallengeType::Sms | ChallengeType::WebPush | ChallengeType::Email => false,
        };
        challenge.types().is_none_or(|types| types.iter().any(can_answer))
    }
}

/// Returns the type of the completed enrollment with this id.
fn type_of<F: EnrollmentFactor>(enrollments: &[Versioned<Enrollment<F>>], id: Id) -> Option<ChallengeType> {
    let mut completed = enrollments.iter().filter(|found| found.value.is_completed());
    completed.any(|found| found.value.id().0 == id).then_some(F::CHALLENGE_TYPE)
}

/// Returns whether a challenge offers the type, and names either this record or no record of the type.
fn admits(challenge: &Challenge, kind: ChallengeType, id: Id) -> bool {
    let mut named = challenge.endpoints().iter().filter(|named| named.kind() == Some(kind)).filter_map(EndpointRef::id);
    let offered = challenge.types().is_some_and(|types| types.contains(kind));
    let mut any = false;
    offered
        && (named.any(|named| {
            any = true;
            named == id
        }) || !any)
}
