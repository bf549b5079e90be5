use super::{Challenges, Now};
use crate::challenge::{Challenge, ChallengeType, EndpointRef};
use crate::codec;
use crate::endpoint::Endpoint;
use crate::enrollment::{EnrollmentRecord, TotpEnrollment, WebauthnEnrollment};
use crate::error::{Error, Invalid};
use crate::id::Id;
use crate::owner::Owner;
use crate::store::{Key, Kind, Loaded, Version, Write};
use crate::subject::Subject;
use crate::webauthn::Credential;

/// The owner's enrollments and endpoints, as far as they were loaded.
#[derive(Default)]
pub(super) struct Siblings {
    pub(super) totp: Vec<(TotpEnrollment, Version)>,
    pub(super) webauthn: Vec<(WebauthnEnrollment, Version)>,
    /// The deletion of each enrollment that waited in vain to be completed: whoever begins again and again is not to
    /// leave a heap that every answer has to read.
    pub(super) expired: Vec<Write>,
    pub(super) endpoints: Vec<Endpoint>,
}

impl Challenges {
    /// What was loaded of the owner. Records of another owner of the same tag are passed over.
    pub(super) fn siblings(&self, loaded: &Loaded, owner: &Owner, now: Now) -> Result<Siblings, Error> {
        let mut siblings = Siblings::default();
        siblings.totp = self.alive(loaded, owner, now, &mut siblings.expired)?;
        siblings.webauthn = self.alive(loaded, owner, now, &mut siblings.expired)?;
        for stored in loaded.of_kind(Kind::Endpoint) {
            let endpoint = Endpoint::from_body(codec::decode(&stored.record.body)?);
            if endpoint.owner() == owner && endpoint.is_alive(&self.inner.policy, now.latest) {
                siblings.endpoints.push(endpoint);
            }
        }
        Ok(siblings)
    }

    /// The owner's enrollments of a kind, but for those that waited in vain.
    fn alive<E: EnrollmentRecord>(
        &self,
        loaded: &Loaded,
        owner: &Owner,
        now: Now,
        expired: &mut Vec<Write>,
    ) -> Result<Vec<(E, Version)>, Error> {
        let mut alive = Vec::new();
        for stored in loaded.of_kind(E::KIND) {
            let enrollment = E::decode_stored(stored)?;
            if enrollment.owner() != owner {
                continue;
            }
            if enrollment.is_alive(&self.inner.policy, now.latest) {
                alive.push((enrollment, stored.version));
            } else {
                expired.push(Write::delete(stored.record.key, stored.version));
            }
        }
        Ok(alive)
    }

    /// The owner's subject record and its version, if there is one.
    pub(super) fn subject(&self, loaded: &Loaded, owner: &Owner) -> Result<Option<(Subject, Version)>, Error> {
        let key = Key::new(Kind::Subject, self.inner.tagger.subject_id(owner));
        let Some(stored) = loaded.find(key) else { return Ok(None) };
        Ok(Some((codec::decode(&stored.record.body)?, stored.version)))
    }
}

impl Siblings {
    /// The references with the type of each spelled out, so that what is deleted later is not taken for another type. What
    /// the challenge named before may be gone by now.
    pub(super) fn resolve(
        &self,
        references: &[EndpointRef],
        before: &[EndpointRef],
    ) -> Result<Vec<EndpointRef>, Invalid> {
        references.iter().map(|reference| self.resolve_one(reference, before)).collect()
    }

    fn resolve_one(&self, reference: &EndpointRef, before: &[EndpointRef]) -> Result<EndpointRef, Invalid> {
        let Some(id) = &reference.endpoint else {
            return if reference.kind.is_some() { Ok(reference.clone()) } else { Err(Invalid::EmptyEndpoint) };
        };
        let totp = self.totp.iter().filter(|(enrollment, _)| enrollment.is_completed());
        let webauthn = self.webauthn.iter().filter(|(enrollment, _)| enrollment.is_completed());
        let mut known = totp
            .map(|(enrollment, _)| (enrollment.id().to_string(), ChallengeType::Totp))
            .chain(webauthn.map(|(enrollment, _)| (enrollment.id().to_string(), ChallengeType::Webauthn)))
            .chain(
                self.endpoints
                    .iter()
                    .filter(|endpoint| endpoint.is_usable())
                    .map(|endpoint| (endpoint.id().to_string(), endpoint.channel())),
            )
            .chain(before.iter().filter_map(|named| Some((named.endpoint.clone()?, named.kind?))));
        let kind = known.find(|(known, _)| known == id).map(|(_, kind)| kind).ok_or(Invalid::UnknownEndpoint)?;
        if reference.kind.is_some_and(|said| said != kind) {
            return Err(Invalid::UnknownEndpoint);
        }
        Ok(EndpointRef { endpoint: Some(id.clone()), kind: Some(kind) })
    }

    /// The enrollments that may answer a challenge by TOTP.
    pub(super) fn totp_for<'a>(
        &'a self,
        challenge: &'a Challenge,
    ) -> impl Iterator<Item = &'a (TotpEnrollment, Version)> {
        let offered = challenge.types().offer(ChallengeType::Totp);
        self.totp.iter().filter(move |(enrollment, _)| {
            offered && enrollment.is_completed() && names(challenge, ChallengeType::Totp, enrollment.id().0)
        })
    }

    /// The enrollments that may answer a challenge by WebAuthn, and their credentials.
    pub(super) fn webauthn_for<'a>(
        &'a self,
        challenge: &'a Challenge,
    ) -> impl Iterator<Item = (&'a WebauthnEnrollment, &'a Credential, Version)> {
        let offered = challenge.types().offer(ChallengeType::Webauthn);
        self.webauthn
            .iter()
            .filter(move |(enrollment, _)| offered && names(challenge, ChallengeType::Webauthn, enrollment.id().0))
            .filter_map(|(enrollment, version)| Some((enrollment, enrollment.credential()?, *version)))
    }

    /// The endpoints that a challenge is sent to.
    pub(super) fn endpoints_for<'a>(&'a self, challenge: &'a Challenge) -> impl Iterator<Item = &'a Endpoint> {
        self.endpoints.iter().filter(move |endpoint| {
            let offered = endpoint.is_usable() && challenge.types().offer(endpoint.channel());
            offered && names(challenge, endpoint.channel(), endpoint.id().0)
        })
    }
}

/// Whether a challenge means that one: it names it, or names none of its type.
fn names(challenge: &Challenge, kind: ChallengeType, id: Id) -> bool {
    let id = id.encode();
    let named = challenge.endpoints().iter().filter(|named| named.kind == Some(kind));
    let mut named = named.filter_map(|named| named.endpoint.as_ref()).peekable();
    named.peek().is_none() || named.any(|named| named == id.as_str())
}
