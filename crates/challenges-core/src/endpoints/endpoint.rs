use super::pending_code::PendingCode;
use super::record::{Body, place};
use crate::challenge_type::ChallengeType;
use crate::codec::Form;
use crate::engine::Entity;
use crate::error::Refused;
use crate::id::{EndpointId, Id};
use crate::keyring::{Mac, Place, Sealed};
use crate::owner::Owner;
use crate::policy::Policy;
use crate::store::Kind;
use crate::time::Timestamp;

/// A phone number, e-mail address or push subscription of a user. The address is stored sealed;
/// [`Endpoints::address`](super::Endpoints::address) opens the address.
#[derive(Clone, Debug)]
pub struct Endpoint(Body);

impl Endpoint {
    /// Returns a confirmed endpoint.
    pub(super) const fn new(
        id: EndpointId,
        owner: Owner,
        now: Timestamp,
        channel: ChallengeType,
        address: Sealed,
    ) -> Self {
        Self(Body { v: Form, id, owner, created: now, channel, address, disabled: false, unconfirmed: None })
    }

    /// Returns the id, for naming the endpoint in challenges.
    #[must_use]
    pub const fn id(&self) -> EndpointId {
        self.0.id
    }

    /// Returns the user.
    #[must_use]
    pub const fn owner(&self) -> &Owner {
        &self.0.owner
    }

    /// Returns the time of registration.
    #[must_use]
    pub const fn created(&self) -> Timestamp {
        self.0.created
    }

    /// Returns the type of challenges sent to the endpoint.
    #[must_use]
    pub const fn channel(&self) -> ChallengeType {
        self.0.channel
    }

    /// Returns whether the endpoint is known to belong to the user. A phone number or e-mail address is confirmed once
    /// the user has entered the code sent there.
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        self.0.unconfirmed.is_none()
    }

    /// Returns whether challenges may be sent to the endpoint. The user and the host decide; see
    /// [`Endpoints::set_enabled`](super::Endpoints::set_enabled).
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        !self.0.disabled
    }

    /// Returns whether the endpoint is a factor of the user. An e-mail address never is.
    pub(crate) const fn is_factor(&self) -> bool {
        self.is_confirmed() && self.channel().is_factor()
    }

    /// Returns whether challenges are sent to the endpoint.
    pub(crate) const fn is_usable(&self) -> bool {
        self.is_confirmed() && self.is_enabled()
    }

    /// Returns the MAC to compare a confirmation code with.
    pub(crate) fn code_mac(&self, policy: &Policy, now: Timestamp) -> Result<&Mac, Refused> {
        let pending = self.0.unconfirmed.as_ref().ok_or(Refused::Final)?;
        if !self.is_alive(policy, now) {
            return Err(Refused::TimedOut);
        }
        pending.mac(policy, now)
    }

    /// Returns the place of the address. The codes are in other fields of the same place.
    pub(crate) const fn place(&self) -> Place<'_> {
        place(self.0.id, &self.0.owner)
    }

    /// Returns whether another code may be sent.
    pub(super) fn awaits_code(&self, policy: &Policy, now: Timestamp) -> bool {
        let guessable = self.0.unconfirmed.as_ref().is_some_and(|pending| !pending.is_exhausted(policy));
        guessable && self.is_alive(policy, now)
    }

    /// Returns the fingerprint of the last wrong code.
    pub(super) fn last_wrong(&self) -> Option<&Mac> {
        self.0.unconfirmed.as_ref().and_then(PendingCode::last_wrong)
    }

    pub(super) const fn sealed_address(&self) -> &Sealed {
        &self.0.address
    }

    /// Sets when the registration began, never back.
    pub(super) fn begun(mut self, now: Timestamp) -> Self {
        self.0.created = self.0.created.max(now);
        self
    }

    pub(super) fn with_code(mut self, code: Mac, until: Timestamp) -> Self {
        self.0.unconfirmed = Some(match self.0.unconfirmed {
            Some(earlier) => earlier.replaced(code, until),
            None => PendingCode::new(code, until),
        });
        self
    }

    pub(super) fn with_wrong_code(mut self, fingerprint: Mac) -> Self {
        if let Some(pending) = &mut self.0.unconfirmed {
            pending.count_wrong(fingerprint);
        }
        self
    }

    pub(super) fn confirmed(mut self) -> Self {
        self.0.unconfirmed = None;
        self
    }

    pub(super) fn with_address(mut self, address: Sealed) -> Self {
        self.0.address = address;
        self
    }

    pub(super) fn with_enabled(mut self, enabled: bool) -> Self {
        self.0.disabled = !enabled;
        self
    }
}

impl Entity for Endpoint {
    const KIND: Kind = Kind::Endpoint;
    type Body = Body;

    fn from_body(body: Body) -> Self {
        Self(body)
    }

    fn body(&self) -> &Body {
        &self.0
    }

    fn record_id(&self) -> Id {
        self.0.id.0
    }

    fn record_owner(&self) -> &Owner {
        &self.0.owner
    }

    fn garbage_at(&self, policy: &Policy) -> Option<Timestamp> {
        self.0.unconfirmed.as_ref().map(|_| self.0.created.after(policy.pending_enrollment))
    }

    fn is_alive(&self, policy: &Policy, now: Timestamp) -> bool {
        self.garbage_at(policy).is_none_or(|expires| now < expires)
    }
}
