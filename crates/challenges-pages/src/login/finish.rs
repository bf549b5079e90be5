use challenges_core::step_up::Evidence;
use challenges_core::{Error, Owner, StepUp};
use challenges_http::{Response, is_prefetch};

use super::copied;
use crate::browser;
use crate::login_cookies::{Credentials, FRESH, FreshLogin, PENDING_AGE};
use crate::pages::Pages;
use crate::problem::Problem;
use crate::rendering::Visitor;

/// A login whose second factor was passed in this browser, at most a minute ago. The host makes the session. Each login
/// is handed out once.
///
/// The store uses up the passed challenge when the login is handed out, so the cookie of the login is worth nothing
/// afterwards. The browser deletes the cookie after a minute. An extractor cannot delete the cookie, because an extractor
/// does not see the response. [`Pages::sign_out`] deletes the cookie earlier.
///
/// The host verified the password up to 10 minutes earlier. Check the account again before making the session: in the
/// meantime, the account may have been disabled, or the password changed. [`Login::has_credentials`] compares the
/// password.
#[derive(Clone, Debug)]
#[must_use = "make the session of the user"]
pub struct Login {
    step_up: StepUp,
    credentials: Option<Credentials>,
    return_to: String,
}

impl Login {
    /// Returns the user to sign in.
    #[must_use]
    pub const fn owner(&self) -> &Owner {
        self.step_up.owner()
    }

    /// Returns the proven factors, for example for the session or an ID token ([`Evidence::amr`]).
    #[must_use]
    pub fn evidence(&self) -> &[Evidence] {
        self.step_up.evidence()
    }

    /// Returns whether the user still has the credentials stated when the login began, by
    /// [`SecondFactorCheck::credentials`](crate::SecondFactorCheck::credentials). Returns `false`, and logs an error, if
    /// none were stated. Make no session on `false`.
    ///
    /// A refused login may have made its browser a [trusted one](challenges_core::devices) already, because the user asks
    /// for that on the page of the factor. Call
    /// [`Devices::revoke_all`](challenges_core::devices::Devices::revoke_all) on `false`, as after a change of the
    /// password.
    #[must_use]
    pub fn has_credentials(&self, credentials: &[u8]) -> bool {
        if self.credentials.is_none() {
            tracing::error!(
                "the credentials are compared after a login that stated none; add SecondFactorCheck::credentials"
            );
        }
        self.credentials.as_ref() == Some(&Credentials::of(credentials))
    }

    /// Returns the path to show next: the path given to
    /// [`SecondFactorCheck::return_to`](crate::SecondFactorCheck::return_to), or `/`.
    #[must_use]
    pub fn return_to(&self) -> &str {
        &self.return_to
    }

    /// Returns the proof of the passed challenge, for the purpose `login`.
    pub const fn step_up(&self) -> &StepUp {
        &self.step_up
    }
}

impl Pages {
    /// Returns the passed login in the cookie, once. For the extractors of the adapters.
    ///
    /// # Errors
    ///
    /// The response to send in place of the handler:
    ///
    /// | status | reason |
    /// |---|---|
    /// | 400 | the request is a prefetch |
    /// | 401 | the login is missing, expired, used, or from another kind of browser |
    /// | 503 | the service fails |
    pub async fn finish_login<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Login, Response> {
        let headers = copied(headers);
        let taken = self.take_login(&headers).await;
        taken.map_err(|problem| Visitor::of(self, &headers).problem(self, problem))
    }

    async fn take_login(&self, headers: &http::HeaderMap) -> Result<Login, Problem> {
        if is_prefetch(headers) {
            return Err(Problem::Prefetch);
        }
        let fresh: FreshLogin = self.open_cookie(headers, FRESH).ok_or(Problem::LoginExpired)?;
        if fresh.browser != browser::fingerprint(headers) {
            return Err(Problem::LoginExpired);
        }
        let (purpose, token) = (Self::login_purpose()?, fresh.token.into());
        let used = self.shared.challenges.step_up().verify_once(&token, &fresh.owner, &purpose, PENDING_AGE).await;
        match used {
            Ok(step_up) => Ok(Login { step_up, credentials: fresh.credentials, return_to: fresh.return_to }),
            Err(Error::StepUp(_)) => Err(Problem::LoginExpired),
            Err(error) => Err(error.into()),
        }
    }
}
