//! What travels: the schemas of the API, as they are read and written. A property is left out, never null; a null that
//! comes in counts as left out, and properties that are not known are passed over.
//!
//! None of these prints itself: several hold secrets.

mod answer;
mod challenge;
mod direction;
mod error;
mod metadata;
mod one_time_use;
mod seconds;
mod totp;
mod webauthn;

pub(crate) use answer::{AnswerSubmission, ChallengeAnswer, ChallengeAnswerSpec};
pub(crate) use challenge::{Challenge, ChallengeEndpoint, ChallengeSpec, ChallengeStatus};
pub(crate) use error::ErrorMessage;
pub(crate) use metadata::MetadataWithId;
pub(crate) use one_time_use::{
    ChallengeAction, ChallengeActor, OneTimeUseActionChallenge, OneTimeUseActionChallengeAnswerDetail,
    OneTimeUseActionChallengeResponse, OneTimeUseActionChallengeSpec,
};
pub(crate) use seconds::Seconds;
pub(crate) use totp::{
    ListTotpEnrollmentResponse, TotpEnrollment, TotpEnrollmentAnswer, TotpEnrollmentSpec, TotpEnrollmentStatus,
};
pub(crate) use webauthn::{
    ListWebauthnEnrollmentResponse, WebauthnEnrollment, WebauthnEnrollmentAnswer, WebauthnEnrollmentSpec,
    WebauthnEnrollmentStatus,
};
