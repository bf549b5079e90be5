//! Reasons for a refused change, as the visitor reads them beside the form.

use challenges_core::step_up::StepUpRefused;
use challenges_core::{Error, Factor, Invalid, Purpose, Timestamp};
use http::StatusCode;
use maud::{Markup, html};
use serde::{Serialize, Serializer};
use strum::{IntoStaticStr, VariantNames};
use utoipa::ToSchema;

use super::{When, status};
use crate::incoming::Incoming;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::view::{ERROR_ID, Page, View};

/// The reason for a refused form. Programs read the text, and people read the message `account-error-` with the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantNames, thiserror::Error)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum FormError {
    #[error("the code is wrong or was used; enter the next code")]
    WrongCode,
    #[error("the code is wrong or too old; enter the code of the newest message")]
    WrongMessageCode,
    #[error("too many wrong codes; wait until the given time")]
    Delayed(Timestamp),
    #[error("too many wrong codes; only the operator of the site can allow codes again")]
    Disabled,
    #[error("the setup is completed, or took too long; start again")]
    SetupOver,
    #[error("the address takes no code any more; remove the address and add it again")]
    NoCodeExpected,
    #[error("too many messages; wait until the given time")]
    TooManyMessages(Timestamp),
    #[error("no more of these can be added; remove one first")]
    Full(usize),
    #[error("a phone number has a '+', the country code and the number: 7 to 15 digits in all")]
    PhoneNumber,
    #[error("an e-mail address has the form name@domain")]
    EmailAddress,
    #[error("the browser gave no usable push subscription")]
    PushSubscription,
    #[error("a name has 1 to 255 bytes without control characters")]
    PasskeyName,
    #[error("the passkey was not accepted; try again, or use another device")]
    PasskeyRefused,
    #[error("this passkey is registered already")]
    PasskeyTaken,
    #[error("passkeys are not available here")]
    PasskeysUnavailable,
    #[error("this is the last factor; add another one first")]
    LastFactor,
    #[error("pass a challenge by a factor of another type first")]
    SameFactor,
    #[error("recovery codes stand in for a factor; add a factor first")]
    NoFactorYet,
    #[error("enter the number shown where the request was started")]
    NumberMissing,
    #[error("the answer was not accepted; the number is wrong, or the link was replaced by a newer one")]
    AnswerRefused,
}

/// The error members of a refused form.
#[derive(Serialize, ToSchema)]
#[schema(as = FormError)]
pub(crate) struct FormErrorBody {
    /// The name of the error, for programs.
    error_code: &'static str,
    /// A description of the error and its remedy, in English.
    error_message: String,
    /// When to try again, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    until: Option<String>,
    /// The cap that was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<usize>,
}

impl FormError {
    fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the name of the field with the wrong value. `None` if another value of the field would not help.
    const fn field(self) -> Option<&'static str> {
        match self {
            Self::WrongCode | Self::WrongMessageCode => Some("code"),
            Self::PhoneNumber | Self::NumberMissing => Some("number"),
            Self::EmailAddress => Some("address"),
            Self::PasskeyName => Some("name"),
            Self::Delayed(_)
            | Self::Disabled
            | Self::SetupOver
            | Self::NoCodeExpected
            | Self::TooManyMessages(_)
            | Self::Full(_)
            | Self::PushSubscription
            | Self::PasskeyRefused
            | Self::PasskeyTaken
            | Self::PasskeysUnavailable
            | Self::LastFactor
            | Self::SameFactor
            | Self::NoFactorYet
            | Self::AnswerRefused => None,
        }
    }

    /// Returns the paragraph beside the form.
    fn markup(self, view: View<'_>) -> Markup {
        let id = format!("account-error-{}", self.name().replace('_', "-"));
        html! {
            p.error id=(ERROR_ID) role="alert" {
                @match self {
                    Self::Delayed(until) | Self::TooManyMessages(until) => { (view.words.text(&id)) " " (When(until).next_minute()) }
                    Self::Full(max) => (view.words.count(&id, max)),
                    Self::SameFactor => {
                        @let purpose = Purpose::manage_factors();
                        (view.words.text(&id)) " "
                        a href={ (view.prefix) "/factor?purpose=" (purpose.as_str()) "&return_to=" (view.prefix) "/account" } {
                            (view.words.text("factor-title"))
                        }
                    }
                    _ => (view.words.text(&id)),
                }
            }
        }
    }
}

