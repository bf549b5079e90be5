use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use challenges_core::account::AccountStatus;
use challenges_core::step_up::Requirement;
use challenges_core::{Challenge, ChallengeId, ChallengeType, Error, Invalid, Owner, Purpose, State};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::case::Case;
use crate::login_cookies;
use crate::pages::Pages;
use crate::problem::Problem;

/// Returns the name of the cookie of the challenge in this browser, so that reloading the page starts no other
/// challenge. Each purpose has a separate cookie, because two tabs may ask at the same time.
pub(crate) fn cookie_name(purpose: &Purpose) -> String {
    if purpose.as_str() == login_cookies::PURPOSE {
        return "challenges_factor".to_owned();
    }
    // A purpose may have characters that a cookie may not.
    let hash = Sha256::digest(purpose.as_str());
    let hash: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("challenges_factor_{hash}")
}

const AGE: Duration = Duration::from_secs(3_600);

/// The number of challenges to load at once: the maximum of the library.
const AT_ONCE: usize = 500;
/// The most reads in search of challenges to delete.
const MOST_READS: usize = 8;

/// The challenge that this browser answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    owner: Owner,
    purpose: Purpose,
    /// Absent if the user can answer by a message or recovery code only, and no message can be sent now.
    pub(super) challenge: Option<ChallengeId>,
    /// The number of number matching.
    pub(super) number: Option<String>,
    /// The challenge for recovery codes, created with the first recovery code.
    pub(super) recovery: Option<ChallengeId>,
}

/// A question with the present state.
pub(super) struct Open {
    pub(super) question: Question,
    pub(super) challenge: Option<Challenge>,
    pub(super) account: AccountStatus,
    /// The seconds until a message can be sent, if one was refused just now.
    pub(super) wait: Option<u64>,
}

impl Question {
    /// Returns the question of the cookie, if it is for this user and purpose.
    pub(super) fn find(pages: &Pages, owner: &Owner, purpose: &Purpose, headers: &HeaderMap) -> Option<Self> {
        let question: Self = pages.open_cookie(headers, &cookie_name(purpose))?;
        (question.owner == *owner && question.purpose == *purpose).then_some(question)
    }

    /// Returns a question without a challenge, for a recovery code.
    pub(super) fn without_challenge(case: &Case<'_>) -> Self {
        Self { owner: case.owner.clone(), purpose: case.purpose.clone(), challenge: None, number: None, recovery: None }
    }

    /// Challenges the user. If the user can answer by messages only and none can be sent now, returns a question for
    /// recovery codes.
    pub(super) async fn ask(pages: &Pages, case: &Case<'_>) -> Result<Open, Problem> {
        let (challenges, required) = (&pages.shared.challenges, next_requirement(pages, case).await?);
        let asked = with_room(pages, case, || challenges.ask(&case.owner, case.purpose.clone(), &required)).await;
        let asked = match asked {
            Err(Error::Invalid(Invalid::TooManyMessages { wait })) => {
                let (question, account) = (Self::without_challenge(case), challenges.account(&case.owner));
                return Ok(Open { question, challenge: None, account: account.status().await?, wait: Some(wait) });
            }
            asked => asked?,
        };
        let (created, account) = asked.ok_or(Problem::NoFactor)?;
        let question = Self {
            challenge: Some(created.challenge.id()),
            number: created.number.map(|number| number.expose().to_owned()),
            ..Self::without_challenge(case)
        };
        Ok(Open { question, challenge: Some(created.challenge), account, wait: None })
    }

    /// Reads the challenge and the account. Returns `None` if the challenge is gone.
    pub(super) async fn open(self, pages: &Pages) -> Result<Option<Open>, Error> {
        let challenge = match self.challenge {
            None => None,
            Some(id) => match pages.shared.challenges.get(id).await {
                Err(Error::NotFound) => return Ok(None),
                challenge => Some(challenge?),
            },
        };
        let account = pages.shared.challenges.account(&self.owner).status().await?;
        Ok(Some(Open { question: self, challenge, account, wait: None }))
    }

    /// Returns whether this browser has a question that a user can still answer.
    pub(crate) async fn is_open_for(
        pages: &Pages,
        owner: &Owner,
        purpose: &Purpose,
        headers: &HeaderMap,
    ) -> Result<bool, Error> {
        let found = Self::find(pages, owner, purpose, headers);
        let Some(Self { challenge: Some(id), .. }) = found else { return Ok(false) };
        match pages.shared.challenges.get(id).await {
            Err(Error::NotFound) => Ok(false),
            challenge => Ok(takes_answers(pages, &challenge?)),
        }
    }

