//! "This route needs a challenge passed lately", for any framework.

mod cookie;

use std::sync::Arc;
use std::time::Duration;

use challenges_core::{Challenges, Error, Owner, Passed, Purpose, StepUp, StepUpRefusal, StepUpRefused, StepUpToken};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderName, HeaderValue};

use crate::fault::Fault;
use crate::response::{self, Response};

pub use cookie::{InvalidCookieName, StepUpCookie};

/// What stands before a sensitive route: it lets the signed-in user through who passed a challenge for a purpose a short
/// while ago. Cheap to clone.
///
/// The adapters make a layer or middleware of it. The handler that takes the user's answer calls [`StepUpGate::grant`] on
/// the same gate, so that both agree on purpose, time and cookie.
///
/// # What it rests on
///
/// - The user comes from the host's session. The token alone signs nobody in, and opens nothing for anybody else.
/// - A token is good until it is too old, also after signing out and in again, and also where it is copied to. So keep
///   `max_age` to minutes, and let gates before what must not happen twice take each token [once](StepUpGate::once).
/// - A browser keeps one token a cookie: where a user may have passed for several purposes at the same time, name a cookie
///   for each.
#[derive(Clone, Debug)]
pub struct StepUpGate {
    challenges: Challenges,
    terms: Arc<Terms>,
}

#[derive(Clone, Debug)]
struct Terms {
    purpose: Purpose,
    max_age: Duration,
    carrier: Carrier,
    once: bool,
}

#[derive(Clone, Debug)]
enum Carrier {
    Cookie(StepUpCookie),
    Header(HeaderName),
}

impl StepUpGate {
    /// A gate for users who passed a challenge for that purpose at most `max_age` ago, shown by the default cookie. It takes
    /// whole seconds, at most [`StepUpToken::LONGEST_AGE`].
    #[must_use]
    pub fn new(challenges: Challenges, purpose: Purpose, max_age: Duration) -> Self {
        let max_age = Duration::from_secs(max_age.min(StepUpToken::LONGEST_AGE).as_secs());
        let carrier = Carrier::Cookie(StepUpCookie::default());
        Self { challenges, terms: Arc::new(Terms { purpose, max_age, carrier, once: false }) }
    }

    /// The same, with the token in another cookie.
    #[must_use]
    pub fn with_cookie(self, cookie: StepUpCookie) -> Self {
        self.with(|terms| terms.carrier = Carrier::Cookie(cookie))
    }

    /// The same, with the token in a header of its own, and in no cookie: for clients that are no browsers.
    #[must_use]
    pub fn with_header(self, name: HeaderName) -> Self {
        self.with(|terms| terms.carrier = Carrier::Header(name))
    }

    /// The same, and each passed challenge lets one request through, by a write to the store before the handler runs. A
    /// handler that fails has used it up.
    #[must_use]
    pub fn once(self) -> Self {
        self.with(|terms| terms.once = true)
    }

    /// What the challenge has to be created for: `ChallengeSpec::with_purpose`.
    #[must_use]
    pub fn purpose(&self) -> &Purpose {
        &self.terms.purpose
    }

    /// How long after passing the gate is open.
    #[must_use]
    pub fn max_age(&self) -> Duration {
        self.terms.max_age
    }

    /// The header of the response that hands the user's client the token: `Set-Cookie`, or the header of its own. Send it
    /// in the answer to the very request that passed the challenge.
    ///
    /// # Errors
    ///
    /// As of [`Challenges::step_up`]; [`Error::StepUp`] when the challenge was passed for something else.
    pub fn grant(&self, passed: &Passed) -> Result<(HeaderName, HeaderValue), Error> {
        if passed.challenge().purpose().is_some_and(|purpose| *purpose != self.terms.purpose) {
            return Err(StepUpRefused::from(StepUpRefusal::OtherPurpose).into());
        }
        let token = self.challenges.step_up(passed)?;
        Ok(match &self.terms.carrier {
            Carrier::Cookie(cookie) => (SET_COOKIE, cookie.set(&token, self.terms.max_age)),
            Carrier::Header(name) => (name.clone(), cookie::secret_value(token.expose())),
        })
    }

    /// The header of the response that takes the token out of the user's browser, such as when signing out. Nothing, where
    /// it travels in a header of its own.
    #[must_use]
    pub fn forget(&self) -> Option<(HeaderName, HeaderValue)> {
        match &self.terms.carrier {
            Carrier::Cookie(cookie) => Some((SET_COOKIE, cookie.clear())),
            Carrier::Header(_) => None,
        }
    }

    /// The header of the request that brings the token along. For adapters.
    #[must_use]
    pub fn carrier(&self) -> &HeaderName {
        match &self.terms.carrier {
            Carrier::Cookie(_) => &COOKIE,
            Carrier::Header(name) => name,
        }
    }

    /// Whether a request gets through: `user` is who is signed in, `carried` are all values of the header
    /// [`StepUpGate::carrier`], as they came in. For adapters.
    ///
    /// # Errors
    ///
    /// What to answer instead of the route: 401, for a user with the hint of RFC 9470 section 3 that says how long ago a
    /// challenge may have been passed, and for nobody without. It is the same whatever is wrong with the token, also when
    /// there is none. 503 and 500 when it could not be decided.
    ///
    /// # Cancellation
    ///
    /// Where a token is good [once](StepUpGate::once), dropping the future may leave it used up or not.
    pub async fn admit<'a>(
        &self,
        user: Option<&Owner>,
        carried: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<StepUp, Response> {
        let verified = match (user, self.token(carried)) {
            (None, _) => Err(Fault::SignedOut),
            (_, None) => Err(self.needed()),
            (Some(user), Some(token)) => self.verify(&token, user).await,
        };
        verified.map_err(|fault| response::refusal(&fault))
    }

    /// What an extractor answers on a route that no gate stands before: 500, and why in the log.
    #[must_use]
    pub fn missing() -> Response {
        tracing::error!("a handler takes a StepUp, but no step-up gate stands before its route; nobody gets through");
        response::refusal(&Fault::Broken)
    }

    async fn verify(&self, token: &StepUpToken, user: &Owner) -> Result<StepUp, Fault> {
        let Terms { purpose, max_age, once, .. } = &*self.terms;
        let verified = match once {
            true => self.challenges.verify_step_up_once(token, user, purpose, *max_age).await,
            false => self.challenges.verify_step_up(token, user, purpose, *max_age).map_err(Error::from),
        };
        verified.map_err(|error| self.fault(error))
    }

    fn fault(&self, error: Error) -> Fault {
        match error {
            Error::StepUp(_) => self.needed(),
            error => Fault::Core(error),
        }
    }

    fn needed(&self) -> Fault {
        Fault::StepUpNeeded { max_age: self.terms.max_age.as_secs() }
    }

    /// The one token that was brought along: several say nothing.
    fn token<'a>(&self, carried: impl IntoIterator<Item = &'a [u8]>) -> Option<StepUpToken> {
        let carried = carried.into_iter();
        match &self.terms.carrier {
            Carrier::Cookie(cookie) => only(carried.flat_map(|value| cookie.find(value))),
            Carrier::Header(_) => only(carried),
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Terms)) -> Self {
        change(Arc::make_mut(&mut self.terms));
        self
    }
}

fn only<'a>(mut values: impl Iterator<Item = &'a [u8]>) -> Option<StepUpToken> {
    let (value, None) = (values.next()?, values.next()) else { return None };
    std::str::from_utf8(value).ok().map(StepUpToken::from)
}

#[cfg(test)]
mod tests;
