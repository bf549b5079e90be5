//! Sign-in without a password, and the session cookie.

use challenges_core::Owner;
use http::HeaderMap;
use http::header::COOKIE;
use serde::Deserialize;

use super::Site;
use super::reply::Reply;
use crate::problem::Problem;
use crate::session::LIFE;

/// The name of the session cookie.
const COOKIE_NAME: &str = "challenges_demo";

#[derive(Deserialize)]
pub(super) struct SignIn {
    user_name: String,
}

impl Site {
    pub(super) fn sign_in(&self, request: SignIn) -> Result<Reply, Problem> {
        let user = Owner::user(request.user_name.trim()).map_err(|_| Problem::UserName)?;
        let value = self.sessions.issue(&user, self.challenges.now());
        Ok(Reply::done("Signed in.").with_cookie(&self.cookie(&value, LIFE.as_secs())))
    }

    pub(super) fn sign_out(&self) -> Reply {
        Reply::done("Signed out.").with_cookie(&self.cookie("", 0))
    }

    /// Returns the signed-in user.
    pub(super) fn user(&self, headers: &HeaderMap) -> Option<Owner> {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
        let mut pairs = cookies.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = pairs.find(|(name, _)| *name == COOKIE_NAME)?;
        self.sessions.open(value, self.challenges.now())
    }

    fn cookie(&self, value: &str, seconds: u64) -> String {
        let secure = if self.public_url.is_https() { "; Secure" } else { "" };
        format!("{COOKIE_NAME}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }
}
