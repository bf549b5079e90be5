use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::challenge_type::ChallengeType;
use crate::factor::Factor;
use crate::keyring::Mac;
use crate::policy::Policy;

/// The class of an answer. Each class has its own limit within a challenge, so that wrong TOTP codes leave the passkey
/// of the same challenge usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnswerClass {
    /// TOTP codes.
    Totp,
    /// Short codes.
    Code,
    /// Numbers of number matching, given with the right secret of the link.
    Number,
    /// 128-bit secrets of codes and actors.
    Secret,
    /// 128-bit secrets of links.
    Link,
    /// WebAuthn assertions.
    Assertion,
    /// Recovery codes.
    RecoveryCode,
    /// Short codes of text messages.
    MessageCode,
    /// Short codes of e-mails.
    EmailCode,
}

impl AnswerClass {
    /// Returns the guessable factor of the class.
    pub(super) const fn factor(self) -> Option<Factor> {
        match self {
            Self::Totp => Some(Factor::Totp),
            Self::Code => Some(Factor::Code),
            Self::Number => Some(Factor::Number),
            Self::RecoveryCode => Some(Factor::RecoveryCode),
            Self::MessageCode => Some(Factor::MessageCode),
            Self::EmailCode => Some(Factor::EmailCode),
            Self::Secret | Self::Link | Self::Assertion => None,
        }
    }

    const fn limit(self, policy: &Policy) -> u32 {
        match self.factor() {
            Some(_) => policy.guesses_per_challenge,
            None => policy.secrets_per_challenge,
        }
    }
}

/// The wrong answers to a challenge.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct WrongAnswers {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    counts: BTreeMap<AnswerClass, u32>,
    /// The fingerprint of the last wrong answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last: Option<Mac>,
}

impl WrongAnswers {
    pub(super) fn count(&mut self, class: AnswerClass, fingerprint: Mac) {
        let count = self.counts.entry(class).or_default();
        *count = count.saturating_add(1);
        self.last = Some(fingerprint);
    }

    pub(super) fn total(&self) -> u32 {
        self.counts.values().fold(0, |total, count| total.saturating_add(*count))
    }

    pub(super) fn of(&self, class: AnswerClass) -> u32 {
        self.counts.get(&class).copied().unwrap_or_default()
    }

    pub(super) fn is_exhausted(&self, class: AnswerClass, policy: &Policy) -> bool {
        self.of(class) >= class.limit(policy)
    }

    /// Returns whether no answer of the type is accepted any more. Wrong short codes of a message leave the link
    /// usable.
    pub(super) fn is_type_exhausted(&self, kind: ChallengeType, guessable_code: bool, policy: &Policy) -> bool {
        match kind {
            ChallengeType::Totp => self.is_exhausted(AnswerClass::Totp, policy),
            ChallengeType::RecoveryCode => self.is_exhausted(AnswerClass::RecoveryCode, policy),
            ChallengeType::Webauthn => self.is_exhausted(AnswerClass::Assertion, policy),
            ChallengeType::Code if guessable_code => self.is_exhausted(AnswerClass::Code, policy),
            ChallengeType::Code => self.is_exhausted(AnswerClass::Secret, policy),
            ChallengeType::Sms | ChallengeType::WebPush | ChallengeType::Email => {
                self.is_exhausted(AnswerClass::Link, policy) || self.is_exhausted(AnswerClass::Number, policy)
            }
        }
    }
}
