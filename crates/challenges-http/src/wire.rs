//! The JSON schemas of the API.
//!
//! - Responses omit absent properties and never contain null. In requests, null and the empty string count as absent.
//! - Unknown properties of requests are ignored.
//! - No type is `Debug`, because several contain secrets.

mod answer;
mod challenge;
mod direction;
mod error;
mod metadata;
mod one_time_use;
mod optional;
mod seconds;
mod totp;
mod trusted_device;
mod webauthn;

/// The challenge type that the API shows for one-time-use actions.
pub(crate) const ONE_TIME_USE_ACTION: &str = "one_time_use_action";

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
pub(crate) use trusted_device::{ListTrustedDevicesResponse, TrustedDevice, TrustedDeviceSpec, TrustedDeviceStatus};
pub(crate) use webauthn::{
    ListWebauthnEnrollmentResponse, WebauthnEnrollment, WebauthnEnrollmentAnswer, WebauthnEnrollmentSpec,
    WebauthnEnrollmentStatus,
};
