use super::Claim;
use crate::challenge::{Actor, Challenge, ChallengeType};
use crate::error::Error;
use crate::keyring::{KeyRing, Mac};

pub(super) enum Found {
    Match(Option<Actor>),
    NoMatch { guessable: bool },
}

/// Compares an answer with every secret that it could be, all of them whether or not one matches, so that the time
/// taken does not tell which. `None` when there is no such secret.
pub(super) fn compare(claim: &Claim<'_>, ring: &KeyRing) -> Result<Option<Found>, Error> {
    let mut compared = None;
    for candidate in candidates(claim) {
        let place = claim.challenge.place().field(&candidate.field);
        let matches = ring.verify(place, candidate.mac, claim.answer)?;
        let numbered = is_numbered(claim, candidate.number, ring)?;
        // The right secret makes the number all that is left to be guessed.
        let guessable = candidate.guessable || (matches && !numbered);
        compared = match compared {
            Some(found @ Found::Match(_)) => Some(found),
            _ if matches && numbered => Some(Found::Match(candidate.actor.cloned())),
            Some(Found::NoMatch { guessable: true }) => compared,
            _ => Some(Found::NoMatch { guessable }),
        };
    }
    Ok(compared)
}

/// Whether a claim has the number that is asked for, if one is.
pub(super) fn is_numbered(claim: &Claim<'_>, number: Option<&Mac>, ring: &KeyRing) -> Result<bool, Error> {
    let place = claim.challenge.place().field("number");
    let given = claim.number.unwrap_or_default();
    Ok(number.map_or(Ok(true), |number| ring.verify(place, number, given))?)
}

struct Candidate<'a> {
    field: String,
    mac: &'a Mac,
    guessable: bool,
    actor: Option<&'a Actor>,
    /// What has to be right as well.
    number: Option<&'a Mac>,
}

fn candidates<'a>(claim: &Claim<'a>) -> Vec<Candidate<'a>> {
    let challenge: &'a Challenge = claim.challenge;
    let mut candidates = Vec::new();
    if let Some(action) = challenge.action() {
        for (index, secrets) in action.actors.iter().enumerate() {
            if claim.is_by(&secrets.actor) {
                let mac = if claim.allowed { &secrets.approve } else { &secrets.decline };
                let field = actor_field(index, claim.allowed);
                candidates.push(Candidate { field, mac, guessable: false, actor: Some(&secrets.actor), number: None });
            }
        }
        return candidates;
    }
    // One secret answers any delivered type; a code short enough to be guessed answers for itself alone.
    let is_code = claim.kind == ChallengeType::Code;
    if let Some(code) = challenge.code().filter(|code| is_code || !code.guessable) {
        let (field, guessable) = ("code".to_owned(), code.guessable);
        candidates.push(Candidate { field, mac: &code.mac, guessable, actor: None, number: None });
    }
    let code_is_guessable = challenge.code().is_some_and(|code| code.guessable);
    if let Some(mac) = challenge.link().filter(|_| !(is_code && code_is_guessable)) {
        // Whoever declines may not see the page that shows the number.
        let number = challenge.number().filter(|_| claim.allowed);
        candidates.push(Candidate { field: "link".to_owned(), mac, guessable: false, actor: None, number });
    }
    candidates
}

/// The field of the secret of an actor, by the actor's place in the list and the outcome.
pub(crate) fn actor_field(index: usize, approved: bool) -> String {
    format!("{}/{index}", if approved { "approve" } else { "decline" })
}
