use std::fmt;

use serde::{Deserialize, Serialize};

use super::action::OneTimeAction;
use super::{EndpointRef, State, Timeout, Types};
use crate::address::{Origin, ResponseUri};
use crate::codec::{Form, is_false, is_zero};
use crate::description::Description;
use crate::id::{ChallengeId, OutboxId};
use crate::keyring::{Mac, Place, Sealed};
use crate::owner::Owner;
use crate::purpose::Purpose;
use crate::store::Kind;
use crate::time::Timestamp;
use crate::webauthn::PublicChallenge;

/// A challenge as it stands. It holds no secret in the clear, and shows none.
#[derive(Clone)]
pub struct Challenge(pub(super) Box<Body>);

/// What is stored. Not public, so that nobody serializes hashes and sealed values into a response.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Body {
    pub(super) v: Form,
    pub(super) id: ChallengeId,
    pub(super) owner: Owner,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) state: State,
    #[serde(with = "super::types::stored")]
    pub(super) types: Types,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) send_now: bool,
    pub(super) timeout: Timeout,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) purpose: Option<Purpose>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<Description>,
    /// Whether its passing was used, where that is good for once.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) step_up_used: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) response_uri: Option<ResponseUri>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) origin: Option<Origin>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) endpoints: Vec<EndpointRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) answer_data: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<CodeMac>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<Mac>,
    /// Whether approving by the link takes a number, and the number's hash.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) number_match: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<Mac>,
    /// Whether a message with the link has reached the user.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) reached: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) public_challenge: Option<PublicChallenge>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) action: Option<OneTimeAction>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) wrong_guesses: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) wrong_secrets: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_wrong: Option<Mac>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) answered: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) actions: Vec<OutboxId>,
}

/// The hash of a code, and whether the code is short enough to be guessed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CodeMac {
    pub(crate) mac: Mac,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) guessable: bool,
}

/// What a creator, and a replacement of a pending challenge, decide.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) types: Types,
    pub(crate) send_now: bool,
    pub(crate) timeout: Timeout,
    pub(crate) response_uri: Option<ResponseUri>,
    pub(crate) origin: Option<Origin>,
    pub(crate) endpoints: Vec<EndpointRef>,
    pub(crate) answer_data: Option<Sealed>,
}

impl Challenge {
    /// A pending challenge.
    pub(crate) fn pending(id: ChallengeId, owner: Owner, now: Timestamp, draft: Draft) -> Self {
        Self(Box::new(Body {
            v: Form,
            id,
            owner,
            created: now,
            updated: now,
            state: State::Pending,
            types: draft.types,
            send_now: draft.send_now,
            timeout: draft.timeout,
            purpose: None,
            description: None,
            step_up_used: false,
            response_uri: draft.response_uri,
            origin: draft.origin,
            endpoints: draft.endpoints,
            answer_data: draft.answer_data,
            code: None,
            link: None,
            number_match: false,
            number: None,
            reached: false,
            public_challenge: None,
            action: None,
            wrong_guesses: 0,
            wrong_secrets: 0,
            last_wrong: None,
            answered: None,
            actions: Vec::new(),
        }))
    }

    /// With the hash of the code that its creator is given.
    pub(crate) fn with_code(mut self, code: CodeMac) -> Self {
        self.0.code = Some(code);
        self
    }

    /// With the hash of the number that is shown where it was started.
    pub(crate) fn with_number(mut self, number: Mac) -> Self {
        self.0.number_match = true;
        self.0.number = Some(number);
        self
    }

    /// With what a one-time-use action decides.
    pub(crate) fn with_action(mut self, action: OneTimeAction) -> Self {
        self.0.action = Some(action);
        self
    }

    /// Its id: whoever knows it may read, replace, answer and delete the challenge.
    #[must_use]
    pub fn id(&self) -> ChallengeId {
        self.0.id
    }

