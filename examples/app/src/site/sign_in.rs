//! Sign-in without a password, and the session cookie.

use std::time::Duration;

use challenges_core::{Grant, Owner, Passed, Purpose, Secret};
use http::HeaderMap;
use http::header::COOKIE;
use serde::Deserialize;

use super::Site;
use super::reply::Reply;
use crate::problem::Problem;
use crate::session::LIFE;

/// The name of the session cookie.
const COOKIE_NAME: &str = "challenges_demo";
/// The name of the cookie with a step-up token.
const STEP_UP_NAME: &str = "challenges_demo_step_up";

#[derive(Deserialize)]
pub(super) struct SignIn {
    user_name: String,
}

impl Site {
    pub(super) fn sign_in(&self, request: SignIn) -> Result<Reply, Problem> {
        let user = Owner::user(request.user_name.trim()).map_err(|_| Problem::UserName)?;
        let value = self.sessions.issue(&user, self.challenges.now());
        Ok(Reply::done("Signed in.").with_cookie(self.cookie(COOKIE_NAME, &value, LIFE)))
    }

    pub(super) fn sign_out(&self) -> Reply {
        let ended = |name| self.cookie(name, "", Duration::ZERO);
        Reply::done("Signed out.").with_cookie(ended(COOKIE_NAME)).with_cookie(ended(STEP_UP_NAME))
    }

    /// Returns the signed-in user.
    pub(super) fn user(&self, headers: &HeaderMap) -> Option<Owner> {
        self.sessions.open(cookie(headers, COOKIE_NAME)?, self.challenges.now())
    }

    /// Returns the grant for changes of the user's factors: by a recent step-up, or for the first factor.
    pub(super) fn grant(&self, user: &Owner, headers: &HeaderMap) -> Grant {
        let token = cookie(headers, STEP_UP_NAME).map(Secret::from);
        let max_age = self.challenges.policy().grant_age;
        let verify = |token| self.challenges.step_up().verify(&token, user, &Purpose::manage_factors(), max_age).ok();
        token.and_then(verify).map_or_else(Grant::first_factor, |step_up| Grant::step_up(&step_up))
    }

    /// Returns the cookie with the step-up token of a passed challenge.
    pub(super) fn step_up_cookie(&self, passed: &Passed) -> Result<String, Problem> {
        let token = self.challenges.step_up().grant(passed)?;
        Ok(self.cookie(STEP_UP_NAME, token.expose(), self.challenges.policy().grant_age))
    }

    fn cookie(&self, name: &str, value: &str, life: Duration) -> String {
        let secure = if self.public_url.is_https() { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}", life.as_secs())
    }
}

/// Returns the value of a cookie.
fn cookie<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut pairs = cookies.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value)
}