    pub(super) fn cookie(&self, pages: &Pages) -> Result<(HeaderName, HeaderValue), Error> {
        pages.seal_cookie(&cookie_name(&self.purpose), self, AGE)
    }
}

/// Returns the requirement of the next challenge, without factors that would prove nothing beside the proven factors.
async fn next_requirement(pages: &Pages, case: &Case<'_>) -> Result<Requirement, Error> {
    let (required, is_proven) = (case.requirement(), |kind| case.proven.contains(&kind));
    if case.proven.is_empty() {
        return Ok(required);
    }
    let account = pages.shared.challenges.account(&case.owner).status().await?;
    let credentials = account.webauthn.iter().filter(|credential| credential.is_completed()).count();
    let proves_more = |kind: &ChallengeType| match kind {
        // All messages may reach one phone.
        ChallengeType::Sms | ChallengeType::WebPush => {
            !is_proven(ChallengeType::Sms) && !is_proven(ChallengeType::WebPush)
        }
        ChallengeType::Webauthn => !is_proven(ChallengeType::Webauthn) || credentials > 1,
        // None of these is a second factor.
        ChallengeType::Code | ChallengeType::RecoveryCode | ChallengeType::Email => false,
        kind => !is_proven(*kind),
    };
    Ok(required.any_of(ChallengeType::ALL.into_iter().filter(proves_more)))
}

/// Returns whether a challenge can still be passed.
pub(super) fn takes_answers(pages: &Pages, challenge: &Challenge) -> bool {
    let challenges = &pages.shared.challenges;
    let is_open = challenge.state_at(challenges.now()) == State::Issued;
    is_open && challenge.wrong_answers() < challenges.policy().guesses_per_challenge
}

/// Creates a challenge. If too many are open, first deletes some of the pages' oldest of this user. Otherwise an
/// attacker with the password or a session could use up the open challenges of the user.
pub(super) async fn with_room<T, F>(pages: &Pages, case: &Case<'_>, create: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    match create().await {
        Err(Error::Invalid(Invalid::TooMany { field: "open_challenges", max })) => {
            delete_oldest(pages, &case.owner, max.div_ceil(8)).await?;
            create().await
        }
        created => created,
    }
}

/// Deletes open challenges of the pages, each time the oldest of the purpose with the most. Whoever floods one purpose
/// so loses challenges of this purpose, and the newest stay, which somebody may be answering.
async fn delete_oldest(pages: &Pages, owner: &Owner, count: usize) -> Result<(), Error> {
    let mut open = open_by_purpose(pages, owner).await?;
    for _ in 0..count {
        let fullest = open.values_mut().max_by_key(|of_purpose| of_purpose.len());
        let Some(oldest) = fullest.and_then(VecDeque::pop_front) else { break };
        match pages.shared.challenges.delete(oldest).await {
            Ok(()) | Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Returns the open challenges for the purposes of the pages, oldest first. Looks at the challenges that the pages can
/// have created and that are still open, and at no more than [`MOST_READS`] times 500.
async fn open_by_purpose(pages: &Pages, owner: &Owner) -> Result<BTreeMap<Purpose, VecDeque<ChallengeId>>, Error> {
    let (challenges, login) = (&pages.shared.challenges, Pages::login_purpose()?);
    let (now, mut last, mut open) = (challenges.now(), None, BTreeMap::<_, VecDeque<_>>::new());
    for _ in 0..MOST_READS {
        let listed = match last {
            Some(_) => challenges.list(owner, last, AT_ONCE).await?,
            None => challenges.list_recent(owner, challenges.policy().default_timeout, AT_ONCE).await?,
        };
        for challenge in listed.iter().filter(|one| one.answered_at().is_none() && now < one.expires()) {
            let Some(purpose) = challenge.purpose() else { continue };
            if *purpose == login || pages.gate(purpose).is_some() {
                open.entry(purpose.clone()).or_default().push_back(challenge.id());
            }
        }
        last = listed.last().map(Challenge::id);
        if listed.len() < AT_ONCE {
            break;
        }
    }
    Ok(open)
}
