use serde::{Deserialize, Serialize};

use super::EndpointRef;
use crate::approvals::OpenApproval;
use crate::challenge_type::{ChallengeType, ChallengeTypes};
use crate::codec::{is_false, is_zero};
use crate::id::OutboxId;
use crate::keyring::{Mac, Sealed};
use crate::throttle::Counters;
use crate::uri::{Origin, ResponseUri};
use crate::webauthn::PublicChallenge;

/// The two kinds of challenges, by the kind of answer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Request {
    /// An answer of any offered type.
    Types(Box<TypesRequest>),
    /// A decision of any of several actors.
    Approval(ApprovalRequest),
}

/// A challenge with a set of types to answer by.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct TypesRequest {
    pub(super) spec: StoredSpec,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<CodeMac>,
    /// The link of text and push messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<Link>,
    /// The link of e-mails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) email_link: Option<Link>,
    /// `true` if approving by the link needs a number. Stays set when the MAC of the number is gone.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) number_match: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<Mac>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) public_challenge: Option<PublicChallenge>,
}

/// The replaceable part of a spec.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredSpec {
    pub(super) types: ChallengeTypes,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) send_now: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) response_uri: Option<ResponseUri>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) origin: Option<Origin>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) endpoints: Vec<EndpointRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) answer_data: Option<Sealed>,
}

/// The MAC of a code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct CodeMac {
    pub(super) mac: Mac,
    /// `true` if the code is short enough to be guessed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) guessable: bool,
}

/// The MACs of the secrets of a link.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) mac: Mac,
    /// The MAC of the short code sent beside the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<Mac>,
    /// `true` if a message with the link has reached the user.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) delivered: bool,
    /// The recalls of the user's messages before this link; see [`Counters::recalls`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) recalls: u32,
}

/// A one-time-use action.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct ApprovalRequest {
    /// Gone once the action is decided or expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) open: Option<OpenApproval>,
    /// The outbox entries of the actions of the outcome.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) entries: Vec<OutboxId>,
}

impl TypesRequest {
    pub(super) const fn new(spec: StoredSpec) -> Self {
        Self {
            spec,
            code: None,
            link: None,
            email_link: None,
            number_match: false,
            number: None,
            public_challenge: None,
        }
    }
}

impl Link {
    /// Returns whether the link was sent before the last recall of the user's messages.
    pub(crate) const fn is_recalled(&self, counters: &Counters) -> bool {
        self.recalls != counters.recalls()
    }

    /// Returns the field of the MAC of the secret in messages of the type.
    pub(crate) const fn field(kind: ChallengeType) -> &'static str {
        match kind {
            ChallengeType::Email => "email_link",
            ChallengeType::Sms
            | ChallengeType::WebPush
            | ChallengeType::Totp
            | ChallengeType::Webauthn
            | ChallengeType::Code
            | ChallengeType::RecoveryCode => "link",
        }
    }

    /// Returns the field of the MAC of the short code in messages of the type.
    pub(super) const fn code_field(kind: ChallengeType) -> &'static str {
        match kind {
            ChallengeType::Email => "email_code",
            ChallengeType::Sms
            | ChallengeType::WebPush
            | ChallengeType::Totp
            | ChallengeType::Webauthn
            | ChallengeType::Code
            | ChallengeType::RecoveryCode => "message_code",
        }
    }
}

impl TypesRequest {
    /// Iterates over the links that were sent.
    pub(super) fn links(&self) -> impl Iterator<Item = &Link> {
        self.link.iter().chain(&self.email_link)
    }
}

impl Request {
    /// Drops every secret: handed out once or never, and no longer needed.
    pub(super) fn forget_secrets(&mut self) {
        match self {
            Self::Types(request) => {
                request.spec.answer_data = None;
                request.code = None;
                request.link = None;
                request.email_link = None;
                request.number = None;
            }
            Self::Approval(request) => request.open = None,
        }
    }
}
