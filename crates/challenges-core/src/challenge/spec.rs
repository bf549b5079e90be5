use super::{Challenge, EndpointRef};
use crate::approvals::ActorLinks;
use crate::challenge_type::ChallengeTypes;
use crate::description::Description;
use crate::purpose::Purpose;
use crate::secret::{AnswerData, Secret};
use crate::timeout::Timeout;
use crate::uri::{Origin, ResponseUri};

/// The request for a challenge. While a challenge is pending, [`Challenges::replace`](crate::Challenges::replace) takes
/// a new spec, and [`Challenges::replace_as_holder`](crate::Challenges::replace_as_holder) a part of one.
#[derive(Debug)]
#[non_exhaustive]
pub struct ChallengeSpec {
    /// The types to offer; an answer of any type passes.
    pub types: ChallengeTypes,
    /// The purpose of the challenge, compared by step-up tokens. Fixed at creation.
    pub purpose: Option<Purpose>,
    /// The text for the answer page. Fixed at creation.
    pub description: Option<Description>,
    /// `true` to issue the challenge now. Otherwise the challenge is pending until a replacement sets this.
    pub send_now: bool,
    /// The lifetime, from creation; default [`Policy::default_timeout`](crate::Policy::default_timeout).
    pub timeout: Option<Timeout>,
    /// The page behind the link of a message.
    pub response_uri: Option<ResponseUri>,
    /// The origin that starts the challenge. For WebAuthn, the origin expected in the client data.
    pub origin: Option<Origin>,
    /// The endpoints and enrollments to challenge. When any is named for a type, no other of the type may answer.
    pub endpoints: Vec<EndpointRef>,
    /// The data handed out once, with the accepted answer.
    pub answer_data: Option<AnswerData>,
    /// `true` if approving by the link of a message needs the number shown on the page that started the challenge.
    /// Fixed at creation.
    pub number_match: bool,
}

impl ChallengeSpec {
    /// Creates the spec of a challenge to issue at once. The fields can be set on the result.
    ///
    /// # Errors
    ///
    /// The error of the conversion, [`Invalid::NoTypes`](crate::Invalid::NoTypes) for an empty list.
    pub fn new<T: TryInto<ChallengeTypes>>(types: T) -> Result<Self, T::Error> {
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

    /// Requires number matching.
    #[must_use]
    pub fn with_number_match(self) -> Self {
        Self { number_match: true, ..self }
    }

    /// Leaves the challenge pending until issued by a replacement.
    #[must_use]
    pub fn pending(self) -> Self {
        Self { send_now: false, ..self }
    }

    /// Sets the timeout.
    #[must_use]
    pub fn with_timeout(self, timeout: Timeout) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// Sets the data handed out once, with the accepted answer.
    #[must_use]
    pub fn with_answer_data(self, answer_data: AnswerData) -> Self {
        Self { answer_data: Some(answer_data), ..self }
    }

    /// Sets the purpose, so that passing can grant a [step-up token](crate::step_up::StepUps::grant).
    #[must_use]
    pub fn with_purpose(self, purpose: Purpose) -> Self {
        Self { purpose: Some(purpose), ..self }
    }

    /// Sets the text for the answer page.
    #[must_use]
    pub fn with_description(self, description: Description) -> Self {
        Self { description: Some(description), ..self }
    }

    /// Sets the page behind the link of a message.
    #[must_use]
    pub fn with_response_uri(self, response_uri: ResponseUri) -> Self {
        Self { response_uri: Some(response_uri), ..self }
    }

    /// Restricts the challenge to these endpoints and enrollments.
    #[must_use]
    pub fn with_endpoints(self, endpoints: Vec<EndpointRef>) -> Self {
        Self { endpoints, ..self }
    }
}

/// A new challenge, with the secrets to show once.
#[derive(Debug)]
#[must_use = "the secrets are shown once"]
#[non_exhaustive]
pub struct CreatedChallenge {
    /// The challenge. The state is [`ChallengeFailed`](crate::State::ChallengeFailed) already when the user has nothing
    /// to answer with, such as no completed enrollment.
    pub challenge: Challenge,
    /// The code of a `Code` challenge. Carry the code to the user.
    pub code: Option<Secret>,
    /// The two digits of number matching. Show the digits on the page that started the challenge, and nowhere else.
    pub number: Option<Secret>,
    /// The secrets of each actor of a one-time-use action, in the order of the actors. Empty for other challenges.
    pub links: Vec<ActorLinks>,
}

impl CreatedChallenge {
    pub(super) const fn new(challenge: Challenge, code: Option<Secret>, number: Option<Secret>) -> Self {
        Self { challenge, code, number, links: Vec::new() }
    }
}
