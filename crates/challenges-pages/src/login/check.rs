use std::fmt;
use std::pin::Pin;

use challenges_core::account::AccountStatus;
use challenges_core::step_up::Evidence;
use challenges_core::{Error, Owner, Secret};
use challenges_http::Response;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::copied;
use crate::browser;
use crate::factor::{self, Question};
use crate::login_cookies::{Credentials, DEVICE, PENDING, PENDING_AGE, PendingLogin};
use crate::pages::Pages;
use crate::rendering::see_other;
use crate::return_to;
use crate::same_origin::report_other_origin;

/// The second factor of a login.
#[derive(Debug)]
#[must_use = "a user is signed in only after the second factor"]
#[expect(clippy::exhaustive_enums, reason = "hosts decide on each case")]
pub enum SecondFactor {
    /// The user has no factor: sign the user in. A host that requires a factor checks [`AccountStatus::enrollment_due`]
    /// first.
    NotEnrolled(Box<AccountStatus>),
    /// The user trusted this browser earlier: sign the user in, and add the header to the response. Without the header,
    /// the browser keeps the replaced secret and loses the trust.
    Trusted(Evidence, (HeaderName, HeaderValue)),
    /// The user has to pass a challenge: send this redirect, and make no session. After the challenge, the browser is
    /// redirected to the path of [`PagesBuilder::after_login`](crate::PagesBuilder::after_login).
    Required(Response),
}

/// A check of the second factor of a login, which runs on `.await`. See [`Pages::second_factor`].
#[must_use = "the check runs when awaited"]
pub struct SecondFactorCheck<'a> {
    pages: &'a Pages,
    owner: &'a Owner,
    headers: HeaderMap,
    has_factor: Option<bool>,
    has_password: bool,
    credentials: Option<Credentials>,
    return_to: String,
}

/// The error of [`Pages::second_factor`]. No error lets a user in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The store has no factor of the user, although the host's own table has one. See [`SecondFactorCheck::has_mfa`].
    #[error(
        "the application says that the user has a second factor, and the store has none: the store is another one, has lost records, or the factor was removed without telling the application; let support verify the user, and correct the application's table"
    )]
    FactorsMissing,
    /// The user has to pass a challenge: send this redirect, and make no session. Only
    /// [`SecondFactorCheck::or_redirect`] returns this error.
    #[error("the user has to pass a second factor first")]
    Required(Box<Response>),
    /// The service failed.
    #[error(transparent)]
    Core(#[from] Error),
}

impl From<LoginError> for challenges_http::Error {
    /// Returns an error with the status 500 for [`LoginError::FactorsMissing`], and logs the reason. The response of
    /// [`LoginError::Required`] is the redirect.
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Core(error) => error.into(),
            LoginError::Required(redirect) => Self::redirect(redirect),
            LoginError::FactorsMissing => {
                tracing::error!(%error, "a login was refused");
                Error::Forgetful.into()
            }
        }
    }
}

impl Pages {
    /// Decides whether a login needs a second factor, after the host has verified the password of `owner`. Await the
    /// result.
    ///
    /// `headers` are the request headers of the login, from axum or actix-web.
    ///
    /// A sealed cookie holds the pending login for 10 minutes, so the host needs no session yet. The cookie is valid on
    /// the factor page only, and is refused from a browser with another `User-Agent`.
    ///
    /// # Errors
    ///
    /// - [`LoginError::FactorsMissing`] if the store lacks the factor that [`has_mfa`](SecondFactorCheck::has_mfa)
    ///   states.
    /// - [`LoginError::Core`] if the service fails.
    pub fn second_factor<'a, N: AsRef<str>, V: AsRef<[u8]>>(
        &'a self,
        owner: &'a Owner,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> SecondFactorCheck<'a> {
        let (headers, return_to) = (copied(headers), "/".to_owned());
        SecondFactorCheck {
            pages: self,
            owner,
            headers,
            has_factor: None,
            has_password: false,
            credentials: None,
            return_to,
        }
    }
}

