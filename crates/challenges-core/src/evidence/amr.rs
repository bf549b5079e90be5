use super::count::is_multi_factor;
use super::{Evidence, Method};
use crate::challenge_type::ChallengeType;

/// Returns the `amr` values, each once.
pub(super) fn values(evidence: &[Evidence]) -> Vec<&'static str> {
    let mut values = Vec::new();
    let mut add = |value| {
        if !values.contains(&value) {
            values.push(value);
        }
    };
    for proven in evidence {
        match proven.method() {
            Method::Totp { .. } => add("otp"),
            Method::Webauthn { backed_up, .. } => {
                add(if backed_up { "swk" } else { "pop" });
                add("user");
            }
            Method::Link { channel, one_of_several, number_matched } => {
                if channel == ChallengeType::Sms && !one_of_several {
                    add("sms");
                }
                if number_matched {
                    add("mca");
                }
            }
            Method::Password => add("pwd"),
            Method::Code | Method::RecoveryCode | Method::TrustedDevice { .. } => {}
        }
    }
    if is_multi_factor(evidence) {
        add("mfa");
    }
    values
}
