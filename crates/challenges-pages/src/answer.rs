//! The pages on which links are answered.
//!
//! Links come from text messages, push messages, e-mails, and one-time-use actions. Nobody needs to be signed in: the
//! secret of the link answers. Opening a link decides nothing, so link scanners and prefetches do no harm.

mod link;
mod question;
mod result;

pub(crate) use link::{Choice, Link, Submitted};
pub(crate) use question::Question;
pub(crate) use result::Answered;

use challenges_core::{Answer, Challenge, ChallengeId, Decision, Error, Secret, State};

use crate::account::{FormError, refused};
use crate::incoming::Incoming;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::route::{Route, Verb};
use link::AnswerKind;
use result::Incomplete;

/// The routes of this domain.
pub(crate) const ROUTES: &[Route] = &[
    Route {
        method: Verb::Get,
        path: "answer",
        summary: "Read the challenge behind a link, without deciding anything",
        consumes: false,
        handler: |pages, incoming| Box::pin(show(pages, incoming)),
    },
    Route {
        method: Verb::Post,
        path: "answer",
        summary: "Approve or decline with the secret of a link",
        consumes: false,
        handler: |pages, incoming| Box::pin(decide(pages, incoming)),
    },
];

async fn show(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let link: Link = incoming.query()?;
    // The secret of an e-mail is in the fragment, which no request contains.
    let has_secret = link.is_by_email() || !link.challenge_answer.expose().is_empty();
    if link.challenge_id.is_empty() || !has_secret {
        return Ok(Reply::page(Incomplete {}));
    }
    let challenge = load(pages, &link).await?;
    let has_state = |state| challenge.state_at(pages.shared.challenges.now()) == state;
    if challenge.is_action() && has_state(State::Issued) && !challenge.has_actor(&link.challenge_uid) {
        return Err(Problem::NoSuchPage);
    }
    Ok(Reply::page(Question::new(&challenge, link, pages.shared.challenges.now())))
}

async fn decide(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let Submitted { link, decision, number_match } = incoming.form()?;
    let challenge = load(pages, &link).await?;
    let question = || Question::new(&challenge, link.clone(), pages.shared.challenges.now());
    let approves = match decision {
        Choice::Approve => true,
        Choice::Decline | Choice::NotMe => false,
    };
    let number = Secret::from_typed(&number_match);
    if approves && challenge.number_match() && number.expose().is_empty() {
        return Ok(refused(question(), FormError::NumberMissing));
    }
    let Some(answer) = answer(&challenge, &link, approves) else {
        return Ok(refused(question(), FormError::AnswerRefused));
    };
    let answer = if approves && challenge.number_match() { answer.with_number(number) } else { answer };
    match pages.shared.challenges.answer(answer).await {
        Ok(Decision::Passed(_) | Decision::Declined(_)) => Ok(Reply::page(Answered::new(decision))),
        Err(Error::AnswerRefused) => {
            // The challenge may have ended since the page was opened.
            let challenge = load(pages, &link).await?;
            let question = Question::new(&challenge, link, pages.shared.challenges.now());
            Ok(refused(question, FormError::AnswerRefused))
        }
        Err(error) => Err(error.into()),
    }
}

/// Returns the answer by the secret of the link, or `None` if the challenge takes no such answer.
fn answer(challenge: &Challenge, link: &Link, approves: bool) -> Option<Answer> {
    let (id, secret) = (challenge.id(), link.secret());
    let answer = match (link.kind(challenge)?, approves) {
        (AnswerKind::Type(kind), true) => Answer::allow(id, kind, secret),
        (AnswerKind::Type(kind), false) => Answer::decline(id, kind, secret),
        (AnswerKind::Action, true) => Answer::approve_action(id, secret),
        (AnswerKind::Action, false) => Answer::decline_action(id, secret),
    };
    Some(if link.challenge_uid.is_empty() { answer } else { answer.by_user(&link.challenge_uid) })
}

/// Loads the challenge of a link. A malformed id is reported as an unknown one.
async fn load(pages: &Pages, link: &Link) -> Result<Challenge, Problem> {
    let id: ChallengeId = link.challenge_id.parse().map_err(|_| Problem::NoSuchPage)?;
    Ok(pages.shared.challenges.get(id).await?)
}
