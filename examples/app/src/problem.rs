use challenges_core::webauthn::Rejected;
use challenges_core::{Error, Invalid};
use http::StatusCode;

/// An error of a request to the site. `Display` is the text for the user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("You are not signed in, or your session has ended. Please sign in again.")]
    SignedOut,
    #[error("This request came from another website and was refused.")]
    OtherOrigin,
    #[error(
        "Please give a user name of at most 255 characters, fewer with accents or in other scripts, without line breaks."
    )]
    UserName,
    #[error("The demo does not understand this request. Please reload the page.")]
    Malformed,
    #[error("There is no page at this address.")]
    NoSuchPage,
    #[error("This address does not allow this kind of request.")]
    Method,
    #[error("This no longer exists: it was removed or has expired.")]
    Gone,
    #[error(
        "That code was not accepted. Wait for the next code in your app: each code works once. After five wrong codes, start the step-up again."
    )]
    AnswerRefused,
    #[error("That code was not accepted. Wait for the next code in your app and enter that.")]
    EnrollmentAnswer,
    #[error("This is already confirmed, has expired, or had too many attempts. Please add it again.")]
    EnrollmentClosed,
    #[error("This change needs a step-up: start one with your authenticator app or passkey, pass it, and try again.")]
    StepUpFirst,
    #[error("You have reached the limit of {0}. Remove one first.")]
    TooManyEnrollments(usize),
    #[error(
        "Passkeys need a host name with https, or localhost. Start the demo without a public URL, and open the printed address."
    )]
    NoPasskeys,
    #[error("This passkey or security key cannot be added: {0}. Try another one.")]
    PasskeyRejected(Rejected),
    #[error("This passkey or security key is registered already. Use another one.")]
    PasskeyTaken,
    #[error(
        "Please give a name of at most 255 characters, fewer with accents or in other scripts, without line breaks."
    )]
    PasskeyName,
    #[error("No passkey can answer this step-up any longer. Start another one.")]
    NoAssertionExpected,
    #[error(
        "That passkey or security key was not accepted: it may have been removed, already used for this step-up, or copied. Start the step-up again, or use another one."
    )]
    AssertionRefused,
    #[error("Please give a description in one line of at most 500 plain characters.")]
    Description,
    #[error("Please give the phone number with its country code, such as +1 555 010 0199.")]
    PhoneNumber,
    #[error("That code was not accepted. Look for the newest text message, or add the number again.")]
    ConfirmationCode,
    #[error("This demo sends no text messages. To send some, start it with --sms-gateway.")]
    NoTexts,
    #[error("The push subscription of your browser cannot be used. Please try another browser.")]
    PushSubscription,
    #[error("You have no phone number or browser that is ready. Add one first.")]
    NowhereToSend,
    #[error("Too many messages were sent to you. Please wait {0} seconds.")]
    TooManyMessages(u64),
    #[error("Something went wrong on our side. Please try again in a moment.")]
    Service(#[source] Error),
}

impl Problem {
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::OtherOrigin | Self::StepUpFirst => StatusCode::FORBIDDEN,
            Self::NoSuchPage | Self::Gone => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Service(Error::Store(_) | Error::Contended) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Service(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::Gone,
            Error::AnswerRefused => Self::AnswerRefused,
            Error::Grant(_) => Self::StepUpFirst,
            Error::Invalid(Invalid::EnrollmentAnswer) => Self::EnrollmentAnswer,
            Error::Invalid(Invalid::EnrollmentClosed) => Self::EnrollmentClosed,
            Error::Invalid(Invalid::Description) => Self::Description,
            Error::Invalid(Invalid::PhoneNumber) => Self::PhoneNumber,
            Error::Invalid(Invalid::ConfirmationCode | Invalid::NoConfirmationExpected) => Self::ConfirmationCode,
            Error::Invalid(Invalid::PushSubscription | Invalid::PushService) => Self::PushSubscription,
            Error::Invalid(Invalid::TooManyMessages { wait }) => Self::TooManyMessages(wait),
            Error::Invalid(Invalid::TooMany { max, .. }) => Self::TooManyEnrollments(max),
            Error::Invalid(Invalid::Registration(rejected)) => Self::PasskeyRejected(rejected),
            Error::Invalid(Invalid::RegistrationResponse | Invalid::CredentialId) => Self::Malformed,
            Error::Invalid(Invalid::CredentialTaken) => Self::PasskeyTaken,
            Error::Invalid(Invalid::CredentialName) => Self::PasskeyName,
            Error::Invalid(Invalid::NoAssertionExpected) => Self::NoAssertionExpected,
            // The enrollment was deleted after it was listed.
            Error::Invalid(Invalid::UnknownEndpoint) => Self::Gone,
            error => Self::Service(error),
        }
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Error::from(invalid).into()
    }
}
