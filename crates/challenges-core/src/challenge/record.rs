use std::fmt;

use serde::{Deserialize, Serialize};

use super::answer::{AnswerClass, WrongAnswers};
use super::request::{CodeMac, Link, Request, TypesRequest};
use super::{EndpointRef, State};
use crate::approvals::OpenApproval;
use crate::challenge_type::{ChallengeType, ChallengeTypes};
use crate::codec::{Form, is_false};
use crate::description::Description;
use crate::engine::Entity;
use crate::evidence::Proven;
use crate::id::{ChallengeId, Id, OutboxId};
use crate::keyring::{Mac, Place, Sealed};
use crate::owner::Owner;
use crate::policy::Policy;
use crate::purpose::Purpose;
use crate::store::Kind;
use crate::throttle::Counters;
use crate::time::Timestamp;
use crate::timeout::Timeout;
use crate::uri::{Origin, ResponseUri};
use crate::webauthn::PublicChallenge;

/// A challenge. Holds no secret in the clear, and shows none.
#[derive(Clone)]
pub struct Challenge(pub(super) Box<Body>);

/// The stored form. Private, so that no response can serialize MACs and sealed values.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Body {
    pub(super) v: Form,
    pub(super) id: ChallengeId,
    pub(super) owner: Owner,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) state: State,
    pub(super) timeout: Timeout,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) purpose: Option<Purpose>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<Description>,
    /// `true` if the step-up token was used up.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) step_up_used: bool,
    /// The factor that the link of a message proved, for the browser that started the challenge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) by_link: Option<Proven>,
    /// `true` if the browser that started the challenge collected the proof.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) collected: bool,
    #[serde(default)]
    pub(super) wrong: WrongAnswers,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) answered_at: Option<Timestamp>,
    pub(super) request: Request,
}

impl Challenge {
    /// Creates a pending challenge.
    pub(super) fn pending(id: ChallengeId, owner: Owner, now: Timestamp, timeout: Timeout, request: Request) -> Self {
        Self(Box::new(Body {
            v: Form,
            id,
            owner,
            created: now,
            updated: now,
            state: State::Pending,
            timeout,
            purpose: None,
            description: None,
            step_up_used: false,
            by_link: None,
            collected: false,
            wrong: WrongAnswers::default(),
            answered_at: None,
            request,
        }))
    }

    /// Returns the id. Over the HTTP API, anybody with the id can read and answer the challenge. Unless the challenge
    /// has a purpose, the id is also enough to delete it, and to replace the fields of
    /// [`HolderSpec`](crate::HolderSpec).
    #[must_use]
    pub fn id(&self) -> ChallengeId {
        self.0.id
    }

