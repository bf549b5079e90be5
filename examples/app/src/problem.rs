use challenges_core::webauthn::Rejected;
use challenges_core::{Error, Invalid};
use http::StatusCode;

/// Why a person does not get what they asked for. Its text is for them.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("You are not signed in, or your session has ended. Please sign in again.")]
    SignedOut,
    #[error("This request came from another website, so it was not carried out.")]
    OtherOrigin,
    #[error(
        "Please give a user name of at most 255 characters, fewer with accents or in other scripts, without line breaks."
    )]
    UserName,
    #[error("This request is not one that the demo understands. Please reload the page.")]
    Malformed,
    #[error("There is nothing at this address.")]
    NoSuchPage,
    #[error("This address cannot be used that way.")]
    Method,
    #[error("This does not exist any more: it was removed, or its time is over.")]
    Gone,
    #[error(
        "That code was not accepted. Wait until your app shows the next one: each code works once. After five wrong ones, start the step-up again."
    )]
    AnswerRefused,
    #[error("That code was not accepted. Wait until your app shows the next one, and enter that.")]
    EnrollmentAnswer,
    #[error("This is confirmed already, waited too long, or was tried too often. Please add it again.")]
    EnrollmentClosed,
    #[error("You have {0} of these, which is as many as there can be. Remove one first.")]
    TooManyEnrollments(usize),
    #[error(
        "Passkeys need a host name with https, or localhost. Start the demo without a public URL, and open the address that it prints."
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
    #[error("No passkey can answer this step-up any more. Start another one.")]
    NoAssertionExpected,
    #[error(
        "That passkey or security key was not accepted: it may have been removed, used for this already, or copied. Start the step-up again, or use another one."
    )]
    AssertionRefused,
    #[error("Please say in one line of at most 500 plain characters what it is about.")]
    Description,
    #[error("Please give the phone number with its country code, such as +1 555 010 0199.")]
    PhoneNumber,
    #[error("That code was not accepted. Look for the newest text message, or add the number again.")]
    ConfirmationCode,
    #[error("This demo sends no text messages. Start it with --sms-gateway to have it send some.")]
    NoTexts,
    #[error("Your browser gave a push subscription that cannot be used. Please try another browser.")]
    PushSubscription,
    #[error("You have no phone number and no browser that is ready. Add one first.")]
    NowhereToSend,
    #[error("Enough was sent to you for now. Please wait {0} seconds.")]
    TooManyMessages(u64),
    #[error("Something went wrong on our side. Please try again in a moment.")]
    Service(#[source] Error),
}

impl Problem {
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::OtherOrigin => StatusCode::FORBIDDEN,
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
            Error::Invalid(Invalid::EnrollmentAnswer) => Self::EnrollmentAnswer,
            Error::Invalid(Invalid::EnrollmentClosed) => Self::EnrollmentClosed,
            Error::Invalid(Invalid::Description) => Self::Description,
            Error::Invalid(Invalid::PhoneNumber) => Self::PhoneNumber,
            Error::Invalid(Invalid::ConfirmationCode | Invalid::NoConfirmationExpected) => Self::ConfirmationCode,
            Error::Invalid(Invalid::PushSubscription) => Self::PushSubscription,
            Error::Invalid(Invalid::TooManyMessages { wait }) => Self::TooManyMessages(wait),
            Error::Invalid(Invalid::TooMany { max, .. }) => Self::TooManyEnrollments(max),
            Error::Invalid(Invalid::Registration(rejected)) => Self::PasskeyRejected(rejected),
            Error::Invalid(Invalid::RegistrationResponse | Invalid::CredentialId) => Self::Malformed,
            Error::Invalid(Invalid::CredentialTaken) => Self::PasskeyTaken,
            Error::Invalid(Invalid::CredentialName) => Self::PasskeyName,
            Error::Invalid(Invalid::NoAssertionExpected) => Self::NoAssertionExpected,
            // An enrollment that was just listed.
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
