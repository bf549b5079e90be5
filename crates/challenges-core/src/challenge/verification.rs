use super::answer::{Answer, AnswerKind};
use super::loaded_factors::LoadedFactors;
use super::{Challenge, secret};
use crate::challenge_type::ChallengeType;
use crate::engine::{Engine, Now};
use crate::error::{Error, Rejected};
use crate::evidence::Method;
use crate::id::{ChallengeId, EnrollmentId};
use crate::owner::Owner;
use crate::recovery::{self, RecoveryMatch};
use crate::store::Write;
use crate::totp;
use crate::webauthn::{self, AssertionMatch, Expected};

/// The result of comparing an answer.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub enum Verdict {
    /// The answer is right.
    Right(Proof),
    /// The answer is wrong.
    #[non_exhaustive]
    Wrong {
        /// The failed step of an assertion, and the enrollment of the credential.
        rejected: Option<(EnrollmentId, Rejected)>,
    },
}

/// Proof of a right answer to one challenge.
///
/// Only the verification of a factor makes a proof. The passing transition takes the proof by value, and the write of
/// the proof is stored in the same commit.
///
/// ```compile_fail,E0451
/// # fn id() -> challenges_core::ChallengeId { unimplemented!() }
/// use challenges_core::machine::Proof;
/// let forged = Proof { challenge: id(), kind: None, allowed: true, method: None, actor: None, codes_left: None, consumed: Vec::new(), reported: None };
/// ```
///
/// ```compile_fail,E0599
/// fn twice(proof: challenges_core::machine::Proof) -> [challenges_core::machine::Proof; 2] {
///     [proof.clone(), proof]
/// }
/// ```
#[derive(Debug)]
#[must_use = "a dropped proof passes nothing"]
pub struct Proof {
    challenge: ChallengeId,
    kind: Option<ChallengeType>,
    allowed: bool,
    /// The proven factor; `None` for a one-time-use action.
    method: Option<Method>,
    actor: Option<Owner>,
    /// The number of recovery codes left, if a recovery code answered.
    codes_left: Option<u8>,
    /// The writes that use up a code, or record the use of a credential and assert what its acceptance relied on.
    consumed: Vec<Write>,
    /// A fault of the assertion, accepted and reported by the policy.
    reported: Option<Rejected>,
}

impl Proof {
    /// Returns the proof of a right answer by a secret or code. Only verification may call this.
    pub(super) fn new(challenge: &Challenge, answer: &Answer) -> Self {
        let kind = match answer.kind {
            AnswerKind::Type(kind) => Some(kind),
            AnswerKind::OneTimeUseAction | AnswerKind::Unknown => None,
        };
        Self {
            challenge: challenge.id(),
            kind,
            allowed: answer.allowed,
            method: None,
            actor: None,
            codes_left: None,
            consumed: Vec::new(),
            reported: None,
        }
    }

    /// Returns the proof of a challenge that the link of a message passed before.
    pub(super) fn by_link(challenge: &Challenge, method: Method) -> Self {
        Self {
            challenge: challenge.id(),
            kind: None,
            allowed: true,
            method: Some(method),
            actor: None,
            codes_left: None,
            consumed: Vec::new(),
            reported: None,
        }
    }

    pub(super) fn with_method(self, method: impl Into<Option<Method>>) -> Self {
        Self { method: method.into(), ..self }
    }

    pub(super) fn with_actor(self, actor: Option<&Owner>) -> Self {
        Self { actor: actor.cloned(), ..self }
    }

    pub(super) fn consuming(self, consumed: Vec<Write>) -> Self {
        Self { consumed, ..self }
    }

    pub(super) fn with_codes_left(self, left: usize) -> Self {
        // A set has at most 16 codes.
        Self { codes_left: Some(u8::try_from(left).unwrap_or(u8::MAX)), ..self }
    }

    pub(super) fn reporting(self, reported: Option<Rejected>) -> Self {
        Self { reported, ..self }
    }

    /// Returns the answered challenge.
    #[must_use]
    pub const fn challenge(&self) -> ChallengeId {
        self.challenge
    }

    /// Returns the type that the answer named; `None` for a one-time-use action.
    #[must_use]
    pub const fn kind(&self) -> Option<ChallengeType> {
        self.kind
    }

    /// Returns whether the answer allows, or declines.
    #[must_use]
    pub const fn allowed(&self) -> bool {
        self.allowed
    }

