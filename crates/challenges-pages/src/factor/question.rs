use std::time::Duration;

use challenges_core::account::{AccountStatus, Asked};
use challenges_core::{Capped, Challenge, ChallengeId, Error, Invalid, Owner, Purpose};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use super::case::Case;
use crate::pages::Pages;
use crate::problem::Problem;

/// The cookie of the challenge in this browser, so that showing the page again asks nothing anew.
pub(crate) const COOKIE: &str = "challenges_factor";
const AGE: Duration = Duration::from_secs(3_600);

/// The challenge that this browser answers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Question {
    owner: Owner,
    purpose: Purpose,
    pub(super) challenge: ChallengeId,
    /// The number of number matching.
    pub(super) number: Option<String>,
    /// The challenge for recovery codes, created with the first recovery code.
    pub(super) recovery: Option<ChallengeId>,
    /// `true` if an earlier factor was right, and the gate needs another.
    #[serde(default)]
    pub(super) is_second: bool,
}

/// A question with the present state.
pub(super) struct Open {
    pub(super) question: Question,
    pub(super) challenge: Challenge,
    pub(super) account: AccountStatus,
}

impl Question {
    /// Returns the question of the cookie, if it is for this case.
    pub(super) fn find(pages: &Pages, case: &Case<'_>, headers: &HeaderMap) -> Option<Self> {
        let question: Self = pages.open_cookie(headers, COOKIE)?;
        (question.owner == case.owner && question.purpose == case.purpose).then_some(question)
    }

    /// Challenges the user.
    pub(super) async fn ask(pages: &Pages, case: &Case<'_>) -> Result<Open, Problem> {
        let (challenges, required) = (&pages.shared.challenges, case.requirement());
        let asked = with_room(pages, case, || challenges.ask(&case.owner, case.purpose.clone(), &required)).await?;
        let Asked { created, account, .. } = asked.ok_or(Problem::NoFactor)?;
        let question = Self {
            owner: case.owner.clone(),
            purpose: case.purpose.clone(),
            challenge: created.challenge.id(),
            number: created.number.map(|number| number.expose().to_owned()),
            recovery: None,
            is_second: false,
        };
        Ok(Open { question, challenge: created.challenge, account })
    }

    /// Reads the challenge and the account. Returns `None` if the challenge is gone.
    pub(super) async fn open(self, pages: &Pages) -> Result<Option<Open>, Error> {
        let challenge = match pages.shared.challenges.get(self.challenge).await {
            Err(Error::NotFound) => return Ok(None),
            challenge => challenge?,
        };
        let account = pages.shared.challenges.account(&self.owner).status().await?;
        Ok(Some(Open { question: self, challenge, account }))
    }

    pub(super) fn cookie(&self, pages: &Pages) -> Result<(HeaderName, HeaderValue), Error> {
        pages.seal_cookie(COOKIE, self, AGE)
    }
}

/// Creates a challenge. If too many are open, deletes the oldest of this user and purpose first: an attacker with the
/// password could otherwise open so many that none is left for the user.
pub(super) async fn with_room<T, F>(pages: &Pages, case: &Case<'_>, create: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    match create().await {
        Err(Error::Invalid(Invalid::TooMany { what: Capped::OpenChallenges, max })) => {
            // Few enough that the newest, which somebody may be answering, stay.
            delete_oldest(pages, case, max.div_ceil(8)).await?;
            create().await
        }
        created => created,
    }
}

async fn delete_oldest(pages: &Pages, case: &Case<'_>, count: usize) -> Result<(), Error> {
    const MOST: usize = 500;
    let challenges = &pages.shared.challenges;
    let (now, mut after, mut left) = (challenges.now(), None, count);
    loop {
        let listed = challenges.list(&case.owner, after, MOST).await?;
        let takes_place = |challenge: &&Challenge| challenge.answered_at().is_none() && now < challenge.expires();
        let open = listed.iter().filter(takes_place).filter(|open| open.purpose() == Some(&case.purpose));
        for challenge in open.take(left) {
            match challenges.delete(challenge.id()).await {
                Ok(()) | Err(Error::NotFound) => left -= 1,
                Err(error) => return Err(error),
            }
        }
        after = listed.last().map(Challenge::id);
        if left == 0 || listed.len() < MOST {
            return Ok(());
        }
    }
}
