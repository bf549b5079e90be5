use super::{Challenges, Now};
use crate::challenge::{Challenge, ChallengeType, EndpointRef};
use crate::codec;
use crate::endpoint::Endpoint;
use crate::enrollment::TotpEnrollment;
use crate::error::{Error, Invalid};
use crate::owner::Owner;
use crate::store::{Key, Kind, Loaded, Version};
use crate::subject::Subject;

/// The owner's enrollments and endpoints, as far as they were loaded.
#[derive(Default)]
pub(super) struct Siblings {
    pub(super) totp: Vec<(TotpEnrollment, Version)>,
    /// Enrollments that waited for their confirmation in vain.
    pub(super) expired: Vec<(TotpEnrollment, Version)>,
    pub(super) endpoints: Vec<Endpoint>,
}

impl Challenges {
    /// What was loaded of the owner. Records of another owner of the same tag are passed over; those that wait for
    /// their confirmation in vain do not count.
    pub(super) fn siblings(&self, loaded: &Loaded, owner: &Owner, now: Now) -> Result<Siblings, Error> {
        let mut siblings = Siblings::default();
        for stored in loaded.of_kind(Kind::TotpEnrollment) {
            let enrollment = TotpEnrollment::from_body(codec::decode(&stored.record.body)?);
            if enrollment.owner() == owner {
                let alive = enrollment.is_alive(&self.inner.policy, now.latest);
                let list = if alive { &mut siblings.totp } else { &mut siblings.expired };
                list.push((enrollment, stored.version));
            }
        }
        for stored in loaded.of_kind(Kind::Endpoint) {
            let endpoint = Endpoint::from_body(codec::decode(&stored.record.body)?);
            if endpoint.owner() == owner {
                siblings.endpoints.push(endpoint);
            }
        }
        Ok(siblings)
    }

    /// The owner's subject record and its version, if there is one.
    pub(super) fn subject(&self, loaded: &Loaded, owner: &Owner) -> Result<Option<(Subject, Version)>, Error> {
        let key = Key::new(Kind::Subject, self.inner.tagger.subject_id(owner));
        let Some(stored) = loaded.find(key) else { return Ok(None) };
        Ok(Some((codec::decode(&stored.record.body)?, stored.version)))
    }
}

impl Siblings {
    /// The references with the type of each spelled out, so that what is deleted later is not taken for another type.
    pub(super) fn resolve(&self, references: &[EndpointRef]) -> Result<Vec<EndpointRef>, Invalid> {
        references.iter().map(|reference| self.resolve_one(reference)).collect()
    }

    fn resolve_one(&self, reference: &EndpointRef) -> Result<EndpointRef, Invalid> {
        let Some(id) = &reference.endpoint else {
            return if reference.kind.is_some() { Ok(reference.clone()) } else { Err(Invalid::EmptyEndpoint) };
        };
        let totp = self.totp.iter().filter(|(enrollment, _)| enrollment.is_completed());
        let mut known = totp
            .map(|(enrollment, _)| (enrollment.id().to_string(), ChallengeType::Totp))
            .chain(self.endpoints.iter().map(|endpoint| (endpoint.id().to_string(), endpoint.channel())));
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
            offered && enrollment.is_completed() && names(challenge, ChallengeType::Totp, enrollment.id())
        })
    }

    /// The endpoints that a challenge is sent to.
    pub(super) fn endpoints_for<'a>(&'a self, challenge: &'a Challenge) -> impl Iterator<Item = &'a Endpoint> {
        self.endpoints.iter().filter(move |endpoint| {
            challenge.types().offer(endpoint.channel()) && names(challenge, endpoint.channel(), endpoint.id())
        })
    }
}

/// Whether a challenge means that one: it names it, or names none of its type.
fn names(challenge: &Challenge, kind: ChallengeType, id: impl ToString) -> bool {
    let id = id.to_string();
    let mut named = challenge.endpoints().iter().filter(|named| named.kind == Some(kind) && named.endpoint.is_some());
    let mut any = false;
    let found = named.any(|named| {
        any = true;
        named.endpoint.as_deref() == Some(id.as_str())
    });
    found || !any
}
