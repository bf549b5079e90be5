//! The cookies of a login, which the second-factor page and the application's handlers share.

use std::time::Duration;

use challenges_core::{Error, Invalid, Owner, Passed, Purpose, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::browser;
use crate::pages::Pages;

/// The purpose of the second factor of a login.
pub(crate) const PURPOSE: &str = "login";

/// The cookie of a login that waits for the second factor.
pub(crate) const PENDING: &str = "challenges_login";
pub(crate) const PENDING_AGE: Duration = Duration::from_secs(600);

/// The cookie of a passed second factor, on the way to the session.
pub(crate) const FRESH: &str = "challenges_fresh";
const FRESH_AGE: Duration = Duration::from_secs(60);

/// The cookie of a trusted device.
pub(crate) const DEVICE: &str = "challenges_device";

/// A login that waits for the second factor.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PendingLogin {
    pub(crate) owner: Owner,
    /// When the host verified the password, if it did.
    pub(crate) password: Option<Timestamp>,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) return_to: String,
    /// See [`browser::fingerprint`].
    pub(crate) browser: String,
}

/// A passed second factor.
#[derive(Serialize, Deserialize)]
pub(crate) struct FreshLogin {
    pub(crate) owner: Owner,
    pub(crate) token: String,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) return_to: String,
    pub(crate) browser: String,
}

/// A hash of the credentials of a user, kept in sealed cookies only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Credentials(String);

impl Credentials {
    pub(crate) fn of(credentials: &[u8]) -> Self {
        Self(Sha256::digest(credentials).iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl Pages {
    /// Returns the purpose of the second factor of a login: `login`.
    ///
    /// | to | add the purpose to |
    /// |---|---|
    /// | let users trust a browser | [`Policy::trusted_purposes`](challenges_core::Policy::trusted_purposes) |
    /// | open a gate by a second factor at login | [`StepUpGate::also_accepts`](challenges_http::StepUpGate::also_accepts) |
    ///
    /// # Errors
    ///
    /// Never, because the name is valid.
    pub fn login_purpose() -> Result<Purpose, Invalid> {
        Purpose::new(PURPOSE)
    }

    /// Returns whether the policy lets users trust a browser.
    pub(crate) fn trusts_browsers(&self) -> bool {
        self.shared.challenges.policy().trusted_purposes.iter().any(|purpose| purpose.as_str() == PURPOSE)
    }

    /// Returns the login that waits in this browser.
    pub(crate) fn pending_login(&self, headers: &HeaderMap) -> Option<PendingLogin> {
        let pending: PendingLogin = self.open_cookie(headers, PENDING)?;
        (pending.browser == browser::fingerprint(headers)).then_some(pending)
    }

    /// Returns the headers that hand a passed second factor to the application.
    pub(crate) fn fresh_login(
        &self,
        passed: &Passed,
        credentials: Option<&Credentials>,
        return_to: &str,
        headers: &HeaderMap,
    ) -> Result<Vec<(HeaderName, HeaderValue)>, Error> {
        let fresh = FreshLogin {
            owner: passed.owner().clone(),
            token: self.shared.challenges.step_up().grant(passed)?.expose().to_owned(),
            credentials: credentials.cloned(),
            return_to: return_to.to_owned(),
            browser: browser::fingerprint(headers),
        };
        Ok(vec![self.seal_cookie(FRESH, &fresh, FRESH_AGE)?, self.clear_cookie(PENDING)])
    }

    /// Returns the header that stores the secret of a trusted device.
    pub(crate) fn device_cookie(&self, secret: &challenges_core::Secret) -> (HeaderName, HeaderValue) {
        self.set_cookie(DEVICE, secret.expose(), self.shared.challenges.policy().trusted_device_age)
    }
}
