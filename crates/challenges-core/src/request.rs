//! What a caller asks for. The parts that have a form of their own are parsed when they are made.

use crate::address::{Origin, ResponseUri};
use crate::challenge::{Actor, Challenge, ChallengeType, EndpointRef, HttpAction, Timeout, Types};
use crate::description::Description;
use crate::enrollment::{TotpEnrollment, TotpKey};
use crate::id::ChallengeId;
use crate::owner::Owner;
use crate::purpose::Purpose;
use crate::secret::{AnswerData, Secret};
use crate::webauthn::{AttestationConveyance, RelyingPartyId, UserVerification};

/// The particulars of a challenge: what its creator decides, and may change while it is pending.
#[derive(Debug)]
#[non_exhaustive]
pub struct ChallengeSpec {
    /// The types that it offers.
    pub types: Types,
    /// What it is passed for. It stands as it was created: replacing a challenge does not change it.
    pub purpose: Option<Purpose>,
    /// What it is about, for the page on which it is answered. It stands as it was created, as well.
    pub description: Option<Description>,
    /// Whether to issue it now; otherwise it is pending until it is replaced with this set.
    pub send_now: bool,
    /// How long it lives, from its creation; the policy's default, where absent.
    pub timeout: Option<Timeout>,
    /// The base of the page on which the user answers.
    pub response_uri: Option<ResponseUri>,
    /// The origin that starts the challenge; for webauthn the origin expected in the client data.
    pub origin: Option<Origin>,
    /// The endpoints and enrollments to challenge; when any is named for a type, only those may answer it.
    pub endpoints: Vec<EndpointRef>,
    /// What is handed out once, with the accepted answer.
    pub answer_data: Option<AnswerData>,
    /// Whether approving by the link of a message takes the number that is told at creation, and that the page shows on
    /// which the challenge was started. It is decided at creation; a replacement cannot take it back.
    pub number_match: bool,
}

impl ChallengeSpec {
    /// A challenge of those types that is issued at once; every other particular can be set on the result.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::Invalid) when the types cannot be offered.
    pub fn new<T: TryInto<Types>>(types: T) -> Result<Self, T::Error> {
        Ok(Self {
            types: types.try_into()?,
            purpose: None,
            description: None,
            send_now: true,
            timeout: None,
            response_uri: None,
            origin: None,
            endpoints: Vec::new(),
            answer_data: None,
            number_match: false,
        })
    }

    /// The same, to be approved with the number that is told at its creation.
    #[must_use]
    pub fn with_number_match(self) -> Self {
        Self { number_match: true, ..self }
    }

    /// The same, to be issued later.
    #[must_use]
    pub fn pending(self) -> Self {
        Self { send_now: false, ..self }
    }

    /// The same, with a timeout.
    #[must_use]
    pub fn with_timeout(self, timeout: Timeout) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// The same, with data that is handed out once, with the accepted answer.
    #[must_use]
    pub fn with_answer_data(self, answer_data: AnswerData) -> Self {
        Self { answer_data: Some(answer_data), ..self }
    }

    /// The same, passed for that purpose: its passing may be shown by a [`StepUpToken`](crate::StepUpToken).
    #[must_use]
    pub fn with_purpose(self, purpose: Purpose) -> Self {
        Self { purpose: Some(purpose), ..self }
    }

    /// The same, with what it is about, for whoever decides.
    #[must_use]
    pub fn with_description(self, description: Description) -> Self {
        Self { description: Some(description), ..self }
    }

    /// The same, answered on that page.
    #[must_use]
    pub fn with_response_uri(self, response_uri: ResponseUri) -> Self {
        Self { response_uri: Some(response_uri), ..self }
    }

    /// The same, for these endpoints and enrollments only.
    #[must_use]
    pub fn with_endpoints(self, endpoints: Vec<EndpointRef>) -> Self {
        Self { endpoints, ..self }
    }
}

/// A challenge that was just created, with what is told only now.
#[derive(Debug)]
#[must_use = "the code is told only now"]
pub struct CreatedChallenge {
    /// The challenge. Look at its [state](Challenge::state): it is
    /// [`ChallengeFailed`](crate::State::ChallengeFailed) already where the user has nothing that could answer it, such as no
    /// completed enrollment.
    pub challenge: Challenge,
    /// The code of a `code` challenge: carry it to the user. It is not shown again.
    pub code: Option<Secret>,
    /// The two digits with which a message is answered: show them on the page that started the challenge, and nowhere
    /// else. They are not told again.
    pub number: Option<Secret>,
}

/// A one-time-use action to be created.
#[derive(Debug)]
#[non_exhaustive]
pub struct OneTimeUseAction {
    /// Who may decide it: any one of them.
    pub actors: Vec<Actor>,
    /// What runs when one of them approves.
    pub approved_actions: Vec<HttpAction>,
    /// What runs when one of them declines.
    pub declined_actions: Vec<HttpAction>,
    /// How long it can be decided.
    pub timeout: Timeout,
    /// What it is about, for the page on which it is decided.
    pub description: Option<Description>,
}