    pub(super) const fn method(&self) -> Option<Method> {
        self.method
    }

    pub(super) const fn actor(&self) -> Option<&Owner> {
        self.actor.as_ref()
    }

    pub(super) fn codes_left(&self) -> Option<usize> {
        self.codes_left.map(usize::from)
    }

    /// Takes the writes that use up a code or record the use of a credential. Commit these with the answer.
    pub(super) fn take_consumed(&mut self) -> Vec<Write> {
        std::mem::take(&mut self.consumed)
    }

    /// Returns the fault accepted and reported by the policy, with the enrollment of the credential.
    pub(super) fn reported(&self) -> Option<(EnrollmentId, Rejected)> {
        let Some(Method::Webauthn { enrollment, .. }) = self.method else { return None };
        Some((enrollment, self.reported?))
    }
}

/// Compares an answer by the named type, and returns `None` when there is nothing to compare with.
///
/// Proofs are made here and in the comparison of secrets, and nowhere else.
pub(super) fn verify(
    engine: &Engine,
    challenge: &Challenge,
    answer: &Answer,
    factors: &LoadedFactors,
    now: Now,
) -> Result<Option<Verdict>, Error> {
    match answer.kind {
        AnswerKind::Type(ChallengeType::Totp) => verify_totp(engine, challenge, answer, factors, now),
        AnswerKind::Type(ChallengeType::Webauthn) => verify_assertion(engine, challenge, answer, factors, now),
        AnswerKind::Type(ChallengeType::RecoveryCode) => verify_recovery(engine, challenge, answer, factors, now),
        AnswerKind::Type(ChallengeType::Sms | ChallengeType::WebPush | ChallengeType::Email | ChallengeType::Code)
        | AnswerKind::OneTimeUseAction => secret::verify(challenge, answer, &engine.keys),
        AnswerKind::Unknown => Ok(None),
    }
}

fn verify_totp(
    engine: &Engine,
    challenge: &Challenge,
    answer: &Answer,
    factors: &LoadedFactors,
    now: Now,
) -> Result<Option<Verdict>, Error> {
    let code = answer.secret.expose();
    let comparable = totp::comparable(&factors.totp_for(challenge), code);
    if comparable.is_empty() {
        return Ok(None);
    }
    Ok(Some(match totp::verify(engine, &comparable, code, now)? {
        None => Verdict::Wrong { rejected: None },
        Some(consumed) => {
            let enrollment = EnrollmentId(consumed.key().id);
            let proof = Proof::new(challenge, answer).with_method(Method::Totp { enrollment });
            Verdict::Right(proof.consuming(vec![consumed]))
        }
    }))
}

fn verify_recovery(
    engine: &Engine,
    challenge: &Challenge,
    answer: &Answer,
    factors: &LoadedFactors,
    now: Now,
) -> Result<Option<Verdict>, Error> {
    Ok(match recovery::verify(engine, factors.recovery(), answer.secret.expose(), now)? {
        RecoveryMatch::NothingToCompare => None,
        RecoveryMatch::Wrong => Some(Verdict::Wrong { rejected: None }),
        RecoveryMatch::Right { consumed, left } => {
            let proof = Proof::new(challenge, answer).with_method(Method::RecoveryCode);
            Some(Verdict::Right(proof.consuming(vec![consumed]).with_codes_left(left)))
        }
    })
}

fn verify_assertion(
    engine: &Engine,
    challenge: &Challenge,
    answer: &Answer,
    factors: &LoadedFactors,
    now: Now,
) -> Result<Option<Verdict>, Error> {
    let Some(public_challenge) = challenge.public_challenge() else { return Ok(None) };
    let expected = Expected { public_challenge, origin: challenge.origin(), owner: challenge.owner() };
    let matched = webauthn::verify(engine, &factors.webauthn_for(challenge), &expected, answer.secret.expose(), now)?;
    Ok(match matched {
        AssertionMatch::NothingToCompare => None,
        AssertionMatch::UnknownCredential => Some(Verdict::Wrong { rejected: None }),
        AssertionMatch::Wrong { enrollment, reason } => Some(Verdict::Wrong { rejected: Some((enrollment, reason)) }),
        AssertionMatch::Right { consumed, method, reported } => {
            let proof = Proof::new(challenge, answer).with_method(method).consuming(consumed);
            Some(Verdict::Right(proof.reporting(reported)))
        }
    })
}