impl Serialize for FormError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (until, max) = match self {
            Self::Delayed(until) | Self::TooManyMessages(until) => (When(*until).rfc3339(), None),
            Self::Full(max) => (None, Some(*max)),
            _ => (None, None),
        };
        FormErrorBody { error_code: self.name(), error_message: self.to_string(), until, max }.serialize(serializer)
    }
}

/// A page whose form was refused: the page again, and the reason.
#[derive(Serialize)]
struct Refused<P> {
    #[serde(flatten)]
    page: P,
    #[serde(flatten)]
    error: FormError,
}

impl<P: Page> Page for Refused<P> {
    const TITLE: &'static str = P::TITLE;

    fn main(&self, view: View<'_>) -> Markup {
        let page = self.page.main(View { invalid: self.error.field(), ..view });
        html! { (self.error.markup(view)) (page) }
    }
}

/// Returns the page again, with the reason beside the form.
pub(crate) fn refused<P: Page + 'static>(page: P, error: FormError) -> Reply {
    Reply::page(Refused { page, error }).with_status(StatusCode::UNPROCESSABLE_ENTITY)
}

impl FormError {
    /// Returns the reason to show beside the form, or the problem if the user cannot do anything about the error.
    pub(super) fn of(pages: &Pages, error: Error) -> Result<Self, Problem> {
        match error {
            Error::Grant(StepUpRefused::SameFactor) => Ok(Self::SameFactor),
            Error::Invalid(invalid) => Self::of_invalid(pages, invalid).ok_or(Problem::Core(error)),
            other => Err(other.into()),
        }
    }

    /// Returns the reason for a refused code, with the time to wait if too many were wrong.
    pub(super) async fn of_code(
        pages: &Pages,
        incoming: &Incoming,
        factor: Factor,
        error: Error,
    ) -> Result<Self, Problem> {
        let reason = Self::of(pages, error)?;
        if reason != Self::WrongCode && reason != Self::WrongMessageCode {
            return Ok(reason);
        }
        Ok(match status(pages, incoming).await?.locked_until(factor) {
            Some(Timestamp::MAX) => Self::Disabled,
            Some(until) => Self::Delayed(until),
            None => reason,
        })
    }

    fn of_invalid(pages: &Pages, invalid: Invalid) -> Option<Self> {
        Some(match invalid {
            Invalid::EnrollmentAnswer => Self::WrongCode,
            Invalid::ConfirmationCode => Self::WrongMessageCode,
            Invalid::EnrollmentClosed => Self::SetupOver,
            Invalid::NoConfirmationExpected => Self::NoCodeExpected,
            Invalid::TooManyMessages { wait } => {
                Self::TooManyMessages(pages.shared.challenges.now().after(std::time::Duration::from_secs(wait)))
            }
            Invalid::TooMany { max, .. } => Self::Full(max),
            Invalid::PhoneNumber => Self::PhoneNumber,
            Invalid::EmailAddress => Self::EmailAddress,
            Invalid::PushSubscription | Invalid::PushService => Self::PushSubscription,
            Invalid::CredentialName => Self::PasskeyName,
            Invalid::Registration(_) | Invalid::RegistrationResponse | Invalid::CredentialId => Self::PasskeyRefused,
            Invalid::CredentialTaken => Self::PasskeyTaken,
            Invalid::WebauthnUnavailable | Invalid::RelyingParty => Self::PasskeysUnavailable,
            Invalid::LastFactor => Self::LastFactor,
            _ => return None,
        })
    }
}