impl OneTimeUseAction {
    /// An action that those actors may decide within that time, and that does nothing yet.
    #[must_use]
    pub const fn new(actors: Vec<Actor>, timeout: Timeout) -> Self {
        Self { actors, approved_actions: Vec::new(), declined_actions: Vec::new(), timeout, description: None }
    }
}

/// A one-time-use action that was just created, with what is told only now.
#[derive(Debug)]
#[must_use = "the secrets are told only now"]
pub struct CreatedOneTimeUseAction {
    /// The challenge.
    pub challenge: Challenge,
    /// The secrets of each actor, in the order in which they were named.
    pub secrets: Vec<ActorLinks>,
}

/// The secrets with which one actor decides.
#[derive(Debug)]
pub struct ActorLinks {
    /// The actor.
    pub actor: Actor,
    /// The answer that approves.
    pub approve: Secret,
    /// The answer that declines.
    pub decline: Secret,
}

/// An answer to a challenge.
#[derive(Debug)]
pub struct Answer {
    pub(crate) challenge: ChallengeId,
    pub(crate) kind: Option<ChallengeType>,
    pub(crate) answer: Secret,
    pub(crate) user_id: Option<String>,
    /// Of the user, where the caller knows it.
    pub(crate) tenant: Option<String>,
    pub(crate) allowed: bool,
    pub(crate) number: Option<Secret>,
}

impl Answer {
    /// An answer that allows.
    #[must_use]
    pub fn allow(challenge: ChallengeId, kind: ChallengeType, answer: impl Into<Secret>) -> Self {
        Self { kind: Some(kind), answer: answer.into(), allowed: true, ..Self::of_unknown_type(challenge) }
    }

    /// An answer that declines. It has to be right as well.
    #[must_use]
    pub fn decline(challenge: ChallengeId, kind: ChallengeType, answer: impl Into<Secret>) -> Self {
        Self { allowed: false, ..Self::allow(challenge, kind, answer) }
    }

    /// An answer of a type that does not exist. It is refused, and observed, as one that the challenge does not offer.
    #[must_use]
    pub fn of_unknown_type(challenge: ChallengeId) -> Self {
        Self { challenge, kind: None, answer: "".into(), user_id: None, tenant: None, allowed: false, number: None }
    }

    /// The same, with the number that is shown where the challenge was started. Declining takes none.
    #[must_use]
    pub fn with_number(self, number: impl Into<Secret>) -> Self {
        Self { number: Some(number.into()), ..self }
    }

    /// The same, by that user of that tenant, such as the one who is signed in: it is refused when the challenge is somebody
    /// else's, or for a one-time-use action when it is none of the actors, and then it is compared with nothing. An owner
    /// without a tenant is an actor of any organisation, since a host without tenants has no use for these: a host that has
    /// tenants names them here.
    ///
    /// Say this wherever the challenge's id comes with the request. Without it a challenge of any user can be answered, and
    /// only [`Passed::owner`](crate::Passed::owner) tells whose it was.
    #[must_use]
    pub fn by_owner(self, owner: &Owner) -> Self {
        Self { tenant: Some(owner.tenant().to_owned()), ..self.by_user(owner.user_id()) }
    }

    /// The same, by a user of that name, of whichever tenant: it is refused when nobody of that name is asked.
    #[must_use]
    pub fn by_user(self, user_id: impl Into<String>) -> Self {
        Self { user_id: Some(user_id.into()), tenant: None, ..self }
    }
}

/// A TOTP enrollment that was just created, with what is told only now.
#[derive(Debug)]
#[must_use = "the key is told only now"]
pub struct CreatedTotpEnrollment {
    /// The enrollment; it is pending until a code of the authenticator completes it.
    pub enrollment: TotpEnrollment,
    /// The key for the user's authenticator. It is not shown again.
    pub key: TotpKey,
}

/// The particulars of a WebAuthn enrollment: what its creator decides.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WebauthnEnrollmentSpec {
    /// The relying party that the credential will be for.
    pub relying_party_id: RelyingPartyId,
    /// Whether the authenticator has to verify its user, when the credential is made and whenever it is used.
    pub user_verification: UserVerification,
    /// How much the authenticator is asked to tell of its make; as much as the host's attestation policy needs, where
    /// absent.
    pub attestation_conveyance: Option<AttestationConveyance>,
    /// A note, stored and shown: at most 255 bytes.
    pub attestation_format: Option<String>,
    /// A note, stored and shown: at most 2,048 bytes.
    pub http_endpoint: Option<String>,
}

impl WebauthnEnrollmentSpec {
    /// A credential for that relying party, without user verification and attestation; either can be set on the result.
    #[must_use]
    pub const fn new(relying_party_id: RelyingPartyId) -> Self {
        Self {
            relying_party_id,
            user_verification: UserVerification::Discouraged,
            attestation_conveyance: None,
            attestation_format: None,
            http_endpoint: None,
        }
    }

    /// The same, with that requirement on the verification of the user.
    #[must_use]
    pub fn with_user_verification(self, user_verification: UserVerification) -> Self {
        Self { user_verification, ..self }
    }
}
