use std::time::Duration;

use challenges_core::account::{AccountStatus, Asked};
use challenges_core::{Challenge, ChallengeId, Error, Owner, Purpose};
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
        let asked = pages.shared.challenges.ask(&case.owner, case.purpose.clone(), &case.requirement()).await?;
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
