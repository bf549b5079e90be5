use super::answer::{Answer, AnswerKind};
use super::factors::Factors;
use super::{Challenge, Proof, Verdict, secret};
use crate::challenge_type::ChallengeType;
use crate::engine::{Engine, Now};
use crate::error::Error;
use crate::evidence::Method;
use crate::id::EnrollmentId;
use crate::recovery::{self, RecoveryMatch};
use crate::totp::{self, CodeMatch};
use crate::webauthn::{self, AssertionMatch, Expected};

/// Compares an answer by the named type, and returns `None` when there is nothing to compare with.
///
/// Proofs are made here and in the comparison of secrets, and nowhere else.
pub(super) fn verify(
    engine: &Engine,
    challenge: &Challenge,
    answer: &Answer,
    factors: &Factors,
    now: Now,
) -> Result<Option<Verdict>, Error> {
    match answer.kind {
        AnswerKind::Type(ChallengeType::Totp) => verify_code(engine, challenge, answer, factors, now),
        AnswerKind::Type(ChallengeType::Webauthn) => verify_assertion(engine, challenge, answer, factors, now),
        AnswerKind::Type(ChallengeType::RecoveryCode) => verify_recovery(engine, challenge, answer, factors, now),
        AnswerKind::Type(ChallengeType::Sms | ChallengeType::WebPush | ChallengeType::Email | ChallengeType::Code)
        | AnswerKind::OneTimeUseAction => secret::compare(challenge, answer, &engine.keys),
        AnswerKind::Unknown => Ok(None),
    }
}

fn verify_code(
    engine: &Engine,
    challenge: &Challenge,
    answer: &Answer,
    factors: &Factors,
    now: Now,
) -> Result<Option<Verdict>, Error> {
    let matched = totp::compare(engine, &factors.totp_for(challenge), answer.secret.expose(), now)?;
    Ok(match matched {
        CodeMatch::NothingToCompare => None,
        CodeMatch::Wrong => Some(Verdict::Wrong { rejected: None }),
        CodeMatch::Right { consumed } => {
            let enrollment = EnrollmentId(consumed.key.id);
            let proof = Proof::new(challenge, answer).with_method(Method::Totp { enrollment });
            Some(Verdict::Right(proof.consuming(vec![consumed])))
        }
    })
}

fn verify_recovery(
    engine: &Engine,
    challenge: &Challenge,
    answer: &Answer,
    factors: &Factors,
    now: Now,
) -> Result<Option<Verdict>, Error> {
    Ok(match recovery::compare(engine, factors.recovery(), answer.secret.expose(), now)? {
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
    factors: &Factors,
    now: Now,
) -> Result<Option<Verdict>, Error> {
    let Some(public_challenge) = challenge.public_challenge() else { return Ok(None) };
    let expected = Expected { public_challenge, origin: challenge.origin(), owner: challenge.owner() };
    let matched = webauthn::verify(engine, &factors.webauthn_for(challenge), &expected, answer.secret.expose(), now)?;
    Ok(match matched {
        AssertionMatch::NothingToCompare => None,
        AssertionMatch::UnknownCredential => Some(Verdict::Wrong { rejected: None }),
        AssertionMatch::Wrong { enrollment, reason } => Some(Verdict::Wrong { rejected: Some((enrollment, reason)) }),
        AssertionMatch::Right { consumed, credential, reported } => {
            let proof = Proof::new(challenge, answer).consuming(consumed).with_credential(credential, reported);
            Some(Verdict::Right(proof))
        }
    })
}
