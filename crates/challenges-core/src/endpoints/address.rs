use serde::{Deserialize, Serialize};

use super::phone_number::PhoneNumber;
use super::push_subscription::PushSubscription;
use crate::challenge_type::ChallengeType;

/// The destination of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Address {
    /// A phone, for text messages.
    Phone(PhoneNumber),
    /// A browser, for push messages.
    Push(PushSubscription),
}

impl Address {
    /// Returns the type of challenges sent to the address.
    #[must_use]
    pub const fn channel(&self) -> ChallengeType {
        match self {
            Self::Phone(_) => ChallengeType::Sms,
            Self::Push(_) => ChallengeType::WebPush,
        }
    }

    /// Returns the distinctive part of the address: the number, or the URL of the push service.
    pub(crate) fn destination(&self) -> &str {
        match self {
            Self::Phone(number) => number.as_str(),
            Self::Push(subscription) => subscription.endpoint(),
        }
    }
}
