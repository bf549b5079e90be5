use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::record::Id;
use crate::error::Invalid;

macro_rules! typed_id {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub(crate) Id);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                text.parse().map(Self)
            }
        }
    };
}

typed_id! {
    /// The id of a challenge.
    ///
    /// The id is a capability: anybody with the id may read, replace, answer and delete the challenge. `Debug`
    /// therefore prints the [prefix](ChallengeId::prefix) only, also inside other types. [`ToString`] gives the whole
    /// id.
    ChallengeId
}

impl ChallengeId {
    /// Returns the public part of the id, for logs: 18 characters with the creation time and, for readers of the store,
    /// the owner.
    #[must_use]
    pub fn prefix(&self) -> String {
        self.0.prefix()
    }
}

impl fmt::Debug for ChallengeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChallengeId({}..)", self.prefix())
    }
}

typed_id! {
    /// The id of an enrollment: a TOTP key or a WebAuthn credential of a user.
    #[derive(Debug)]
    EnrollmentId
}
typed_id! {
    /// The id of an endpoint: a phone number, e-mail address or push subscription of a user.
    #[derive(Debug)]
    EndpointId
}
typed_id! {
    /// The id of a trusted device of a user. The id is not a secret.
    #[derive(Debug)]
    DeviceId
}
typed_id! {
    /// The id of an outbox entry, and the idempotency key of the message or action.
    #[derive(Debug)]
    OutboxId
}