    /// Who is challenged.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.0.owner
    }

    /// When it was created; its life counts from here.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.0.created
    }

    /// When it last changed.
    #[must_use]
    pub fn updated(&self) -> Timestamp {
        self.0.updated
    }

    /// Where it stood when it last changed. That its time is over changes nothing by itself: whoever waits for an end asks
    /// [`Challenge::state_at`].
    #[must_use]
    pub fn state(&self) -> State {
        self.0.state
    }

    /// Where it stands: as stored, or timed out.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> State {
        if !self.0.state.is_final() && now >= self.expires() { State::TimedOut } else { self.0.state }
    }

    /// The first moment at which it takes no answer any more.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.0.created.after(self.0.timeout.as_duration())
    }

    /// The types that it offers.
    #[must_use]
    pub fn types(&self) -> &Types {
        &self.0.types
    }

    /// Whether it was asked to be issued.
    #[must_use]
    pub fn send_now(&self) -> bool {
        self.0.send_now
    }

    /// How long it lives.
    #[must_use]
    pub fn timeout(&self) -> Timeout {
        self.0.timeout
    }

    /// What it is passed for, where its creator said so.
    #[must_use]
    pub fn purpose(&self) -> Option<&Purpose> {
        self.0.purpose.as_ref()
    }

    /// What it is about, for whoever decides, where its creator said so.
    #[must_use]
    pub fn description(&self) -> Option<&Description> {
        self.0.description.as_ref()
    }

    /// The base of the page on which it is answered.
    #[must_use]
    pub fn response_uri(&self) -> Option<&ResponseUri> {
        self.0.response_uri.as_ref()
    }

    /// The origin that started it.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.0.origin.as_ref()
    }

    /// The endpoints and enrollments that it names.
    #[must_use]
    pub fn endpoints(&self) -> &[EndpointRef] {
        &self.0.endpoints
    }

    /// Whether approving by the link of a message takes the number that was told at its creation.
    #[must_use]
    pub fn number_match(&self) -> bool {
        self.0.number_match
    }

    /// What the authenticator signs, once it is issued; webauthn only.
    #[must_use]
    pub fn public_challenge(&self) -> Option<&PublicChallenge> {
        self.0.public_challenge.as_ref()
    }

    /// When the right answer came.
    #[must_use]
    pub fn answered_at(&self) -> Option<Timestamp> {
        self.0.answered
    }

    /// Wrong answers that it has taken so far.
    #[must_use]
    pub fn wrong_answers(&self) -> u32 {
        self.0.wrong_guesses.saturating_add(self.0.wrong_secrets)
    }

    /// The outbox entries of the HTTP actions of its outcome, in the order of the actions: their idempotency keys. What
    /// became of them [`Challenges::action_results`](crate::Challenges::action_results) tells.
    #[must_use]
    pub fn actions(&self) -> &[OutboxId] {
        &self.0.actions
    }

    pub(crate) fn set_actions(&mut self, actions: Vec<OutboxId>) {
        self.0.actions = actions;
    }

    pub(crate) fn body(&self) -> &Body {
        &self.0
    }

    pub(crate) const fn from_body(body: Box<Body>) -> Self {
        Self(body)
    }

    /// What it was asked to be.
    pub(crate) fn draft(&self) -> Draft {
        Draft {
            types: self.0.types.clone(),
            send_now: self.0.send_now,
            timeout: self.0.timeout,
            response_uri: self.0.response_uri.clone(),
            origin: self.0.origin.clone(),
            endpoints: self.0.endpoints.clone(),
            answer_data: None,
        }
    }

    /// With what it is passed for.
    pub(crate) fn with_purpose(mut self, purpose: Option<Purpose>) -> Self {
        self.0.purpose = purpose;
        self
    }

    /// With what it is about.
    pub(crate) fn with_description(mut self, description: Option<Description>) -> Self {
        self.0.description = description;
        self
    }

    /// With its passing used; `None` when there is nothing to use, or it was used before.
    pub(crate) fn with_step_up_used(mut self) -> Option<Self> {
        if self.0.state != State::ChallengePassed || self.0.step_up_used {
            return None;
        }
        self.0.step_up_used = true;
        Some(self)
    }

    pub(crate) fn place(&self) -> Place<'_> {
        Place { kind: Kind::Challenge, id: self.0.id.0, owner: &self.0.owner, field: "" }
    }

    pub(crate) fn answer_data(&self) -> Option<&Sealed> {
        self.0.answer_data.as_ref()
    }

    pub(crate) fn code(&self) -> Option<&CodeMac> {
        self.0.code.as_ref()
    }

    pub(crate) fn link(&self) -> Option<&Mac> {
        self.0.link.as_ref()
    }

    pub(crate) fn number(&self) -> Option<&Mac> {
        self.0.number.as_ref()
    }

    pub(crate) fn action(&self) -> Option<&OneTimeAction> {
        self.0.action.as_ref()
    }

    pub(crate) fn last_wrong(&self) -> Option<&Mac> {
        self.0.last_wrong.as_ref()
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenge")
            .field("owner", &self.0.owner)
            .field("state", &self.0.state)
            .field("types", &self.0.types)
            .field("created", &self.0.created)
            .field("timeout", &self.0.timeout)
            .finish_non_exhaustive()
    }
}