impl SecondFactorCheck<'_> {
    /// States whether the host's own table has a factor of the user.
    ///
    /// If the table has a factor and the store has none, the check fails with [`LoginError::FactorsMissing`]. If only
    /// the store has a factor, the factor is required.
    pub fn has_mfa(self, has_mfa: bool) -> Self {
        Self { has_factor: Some(has_mfa), ..self }
    }

    /// States that the host verified a password just now. The password is then part of the login's evidence.
    pub fn after_password(self) -> Self {
        Self { has_password: true, ..self }
    }

    /// States the current credentials of the user, such as the stored hash of the password or a counter of its changes.
    /// With axum-login, state `AuthUser::session_auth_hash`.
    ///
    /// The pending login keeps a SHA-256 hash. Compare the credentials again with
    /// [`Login::has_credentials`](crate::Login::has_credentials) before making the session. Otherwise, a thief with an
    /// old password and a factor can finish a login up to 10 minutes after the user changed the password.
    pub fn credentials(self, credentials: impl AsRef<[u8]>) -> Self {
        Self { credentials: Some(Credentials::of(credentials.as_ref())), ..self }
    }

    /// Sets the path to show after the login, for [`Login::return_to`](crate::Login::return_to). The path may come from
    /// the request: anything but a path of the application becomes `/`.
    pub fn return_to(self, path: &str) -> Self {
        Self { return_to: return_to::checked(Some(path)).to_owned(), ..self }
    }

    /// Runs the check, for handlers that return the `Error` of the adapter: `?` sends the redirect. If the user can be
    /// signed in, returns the header of [`SecondFactor::Trusted`], which belongs in the response.
    ///
    /// # Errors
    ///
    /// [`LoginError::Required`] if the user has to pass a challenge, and the errors of [`Pages::second_factor`].
    pub async fn or_redirect(self) -> Result<Option<(HeaderName, HeaderValue)>, LoginError> {
        match self.await? {
            SecondFactor::NotEnrolled(_) => Ok(None),
            SecondFactor::Trusted(_, cookie) => Ok(Some(cookie)),
            SecondFactor::Required(redirect) => Err(LoginError::Required(Box::new(redirect))),
        }
    }

    async fn run(self) -> Result<SecondFactor, LoginError> {
        let Self { pages, owner, headers, has_factor, has_password, credentials, return_to } = self;
        let challenges = &pages.shared.challenges;
        report_other_origin(&headers, pages.shared.origin.as_str());
        let account = challenges.account(owner).status().await?;
        if !account.has_factor() {
            return match has_factor {
                Some(true) => Err(LoginError::FactorsMissing),
                Some(false) | None => Ok(SecondFactor::NotEnrolled(Box::new(account))),
            };
        }
        let purpose = Pages::login_purpose().map_err(Error::from)?;
        if let Some(secret) = pages.cookie(&headers, DEVICE) {
            let checked = challenges.devices().check(owner, &Secret::from(secret), &purpose).await?;
            if let Some((device, next)) = checked {
                return Ok(SecondFactor::Trusted(device.evidence(), pages.device_cookie(&next)));
            }
        }
        let password = has_password.then(|| challenges.now());
        let browser = browser::fingerprint(&headers);
        let pending = PendingLogin { owner: owner.clone(), password, credentials, return_to, browser };
        let is_asked = Question::is_open_for(pages, owner, &purpose, &headers).await?;
        let mut redirect = see_other(&pages.factor_path());
        let (name, value) = pages.seal_cookie(PENDING, &pending, PENDING_AGE)?;
        redirect.headers_mut().append(name, value);
        // A login sent twice continues with the challenge of the first: its messages are on their way.
        if !is_asked {
            let (name, value) = pages.clear_cookie(&factor::cookie_name(&purpose));
            redirect.headers_mut().append(name, value);
        }
        Ok(SecondFactor::Required(redirect))
    }
}

impl<'a> IntoFuture for SecondFactorCheck<'a> {
    type Output = Result<SecondFactor, LoginError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for SecondFactorCheck<'_> {
    /// Leaves out the headers, which hold cookies.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecondFactorCheck")
            .field("owner", &self.owner)
            .field("has_mfa", &self.has_factor)
            .field("return_to", &self.return_to)
            .finish_non_exhaustive()
    }
}
