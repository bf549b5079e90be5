use challenges_core::{Answer, ChallengeId, ChallengeSpec, ChallengeType, Error, Invalid, Passed, Secret, State};
use http::{Method, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::case::Case;
use super::page::{FactorPage, Form, Start, StatePage};
use super::passed;
use super::question::{Open, Question, takes_answers, with_room};
use crate::incoming::Incoming;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::Reply;

/// A code for the second factor.
#[derive(Deserialize, ToSchema)]
#[schema(as = FactorCode)]
pub(crate) struct CodeForm {
    #[schema(value_type = String)]
    code: Secret,
    /// Any text, to trust this browser if `may_trust`.
    trust: Option<String>,
}

/// An assertion for the second factor.
#[derive(Deserialize, ToSchema)]
#[schema(as = FactorPasskey)]
pub(crate) struct PasskeyForm {
    /// The result of `credential.toJSON()`, as text.
    #[schema(value_type = String)]
    credential: Secret,
    /// Any text, to trust this browser if `may_trust`.
    trust: Option<String>,
}

/// Shows the page, and challenges the user unless this browser has an open question.
pub(super) async fn show(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let Some(case) = Case::of(pages, incoming)? else { return Ok(Reply::leave("/")) };
    if let Some(question) = find(pages, &case, incoming)
        && let Some(open) = question.open(pages).await?
    {
        if let Some(challenge) = open.challenge.as_ref().filter(|one| one.state() == State::ChallengePassed) {
            let collected = pages.shared.challenges.step_up().collect(challenge.id(), &case.owner, &case.purpose);
            if let Some(passed) = collected.await? {
                return passed::reply(pages, incoming, &case, passed, false).await;
            }
        }
        return page(pages, &case, open, None).await;
    }
    // A link at another site, such as another host of the domain, must not send messages to a signed-in user.
    let is_own = matches!(incoming.header("sec-fetch-site"), "" | "none" | "same-origin");
    if incoming.method == Method::HEAD || !(case.is_login() || is_own) {
        return Ok(Reply::page(Start::new(&case)));
    }
    ask(pages, &case).await
}

/// Tells a waiting page whether the user answered elsewhere.
pub(super) async fn state(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let case = Case::of(pages, incoming)?.ok_or(Problem::NoSuchPage)?;
    let question = find(pages, &case, incoming).ok_or(Problem::NoSuchPage)?;
    let challenge = pages.shared.challenges.get(question.challenge.ok_or(Problem::NoSuchPage)?).await?;
    Ok(Reply::page(StatePage { state: challenge.state_at(pages.shared.challenges.now()).as_str() }))
}

pub(super) async fn passkey(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let PasskeyForm { credential, trust } = incoming.form()?;
    answer(pages, incoming, Form::Passkey, credential, trust.is_some()).await
}

pub(super) async fn totp(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let CodeForm { code, trust } = incoming.form()?;
    answer(pages, incoming, Form::Totp, Secret::from_typed(code.expose()), trust.is_some()).await
}

pub(super) async fn message(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let CodeForm { code, trust } = incoming.form()?;
    answer(pages, incoming, Form::Message, Secret::from_typed(code.expose()), trust.is_some()).await
}

/// Takes a recovery code. The code answers a challenge of its own, because the challenge by the user's factors does not
/// offer recovery codes. Such a code also helps a user who cannot be asked otherwise.
pub(super) async fn recovery(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let CodeForm { code, trust: _ } = incoming.form()?;
    let Some(case) = Case::of(pages, incoming)? else { return Ok(Reply::leave("/")) };
    let found = find(pages, &case, incoming);
    let mut question = found.unwrap_or_else(|| Question::without_challenge(&case));
    if !case.requirement().admits(ChallengeType::RecoveryCode) {
        return Err(Problem::NoSuchPage);
    }
    let challenges = &pages.shared.challenges;
    let id = match open_recovery(pages, &question).await? {
        Some(id) => id,
        None => {
            let create = || async {
                let spec = ChallengeSpec::new([ChallengeType::RecoveryCode])?.with_purpose(case.purpose.clone());
                challenges.create(case.owner.clone(), spec).await
            };
            with_room(pages, &case, create).await?.challenge.id()
        }
    };
    question.recovery = Some(id);
    let cookie = question.cookie(pages)?;
    let code = Answer::allow(id, ChallengeType::RecoveryCode, code).by_owner(&case.owner);
    let reply = match challenges.answer(code).await {
        Ok(decision) => return decided(pages, incoming, &case, decision.passed(), false).await,
        Err(Error::AnswerRefused) => refused(pages, &case, question, Form::Recovery).await?,
        Err(error) => return Err(error.into()),
    };
    Ok(reply.with_header(cookie))
}

pub(super) async fn resend(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let Some(case) = Case::of(pages, incoming)? else { return Ok(Reply::leave("/")) };
    let Some(question) = find(pages, &case, incoming) else { return Ok(again(&case)) };
    let Some(id) = question.challenge else { return Ok(again(&case)) };
    match pages.shared.challenges.resend(id).await {
        Ok(_) => {
            let query = case.query();
            Ok(Reply::see(format!("factor{query}{}sent=1", if query.is_empty() { '?' } else { '&' })))
        }
        Err(Error::NotFound) => Ok(again(&case)),
        Err(Error::Invalid(Invalid::TooManyMessages { wait })) => {
            let Some(open) = question.open(pages).await? else { return Ok(again(&case)) };
            page(pages, &case, Open { wait: Some(wait), ..open }, None).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Replaces the challenge, for example after too many wrong answers. Failures of the user stay counted.
pub(super) async fn renew(pages: &Pages, incoming: &Incoming) -> Result<Reply, Problem> {
    let Some(case) = Case::of(pages, incoming)? else { return Ok(Reply::leave("/")) };
    let new = Question::ask(pages, &case).await?;
    if let Some(old) = find(pages, &case, incoming) {
        let old_ids = [old.challenge, old.recovery];
        if new.wait.is_some()
            && let Some(old) = old.open(pages).await?
            && old.challenge.as_ref().is_some_and(|challenge| takes_answers(pages, challenge))
        {
            // The form was sent twice. The first messages are on their way.
            return page(pages, &case, Open { wait: new.wait, ..old }, None).await;
        }
        delete(pages, old_ids).await?;
    }
    let cookie = new.question.cookie(pages)?;
    let reply = if new.wait.is_some() { page(pages, &case, new, None).await? } else { again(&case) };
    Ok(reply.with_header(cookie))
}

async fn delete(pages: &Pages, ids: impl IntoIterator<Item = Option<ChallengeId>>) -> Result<(), Error> {
    for id in ids.into_iter().flatten() {
        match pages.shared.challenges.delete(id).await {
            Ok(()) | Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn find(pages: &Pages, case: &Case<'_>, incoming: &Incoming) -> Option<Question> {
    Question::find(pages, &case.owner, &case.purpose, &incoming.headers)
}

async fn ask(pages: &Pages, case: &Case<'_>) -> Result<Reply, Problem> {
    let open = Question::ask(pages, case).await?;
    let cookie = open.question.cookie(pages)?;
    Ok(page(pages, case, open, None).await?.with_header(cookie))
}

async fn answer(pages: &Pages, incoming: &Incoming, form: Form, secret: Secret, trust: bool) -> Result<Reply, Problem> {
    let Some(case) = Case::of(pages, incoming)? else { return Ok(Reply::leave("/")) };
    let Some(question) = find(pages, &case, incoming) else { return Ok(again(&case)) };
    let Some(id) = question.challenge else { return Ok(again(&case)) };
    let answer = Answer::allow(id, form.kind(), secret).by_owner(&case.owner);
    match pages.shared.challenges.answer(answer).await {
        Ok(decision) => {
            let mut passed = decision.passed();
            if passed.as_ref().and_then(Passed::kind).is_some_and(is_message) {
                // Any browser with this cookie can collect the proof of a message. Exactly one gets it.
                passed = pages.shared.challenges.step_up().collect(id, &case.owner, &case.purpose).await?;
            }
            decided(pages, incoming, &case, passed, trust).await
        }
        Err(Error::AnswerRefused) => refused(pages, &case, question, form).await,
        Err(Error::NotFound) => Ok(again(&case)),
        Err(error) => Err(error.into()),
    }
}

async fn decided(
    pages: &Pages,
    incoming: &Incoming,
    case: &Case<'_>,
    passed: Option<Passed>,
    trust: bool,
) -> Result<Reply, Problem> {
    match passed {
        Some(passed) => passed::reply(pages, incoming, case, passed, trust).await,
        None => Ok(again(case)),
    }
}

const fn is_message(kind: ChallengeType) -> bool {
    matches!(kind, ChallengeType::Sms | ChallengeType::WebPush | ChallengeType::Email)
}

/// Shows the page again after a wrong answer. The reason is not told.
async fn refused(pages: &Pages, case: &Case<'_>, question: Question, form: Form) -> Result<Reply, Problem> {
    let Some(open) = question.open(pages).await? else { return Ok(again(case)) };
    // The user answered elsewhere meanwhile.
    if open.challenge.as_ref().is_some_and(|challenge| challenge.state() == State::ChallengePassed) {
        return Ok(again(case));
    }
    Ok(page(pages, case, open, Some(form)).await?.with_status(StatusCode::UNPROCESSABLE_ENTITY))
}

async fn page(pages: &Pages, case: &Case<'_>, open: Open, wrong: Option<Form>) -> Result<Reply, Problem> {
    let reply = Reply::page(FactorPage::new(pages, case, &open, wrong).await?);
    Ok(if open.wait.is_some() { reply.with_status(StatusCode::TOO_MANY_REQUESTS) } else { reply })
}

/// Returns the recovery challenge of the question, while it takes answers.
async fn open_recovery(pages: &Pages, question: &Question) -> Result<Option<ChallengeId>, Error> {
    let Some(id) = question.recovery else { return Ok(None) };
    match pages.shared.challenges.get(id).await {
        Ok(challenge) => Ok(takes_answers(pages, &challenge).then_some(id)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

fn again(case: &Case<'_>) -> Reply {
    Reply::see(format!("factor{}", case.query()))
}
