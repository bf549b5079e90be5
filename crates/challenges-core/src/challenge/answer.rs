use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Challenge;
use crate::challenge_type::ChallengeType;
use crate::engine::Now;
use crate::error::Refused;
use crate::factor::Factor;
use crate::id::ChallengeId;
use crate::keyring::Mac;
use crate::owner::Owner;
use crate::policy::Policy;
use crate::secret::Secret;
use crate::totp::TimeStep;

/// An answer to a challenge.
#[derive(Debug)]
pub struct Answer {
    pub(super) challenge: ChallengeId,
    pub(super) kind: AnswerKind,
    pub(super) secret: Secret,
    user_id: Option<String>,
    /// The tenant of the user, if known to the caller.
    tenant: Option<String>,
    pub(super) allowed: bool,
    pub(super) number: Option<Secret>,
}

/// The type named by an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswerKind {
    Type(ChallengeType),
    OneTimeUseAction,
    Unknown,
}

impl Answer {
    /// Creates an answer that allows.
    #[must_use]
    pub fn allow(challenge: ChallengeId, kind: ChallengeType, answer: impl Into<Secret>) -> Self {
        Self::new(challenge, AnswerKind::Type(kind), true, answer.into())
    }

    /// Creates an answer that declines. Declining needs the right answer as well.
    #[must_use]
    pub fn decline(challenge: ChallengeId, kind: ChallengeType, answer: impl Into<Secret>) -> Self {
        Self::new(challenge, AnswerKind::Type(kind), false, answer.into())
    }

    /// Creates an answer that approves a one-time-use action, with the secret of an actor.
    #[must_use]
    pub fn approve_action(challenge: ChallengeId, secret: impl Into<Secret>) -> Self {
        Self::new(challenge, AnswerKind::OneTimeUseAction, true, secret.into())
    }

    /// Creates an answer that declines a one-time-use action, with the secret of an actor.
    #[must_use]
    pub fn decline_action(challenge: ChallengeId, secret: impl Into<Secret>) -> Self {
        Self::new(challenge, AnswerKind::OneTimeUseAction, false, secret.into())
    }

    /// Creates an answer of an unknown type. Such an answer is always refused, and observed as
    /// [`Refused::TypeNotOffered`](crate::Refused::TypeNotOffered).
    #[must_use]
    pub fn of_unknown_type(challenge: ChallengeId) -> Self {
        Self::new(challenge, AnswerKind::Unknown, false, "".into())
    }

    /// Adds the number for number matching. Declining needs no number.
    #[must_use]
    pub fn with_number(self, number: impl Into<Secret>) -> Self {
        Self { number: Some(number.into()), ..self }
    }

    /// Names the answering user, such as the signed-in user. The answer is refused, without being compared, when the
    /// challenge belongs to another user, or when the user is not an actor of the one-time-use action.
    ///
    /// Call this whenever the id of the challenge comes with the request. Without this call an answer to any user's
    /// challenge passes, and only [`Passed::owner`](crate::Passed::owner) names the challenged user.
    ///
    /// An owner without a tenant counts as an actor of any organization. Hosts with tenants name the tenant here.
    #[must_use]
    pub fn by_owner(self, owner: &Owner) -> Self {
        Self { tenant: Some(owner.tenant().to_owned()), ..self.by_user(owner.user_id()) }
    }

    /// Names the answering user without a tenant. The answer is refused when the challenge asks no user of this name.
    #[must_use]
    pub fn by_user(self, user_id: impl Into<String>) -> Self {
        Self { user_id: Some(user_id.into()), tenant: None, ..self }
    }

    const fn new(challenge: ChallengeId, kind: AnswerKind, allowed: bool, secret: Secret) -> Self {
        Self { challenge, kind, secret, user_id: None, tenant: None, allowed, number: None }
    }

    /// Checks that the challenge offers the type and asks the user.
    pub(super) fn admit(&self, challenge: &Challenge) -> Result<(), Refused> {
        let offered = match self.kind {
            AnswerKind::Type(kind) => challenge.types().is_some_and(|types| types.contains(kind)),
            AnswerKind::OneTimeUseAction => challenge.is_action(),
            AnswerKind::Unknown => false,
        };
        if !offered {
            return Err(Refused::TypeNotOffered);
        }
        let owner = challenge.owner();
        let asked = match challenge.open_approval() {
            Some(approval) => approval.actors.iter().any(|candidate| self.is_by(&candidate.actor)),
            None => {
                self.user_id.as_ref().is_none_or(|user| user == owner.user_id())
                    && self.tenant.as_ref().is_none_or(|tenant| tenant == owner.tenant())
            }
        };
        if asked { Ok(()) } else { Err(Refused::OtherUser) }
    }

    /// Returns whether the actor may have given this answer. A host without tenants does not know the organizations of
    /// the actors.
    pub(super) fn is_by(&self, actor: &Owner) -> bool {
        self.user_id.as_ref().is_none_or(|user| user == actor.user_id())
            && self.tenant.as_ref().is_none_or(|tenant| tenant.is_empty() || tenant == actor.tenant())
    }

    /// Returns the field name for the fingerprint of a wrong answer. The same secret repeats the last wrong answer only
    /// with the same type, user, outcome and number. For TOTP the time step must be the same too, because a wrong code
    /// can be right in a later step.
    pub(super) fn fingerprint_field(&self, now: Now) -> String {
        let (kind, step) = match self.kind {
            AnswerKind::Type(kind) => (kind.as_str(), time_step(kind, now)),
            AnswerKind::OneTimeUseAction => ("one_time_use_action", 0),
            AnswerKind::Unknown => ("", 0),
        };
        let Self { allowed, tenant, .. } = self;
        let number = self.number.as_ref().map(Secret::expose).unwrap_or_default();
        let user_id = self.user_id.as_deref().unwrap_or_default();
        format!("wrong/{kind}/{step}/{allowed}/{number:?}/{tenant:?}/{user_id}")
    }
}

/// Returns the number of the time step for types whose right answer changes with time, and 0 for the others.
const fn time_step(kind: ChallengeType, now: Now) -> u64 {
    match kind {
        ChallengeType::Totp => TimeStep::at(now.clock).number(),
        ChallengeType::Sms
        | ChallengeType::WebPush
        | ChallengeType::Webauthn
        | ChallengeType::Code
        | ChallengeType::RecoveryCode
        | ChallengeType::Email => 0,
    }
}

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
