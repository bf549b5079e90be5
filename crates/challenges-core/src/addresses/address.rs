use serde::{Deserialize, Serialize};

use super::email_address::EmailAddress;
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
    /// A mailbox, for e-mail.
    Email(EmailAddress),
}

impl Address {
    /// Returns the type of challenges sent to the address.
    #[must_use]
    pub const fn channel(&self) -> ChallengeType {
        match self {
            Self::Phone(_) => ChallengeType::Sms,
            Self::Push(_) => ChallengeType::WebPush,
            Self::Email(_) => ChallengeType::Email,
        }
    }

    /// Returns whether both are the same destination: the number, the mailbox, or the URL of the push service.
    pub(crate) fn has_destination_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Phone(number), Self::Phone(other)) => number == other,
            (Self::Push(subscription), Self::Push(other)) => subscription.endpoint() == other.endpoint(),
            (Self::Email(address), Self::Email(other)) => address == other,
            (Self::Phone(_) | Self::Push(_) | Self::Email(_), _) => false,
        }
    }
}
