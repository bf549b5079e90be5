use serde::{Deserialize, Serialize};

use crate::challenge::{ChallengeType, Refused};
use crate::codec::{Form, is_false, is_zero};
use crate::id::EndpointId;
use crate::keyring::{Keeps, Kept, Mac, Place, Sealed};
use crate::owner::Owner;
use crate::policy::Policy;
use crate::store::Kind;
use crate::time::Timestamp;

/// A phone number or push subscription of a user. The address itself is stored sealed.
#[derive(Clone, Debug)]
pub struct Endpoint(Body);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Body {
    v: Form,
    id: EndpointId,
    owner: Owner,
    created: Timestamp,
    channel: ChallengeType,
    address: Sealed,
    #[serde(default, skip_serializing_if = "is_false")]
    disabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unconfirmed: Option<Unconfirmed>,
}

/// What confirms an endpoint, and what was tried.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Unconfirmed {
    code: Mac,
    until: Timestamp,
    #[serde(default, skip_serializing_if = "is_zero")]
    wrong: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_wrong: Option<Mac>,
}

impl Endpoint {
    /// One that the user is known to have.
    pub(crate) const fn new(
        id: EndpointId,
        owner: Owner,
        now: Timestamp,
        channel: ChallengeType,
        address: Sealed,
    ) -> Self {
        Self(Body { v: Form, id, owner, created: now, channel, address, disabled: false, unconfirmed: None })
    }

    /// Its id, by which a challenge names it.
    #[must_use]
    pub const fn id(&self) -> EndpointId {
        self.0.id
    }

    /// Whose it is.
    #[must_use]
    pub const fn owner(&self) -> &Owner {
        &self.0.owner
    }

    /// When it was registered.
    #[must_use]
    pub const fn created(&self) -> Timestamp {
        self.0.created
    }

    /// The type of challenge that reaches it.
    #[must_use]
    pub const fn channel(&self) -> ChallengeType {
        self.0.channel
    }

    /// Whether it is known to be the user's: a phone number is, once the code that was sent to it came back.
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        self.0.unconfirmed.is_none()
    }

    /// Whether challenges may be sent to it, as far as the user and the host decide about that.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        !self.0.disabled
    }

    /// Whether challenges are sent to it.
    pub(crate) const fn is_usable(&self) -> bool {
        self.is_confirmed() && self.is_enabled()
    }

    /// Whether it is there still: one that waited in vain to be confirmed is not.
    pub(crate) fn is_alive(&self, policy: &Policy, now: Timestamp) -> bool {
        self.expires(policy).is_none_or(|expires| now < expires)
    }

    /// When it is garbage, unless it is confirmed before.
    pub(crate) fn expires(&self, policy: &Policy) -> Option<Timestamp> {
        let waiting = self.0.unconfirmed.is_some();
        waiting.then(|| self.0.created.after(policy.pending_enrollment))
    }

    /// The same, to be confirmed by that code. Wrong ones stay counted.
    pub(crate) fn with_code(mut self, code: Mac, until: Timestamp) -> Self {
        let (wrong, last_wrong) = self.0.unconfirmed.map_or((0, None), |earlier| (earlier.wrong, earlier.last_wrong));
        self.0.unconfirmed = Some(Unconfirmed { code, until, wrong, last_wrong });
        self
    }

    pub(crate) fn confirmed(mut self) -> Self {
        self.0.unconfirmed = None;
        self
    }

    pub(crate) fn with_wrong_code(mut self, fingerprint: Mac) -> Self {
        if let Some(unconfirmed) = &mut self.0.unconfirmed {
            unconfirmed.wrong = unconfirmed.wrong.saturating_add(1);
            unconfirmed.last_wrong = Some(fingerprint);
        }
        self
    }

    pub(crate) fn with_address(mut self, address: Sealed) -> Self {
        self.0.address = address;
        self
    }

    pub(crate) fn enabled(mut self, enabled: bool) -> Self {
        self.0.disabled = !enabled;
        self
    }

    /// What its code is compared with, if it takes one at that time.
    pub(crate) fn takes_code(&self, policy: &Policy, now: Timestamp) -> Result<&Mac, Refused> {
        let unconfirmed = self.0.unconfirmed.as_ref().ok_or(Refused::Final)?;
        if now >= unconfirmed.until || !self.is_alive(policy, now) {
            return Err(Refused::TimedOut);
        }
        if unconfirmed.wrong >= policy.guesses_per_challenge { Err(Refused::Exhausted) } else { Ok(&unconfirmed.code) }
    }

    /// Whether it can have a code at all, be it another one.
    pub(crate) fn awaits_code(&self, policy: &Policy, now: Timestamp) -> bool {
        let guessable = |unconfirmed: &Unconfirmed| unconfirmed.wrong < policy.guesses_per_challenge;
        self.0.unconfirmed.as_ref().is_some_and(guessable) && self.is_alive(policy, now)
    }

    pub(crate) fn last_wrong(&self) -> Option<&Mac> {
        self.0.unconfirmed.as_ref().and_then(|unconfirmed| unconfirmed.last_wrong.as_ref())
    }

    pub(crate) const fn sealed_address(&self) -> &Sealed {
        &self.0.address
    }

    pub(crate) const fn place(&self) -> Place<'_> {
        place(self.0.id, &self.0.owner)
    }

    pub(crate) const fn body(&self) -> &Body {
        &self.0
    }

    pub(crate) const fn from_body(body: Body) -> Self {
        Self(body)
    }
}

impl Keeps for Body {
    fn kept(&mut self) -> Vec<Kept<'_>> {
        let Self { v: _, id, owner, created: _, channel: _, address, disabled: _, unconfirmed } = self;
        let mut kept = vec![Kept::Sealed(place(*id, owner), address)];
        if let Some(Unconfirmed { code, until: _, wrong: _, last_wrong }) = unconfirmed {
            kept.push(Kept::Hashed(code));
            kept.extend(last_wrong.as_ref().map(Kept::Hashed));
        }
        kept
    }
}

/// Where the address of an endpoint belongs.
pub(crate) const fn place(id: EndpointId, owner: &Owner) -> Place<'_> {
    Place { kind: Kind::Endpoint, id: id.0, owner, field: "address" }
}