    /// Returns the challenged user.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.0.owner
    }

    /// Returns when the challenge was created. The timeout counts from here.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.0.created
    }

    /// Returns when the challenge last changed.
    #[must_use]
    pub fn updated(&self) -> Timestamp {
        self.0.updated
    }

    /// Returns the stored state. Expiry is not written back; see [`Challenge::state_at`].
    #[must_use]
    pub fn state(&self) -> State {
        self.0.state
    }

    /// Returns the state at a time: the stored state, or [`State::TimedOut`] after expiry.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> State {
        if !self.0.state.is_final() && now >= self.expires() { State::TimedOut } else { self.0.state }
    }

    /// Returns when the challenge expires. From then on no answer is accepted.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.0.created.after(self.0.timeout.as_duration())
    }

    /// Returns the lifetime.
    #[must_use]
    pub fn timeout(&self) -> Timeout {
        self.0.timeout
    }

    /// Returns whether the challenge is a one-time-use action.
    #[must_use]
    pub fn is_action(&self) -> bool {
        match self.0.request {
            Request::Types(_) => false,
            Request::Approval(_) => true,
        }
    }

    /// Returns whether a user is an actor of an open one-time-use action. For pages, which must not show a name from the
    /// parameters of a link unchecked.
    #[doc(hidden)]
    #[must_use]
    pub fn has_actor(&self, user_id: &str) -> bool {
        self.open_approval()
            .is_some_and(|open| open.actors.iter().any(|candidate| candidate.actor.user_id() == user_id))
    }

    /// Returns the offered types; none for a one-time-use action.
    #[must_use]
    pub fn types(&self) -> Option<&ChallengeTypes> {
        self.by_types().map(|request| &request.spec.types)
    }

    /// Returns whether the creator asked to issue the challenge.
    #[must_use]
    pub fn send_now(&self) -> bool {
        self.by_types().is_none_or(|request| request.spec.send_now)
    }

    /// Returns the purpose.
    #[must_use]
    pub fn purpose(&self) -> Option<&Purpose> {
        self.0.purpose.as_ref()
    }

    /// Returns the text for the answer page.
    #[must_use]
    pub fn description(&self) -> Option<&Description> {
        self.0.description.as_ref()
    }

    /// Returns the page behind the link of a message.
    #[must_use]
    pub fn response_uri(&self) -> Option<&ResponseUri> {
        self.by_types()?.spec.response_uri.as_ref()
    }

    /// Returns the origin that started the challenge.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.by_types()?.spec.origin.as_ref()
    }

    /// Returns the named endpoints and enrollments.
    #[must_use]
    pub fn endpoints(&self) -> &[EndpointRef] {
        self.by_types().map_or(&[], |request| &request.spec.endpoints)
    }

    /// Returns whether approving by the link of a message needs the number shown at creation.
    #[must_use]
    pub fn number_match(&self) -> bool {
        self.by_types().is_some_and(|request| request.number_match)
    }

    /// Returns whether messages with a link were queued. `false` if a limit of the user held the messages back
    /// ([`SendPolicy`](crate::policy::SendPolicy)), and after the end of the challenge.
    #[must_use]
    pub fn has_message(&self) -> bool {
        self.by_types().is_some_and(|request| request.link.is_some() || request.email_link.is_some())
    }

    /// Returns the challenge for the authenticator to sign, once issued; WebAuthn only.
    #[must_use]
    pub fn public_challenge(&self) -> Option<&PublicChallenge> {
        self.by_types()?.public_challenge.as_ref()
    }

    /// Returns when the right answer arrived.
    #[must_use]
    pub fn answered_at(&self) -> Option<Timestamp> {
        self.0.answered_at
    }

    /// Returns the number of wrong answers so far.
    #[must_use]
    pub fn wrong_answers(&self) -> u32 {
        self.0.wrong.total()
    }

    /// Returns the outbox entries of the HTTP actions of the outcome, in order. [`Actions::results`] returns the
    /// results.
    ///
    /// [`Actions::results`]: crate::approvals::Actions::results
    #[must_use]
    pub fn action_entries(&self) -> &[OutboxId] {
        match &self.0.request {
            Request::Types(_) => &[],
            Request::Approval(request) => &request.entries,
        }
    }

    pub(super) fn set_action_entries(&mut self, entries: Vec<OutboxId>) {
        match &mut self.0.request {
            Request::Types(_) => {}
            Request::Approval(request) => request.entries = entries,
        }
    }

    pub(super) fn with_purpose(mut self, purpose: Option<Purpose>) -> Self {
        self.0.purpose = purpose;
        self
    }

    pub(super) fn with_description(mut self, description: Option<Description>) -> Self {
        self.0.description = description;
        self
    }

    /// Marks the step-up token as used. Returns `None` if the challenge was not passed, or the token was used before.
    pub(crate) fn with_step_up_used(mut self) -> Option<Self> {
        if self.0.state != State::ChallengePassed || self.0.step_up_used {
            return None;
        }
        self.0.step_up_used = true;
        Some(self)
    }

    /// Returns the factor that the link of a message proved, unless collected before.
    pub(crate) fn uncollected(&self) -> Option<Proven> {
        let is_passed = self.0.state == State::ChallengePassed;
        self.0.by_link.filter(|_| is_passed && !self.0.collected)
    }

    pub(crate) fn with_collected(mut self) -> Self {
        self.0.collected = true;
        self
    }

    pub(crate) fn place(&self) -> Place<'_> {
        Place { kind: Kind::Challenge, id: self.0.id.0, owner: &self.0.owner, field: "" }
    }

    /// Returns the link that answers under the type. The link of text and push messages also answers as a code.
    pub(crate) fn link(&self, kind: ChallengeType) -> Option<&Link> {
        let request = self.by_types()?;
        match kind {
            ChallengeType::Sms | ChallengeType::WebPush | ChallengeType::Code => request.link.as_ref(),
            ChallengeType::Email => request.email_link.as_ref(),
            ChallengeType::Totp | ChallengeType::Webauthn | ChallengeType::RecoveryCode => None,
        }
    }

    /// Drops the links sent before the last recall of the user's messages.
    pub(super) fn drop_recalled_links(&mut self, counters: &Counters) {
        let Some(request) = self.by_types_mut() else { return };
        for link in [&mut request.link, &mut request.email_link] {
            link.take_if(|link| link.is_recalled(counters));
        }
    }

    pub(super) fn answer_data(&self) -> Option<&Sealed> {
        self.by_types()?.spec.answer_data.as_ref()
    }

    pub(super) fn code(&self) -> Option<&CodeMac> {
        self.by_types()?.code.as_ref()
    }

    pub(super) fn number(&self) -> Option<&Mac> {
        self.by_types()?.number.as_ref()
    }

    pub(super) fn open_approval(&self) -> Option<&OpenApproval> {
        match &self.0.request {
            Request::Types(_) => None,
            Request::Approval(request) => request.open.as_ref(),
        }
    }

    /// Returns the number of wrong answers of a class so far.
    pub(super) fn wrong_of(&self, class: AnswerClass) -> u32 {
        self.0.wrong.of(class)
    }

    pub(super) fn last_wrong(&self) -> Option<&Mac> {
        self.0.wrong.last.as_ref()
    }

    pub(super) fn by_types(&self) -> Option<&TypesRequest> {
        match &self.0.request {
            Request::Types(request) => Some(request),
            Request::Approval(_) => None,
        }
    }

    pub(super) fn by_types_mut(&mut self) -> Option<&mut TypesRequest> {
        match &mut self.0.request {
            Request::Types(request) => Some(request),
            Request::Approval(_) => None,
        }
    }
}

impl Entity for Challenge {
    const KIND: Kind = Kind::Challenge;
    type Body = Body;

    fn from_body(body: Body) -> Self {
        Self(Box::new(body))
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
        Some(self.expires().after(policy.retention))
    }

    /// Ended challenges stay readable until deleted as garbage.
    fn is_alive(&self, _: &Policy, _: Timestamp) -> bool {
        true
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenge")
            .field("owner", &self.0.owner)
            .field("state", &self.0.state)
            .field("types", &self.types())
            .field("created", &self.0.created)
            .field("timeout", &self.0.timeout)
            .finish_non_exhaustive()
    }
}
