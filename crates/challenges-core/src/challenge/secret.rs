use std::ops::RangeInclusive;

use super::answer::{Answer, AnswerKind};
use super::request::Link;
use super::{Challenge, Proof, Verdict};
use crate::approvals::secret_field;
use crate::challenge_type::ChallengeType;
use crate::error::Error;
use crate::evidence::Method;
use crate::keyring::{KeyRing, Mac};
use crate::owner::Owner;
use crate::secret::Secret;

/// The number of digits of the short code of a message.
const MESSAGE_CODE: RangeInclusive<usize> = 6..=8;

/// A secret to compare the answer with.
struct Candidate<'a> {
    field: String,
    mac: &'a Mac,
    actor: Option<&'a Owner>,
    /// The factor that the secret proves.
    method: Option<Method>,
    /// The MAC of the number, required besides the secret.
    number: Option<&'a Mac>,
}

/// Compares an answer with every candidate secret, and returns `None` without candidates. All candidates are compared
/// even after a match, so that the time does not tell which matched.
pub(super) fn verify(challenge: &Challenge, answer: &Answer, keys: &KeyRing) -> Result<Option<Verdict>, Error> {
    let mut compared = None;
    for candidate in candidates(challenge, answer) {
        let place = challenge.place().field(&candidate.field);
        let matches = keys.verify(place, candidate.mac, answer.secret.expose())?;
        let number_matches = compare_number(challenge, answer, candidate.number, keys)?;
        compared = match compared {
            Some(Verdict::Right(proof)) => Some(Verdict::Right(proof)),
            _ if matches && number_matches => {
                let proof = Proof::new(challenge, answer).with_method(candidate.method);
                Some(Verdict::Right(proof.with_actor(candidate.actor)))
            }
            Some(Verdict::Wrong { .. }) | None => Some(Verdict::Wrong { rejected: None }),
        };
    }
    Ok(compared)
}

/// Returns whether the answer is the secret of the link. The code may pass under the same type.
pub(super) fn is_link(challenge: &Challenge, answer: &Answer, keys: &KeyRing) -> Result<bool, Error> {
    let Some((field, link)) = link(challenge, answer) else { return Ok(false) };
    Ok(keys.verify(challenge.place().field(field), &link.mac, answer.secret.expose())?)
}

/// Returns the field, channel and MAC of the short code of a message, if the answer has the form of a short code. The
/// secret of a link never has this form.
pub(super) fn message_code<'a>(
    challenge: &'a Challenge,
    answer: &Answer,
) -> Option<(&'static str, ChallengeType, &'a Mac)> {
    let AnswerKind::Type(kind @ (ChallengeType::Sms | ChallengeType::Email)) = answer.kind else { return None };
    let text = answer.secret.expose();
    let is_code = MESSAGE_CODE.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let mac = challenge.link(kind)?.code.as_ref()?;
    is_code.then_some((Link::code_field(kind), kind, mac))
}

/// Returns the link that may answer under the type of the answer, and the field of the MAC.
fn link<'a>(challenge: &'a Challenge, answer: &Answer) -> Option<(&'static str, &'a Link)> {
    match answer.kind {
        AnswerKind::Type(kind) => Some((Link::field(kind), challenge.link(kind)?)),
        AnswerKind::OneTimeUseAction | AnswerKind::Unknown => None,
    }
}

/// Returns whether a new link could not be answered, because the key of the code or number shown at creation is
/// retired. The code or number is compared together with the link.
pub(super) fn is_beyond_resend(challenge: &Challenge, keys: &KeyRing) -> bool {
    let code = challenge.code().map(|code| &code.mac);
    code.into_iter().chain(challenge.number()).any(|mac| keys.is_retired(mac))
}

fn compare_number(challenge: &Challenge, answer: &Answer, number: Option<&Mac>, keys: &KeyRing) -> Result<bool, Error> {
    let Some(number) = number else { return Ok(true) };
    let given = answer.number.as_ref().map(Secret::expose).unwrap_or_default();
    Ok(keys.verify(challenge.place().field("number"), number, given)?)
}

fn candidates<'a>(challenge: &'a Challenge, answer: &Answer) -> Vec<Candidate<'a>> {
    let mut candidates = Vec::new();
    if let Some(approval) = challenge.open_approval() {
        for (index, secrets) in approval.actors.iter().enumerate() {
            if answer.is_by(&secrets.actor) {
                let mac = if answer.allowed { &secrets.approve } else { &secrets.decline };
                let field = secret_field(index, answer.allowed);
                candidates.push(Candidate { field, mac, actor: Some(&secrets.actor), method: None, number: None });
            }
        }
        return candidates;
    }
    if let Some((field, channel, mac)) = message_code(challenge, answer) {
        // A short code needs no number, because the user carries the code to the page that started the challenge.
        let method = Some(Method::message(channel, true));
        candidates.push(Candidate { field: field.to_owned(), mac, actor: None, method, number: None });
        return candidates;
    }
    // A long code answers as any type except e-mail. A guessable code answers as `code` only.
    let is_code = answer.kind == AnswerKind::Type(ChallengeType::Code);
    let is_email = answer.kind == AnswerKind::Type(ChallengeType::Email);
    if let Some(code) = challenge.code().filter(|code| is_code || !(code.guessable || is_email)) {
        let method = Some(Method::Code);
        candidates.push(Candidate { field: "code".to_owned(), mac: &code.mac, actor: None, method, number: None });
    }
    let code_is_guessable = challenge.code().is_some_and(|code| code.guessable);
    if let Some((field, link)) = link(challenge, answer).filter(|_| !(is_code && code_is_guessable)) {
        // A declining user may not see the page that shows the number.
        let number = challenge.number().filter(|_| answer.allowed);
        let method = match is_email {
            true => Some(Method::message(ChallengeType::Email, number.is_some())),
            false => Method::link(challenge.types(), number.is_some()),
        };
        candidates.push(Candidate { field: field.to_owned(), mac: &link.mac, actor: None, method, number });
    }
    candidates
}
