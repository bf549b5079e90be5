//! Step-up authentication for a route, in any framework.

mod cookie;
mod fallback;
mod grant_error;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use challenges_core::step_up::{Requirement, StepUps};
use challenges_core::{Challenges, Error, Owner, Passed, Purpose, Secret, StepUp};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::fault::Fault;
use crate::prefetch::is_prefetch;
use crate::response::{self, Response};

pub use cookie::{InvalidCookieName, StepUpCookie};
pub use fallback::{InvalidStepUpPath, StepUpFallback};
pub use grant_error::GrantError;

/// Step-up authentication for a route: admits a signed-in user who recently passed a challenge for a purpose. Cheap to
/// clone.
///
/// The adapters wrap a gate in a layer or middleware. The handler of the user's answer calls [`StepUpGate::grant`] on
/// the same gate, so that both use the same purpose, age and cookie.
///
/// # Security
///
/// - The user comes from the host's session. A token signs nobody in, and is refused for any other user.
/// - A token stays valid until `max_age` is over, even after the user signs out, and also for a thief who copied it.
///   Keep `max_age` to minutes. If an operation must not happen twice, admit each token only [once](StepUpGate::once).
/// - A cookie holds one token. By default, each purpose has its own cookie.
#[derive(Clone, Debug)]
pub struct StepUpGate {
    challenges: Challenges,
    terms: Arc<Terms>,
}

#[derive(Clone, Debug)]
struct Terms {
    purpose: Purpose,
    /// The further purposes whose tokens open the gate.
    also: Vec<Purpose>,
    required: Requirement,
    carrier: Carrier,
    once: bool,
}

#[derive(Clone, Debug)]
enum Carrier {
    Cookie(StepUpCookie),
    Header(HeaderName),
}

impl StepUpGate {
    /// Creates a gate for users who passed a challenge for `purpose` at most `max_age` ago, by any factor. The token is
    /// in the [cookie of the purpose](StepUpCookie::of), which needs TLS.
    ///
    /// `max_age` is rounded down to whole seconds and capped at [`StepUps::LONGEST_AGE`].
    #[must_use]
    pub fn new(challenges: Challenges, purpose: Purpose, max_age: Duration) -> Self {
        let carrier = Carrier::Cookie(StepUpCookie::of(&purpose));
        let required = in_whole_seconds(max_age.into());
        Self { challenges, terms: Arc::new(Terms { purpose, also: Vec::new(), required, carrier, once: false }) }
    }

    /// Also requires this evidence. Of several requirements and ages, the strictest counts.
    ///
    /// Two factors can be proven one challenge at a time. Put the gate without the requirement, as an optional layer,
    /// on the route that takes the answers. In its handler, add the earlier step-up to the new pass with
    /// `Passed::after`.
    #[must_use]
    pub fn requiring(self, requirement: Requirement) -> Self {
        self.with(|terms| terms.required = in_whole_seconds(requirement.and(terms.required.clone())))
    }

    /// Also admits users who passed a challenge for another purpose, such as the second factor of a login. The age,
    /// requirement and [`once`](Self::once) of the gate apply to these challenges too.
    #[must_use]
    pub fn also_accepts(self, purpose: Purpose) -> Self {
        self.with(|terms| terms.also.push(purpose))
    }

    /// Sets the cookie of the token.
    #[must_use]
    pub fn with_cookie(self, cookie: StepUpCookie) -> Self {
        self.with(|terms| terms.carrier = Carrier::Cookie(cookie))
    }

    /// Removes `Secure` and the `__Host-` prefix from the cookie, for development without TLS. Without this call, Safari
    /// drops the cookie at `http://localhost`, and every browser drops the cookie at other http origins.
    ///
    /// # Security
    ///
    /// See [`StepUpCookie::danger_without_tls`].
    #[must_use]
    pub fn danger_without_tls(self) -> Self {
        self.with(|terms| {
            if let Carrier::Cookie(cookie) = &terms.carrier {
                terms.carrier = Carrier::Cookie(cookie.clone().danger_without_tls());
            }
        })
    }

    /// Sets a header for the token in place of the cookie, for clients other than browsers.
    #[must_use]
    pub fn with_header(self, name: HeaderName) -> Self {
        self.with(|terms| terms.carrier = Carrier::Header(name))
    }

    /// Admits one request for each passed challenge. The token is marked as used in the store before the handler runs,
    /// so a failed handler uses the token up as well.
    ///
    /// With a [requirement](Self::requiring) of two factors, each request takes two new passes on the pages of
    /// `challenges-pages`. A host that adds evidence with `Passed::after` verifies the earlier token with
    /// [`StepUps::verify_once`]. Otherwise a used token adds its evidence again.
    #[must_use]
    pub fn once(self) -> Self {
        self.with(|terms| terms.once = true)
    }

    /// Returns the purpose. Create the challenge with this purpose (`ChallengeSpec::with_purpose`).
    #[must_use]
    pub fn purpose(&self) -> &Purpose {
        &self.terms.purpose
    }

    /// Returns whether a challenge for the purpose opens the gate.
    #[must_use]
    pub fn accepts(&self, purpose: &Purpose) -> bool {
        self.purposes().any(|accepted| accepted == purpose)
    }

    /// Returns whether each passed challenge opens the gate once, and the further purposes that open the gate. For
    /// adapters.
    #[doc(hidden)]
    #[must_use]
    pub fn once_and_also(&self) -> (bool, &[Purpose]) {
        (self.terms.once, &self.terms.also)
    }

    /// Returns the required evidence, with the age. For adapters.
    #[doc(hidden)]
    #[must_use]
    pub fn requirement(&self) -> &Requirement {
        &self.terms.required
    }

    /// Returns how long a passed challenge opens the gate.
    #[must_use]
    pub fn max_age(&self) -> Duration {
        self.terms.required.max_age().unwrap_or(StepUps::LONGEST_AGE)
    }

    /// Returns the response header with the token: `Set-Cookie`, or the header of [`StepUpGate::with_header`]. Add the
    /// header to the response to the request that passed the challenge.
    ///
    /// # Errors
    ///
    /// - [`GrantError::OtherPurpose`] if the gate does not [accept](StepUpGate::accepts) the purpose of the challenge.
    /// - [`GrantError::Core`] if the challenge has no purpose, or the random number generator fails.
    pub fn grant(&self, passed: &Passed) -> Result<(HeaderName, HeaderValue), GrantError> {
        if let Some(purpose) = passed.challenge().purpose().filter(|purpose| !self.accepts(purpose)) {
            return Err(GrantError::OtherPurpose { passed: purpose.clone(), gate: self.terms.purpose.clone() });
        }
        let token = self.challenges.step_up().grant(passed)?;
        Ok(match &self.terms.carrier {
            Carrier::Cookie(cookie) => (SET_COOKIE, cookie.set(&token, self.max_age())),
            Carrier::Header(name) => (name.clone(), cookie::secret_value(token.expose())),
        })
    }

    /// Returns the response header that deletes the cookie from the user's browser, for example on sign-out. Returns
    /// `None` for a token in a header.
    #[must_use]
    pub fn forget(&self) -> Option<(HeaderName, HeaderValue)> {
        match &self.terms.carrier {
            Carrier::Cookie(cookie) => Some((SET_COOKIE, cookie.clear())),
            Carrier::Header(_) => None,
        }
    }

    /// Returns whether the token is in a cookie that browsers send over TLS only.
    #[must_use]
    pub fn needs_tls(&self) -> bool {
        matches!(&self.terms.carrier, Carrier::Cookie(cookie) if cookie.needs_tls())
    }

    /// Returns the name of the request header with the token. For adapters.
    #[must_use]
    pub fn carrier(&self) -> &HeaderName {
        match &self.terms.carrier {
            Carrier::Cookie(_) => &COOKIE,
            Carrier::Header(name) => name,
        }
    }

    /// Admits or refuses a request. For adapters.
    ///
    /// `user` is the signed-in user. `carried` has all values of the request header [`StepUpGate::carrier`], unchanged.
    ///
    /// # Errors
    ///
    /// Returns the response to send in place of the route:
    ///
    /// - 401 with `max_age`, and for some requirements `acr_values`, in `WWW-Authenticate` (RFC 9470 section 3) if the
    ///   user needs to step up. The response is the same for a missing token, for every kind of invalid token, and for
    ///   a token without the required evidence.
    /// - 401 without that hint if nobody is signed in.
    /// - 503 or 500 if the store fails.
    ///
    /// # Cancellation
    ///
    /// If the future of a gate that admits [once](StepUpGate::once) is dropped, the token may or may not be used up.
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

    /// Refuses a prefetch at a gate that admits [once](StepUpGate::once), so that a token is not used up before the
    /// user clicks. Adapters call this method before [`StepUpGate::admit`].
    ///
    /// Returns the response to send in place of the route: 400, if a `Sec-Purpose`, `Purpose`, `X-Purpose` or `X-Moz`
    /// header says that the request is a prefetch. Returns `None` for all other requests.
    #[must_use]
    pub fn refuse_prefetch(&self, headers: &HeaderMap) -> Option<Response> {
        (self.terms.once && is_prefetch(headers)).then(|| response::refusal(&Fault::Prefetch))
    }

    /// Returns the response of an extractor on a route without a gate: 500. The reason is logged.
    #[must_use]
    pub fn missing() -> Response {
        tracing::error!(
            "a handler extracts StepUp, but its route has no step-up gate; add the gate as a layer or middleware"
        );
        response::refusal(&Fault::Broken)
    }

    /// Returns the step-up of a user that a request carries, for the gate's own purpose and within the age. Further
    /// requirements are not compared, and the token is not used up. For adapters.
    #[doc(hidden)]
    #[must_use]
    pub fn carried(&self, user: &Owner, headers: &HeaderMap) -> Option<StepUp> {
        let token = self.token(headers.get_all(self.carrier()).iter().map(HeaderValue::as_bytes))?;
        self.challenges.step_up().verify(&token, user, &self.terms.purpose, self.max_age()).ok()
    }

    /// Returns the step-up of [`carried`](Self::carried), to add its evidence to another pass. A gate that admits
    /// [once](Self::once) takes no used token, and uses the token up, so that a copy adds nothing to a further pass. For
    /// adapters.
    #[doc(hidden)]
    pub async fn lend(&self, user: &Owner, headers: &HeaderMap) -> Result<Option<StepUp>, Error> {
        if !self.terms.once {
            return Ok(self.carried(user, headers));
        }
        let carried = headers.get_all(self.carrier()).iter().map(HeaderValue::as_bytes);
        let Some(token) = self.token(carried) else { return Ok(None) };
        let taken = self.challenges.step_up().verify_once(&token, user, &self.terms.purpose, self.max_age()).await;
        match taken {
            Ok(step_up) => Ok(Some(step_up)),
            Err(Error::StepUp(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn verify(&self, token: &Secret, user: &Owner) -> Result<StepUp, Fault> {
        let calls = self.challenges.step_up();
        let claimed = calls.purpose_of(token).filter(|claimed| self.accepts(claimed));
        let (purpose, required) = (claimed.as_ref().unwrap_or(&self.terms.purpose), self.terms.required.clone());
        let verified = match self.terms.once {
            true => calls.verify_once(token, user, purpose, required).await,
            false => calls.verify(token, user, purpose, required).map_err(Error::from),
        };
        verified.map_err(|error| self.fault(error))
    }

    fn purposes(&self) -> impl Iterator<Item = &Purpose> {
        std::iter::once(&self.terms.purpose).chain(&self.terms.also)
    }

    fn fault(&self, error: Error) -> Fault {
        match error {
            Error::StepUp(_) => self.needed(),
            error => Fault::Core(error),
        }
    }

    fn needed(&self) -> Fault {
        Fault::StepUpNeeded { max_age: self.max_age().as_secs(), acr_values: self.terms.required.acr_value() }
    }

    /// Returns the token of a request. Several tokens are ambiguous and count as none.
    fn token<'a>(&self, carried: impl IntoIterator<Item = &'a [u8]>) -> Option<Secret> {
        // A token is ASCII, and other cookies may be anything.
        let carried = carried.into_iter().map(String::from_utf8_lossy);
        match &self.terms.carrier {
            Carrier::Cookie(cookie) => only(carried.flat_map(|header| cookie.find(header))),
            Carrier::Header(_) => only(carried.map(Cow::into_owned)),
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Terms)) -> Self {
        change(Arc::make_mut(&mut self.terms));
        self
    }
}

/// Caps the age, and rounds the age down as in the cookie and in the hint.
fn in_whole_seconds(required: Requirement) -> Requirement {
    let max_age = required.max_age().unwrap_or(StepUps::LONGEST_AGE).min(StepUps::LONGEST_AGE);
    required.within(Duration::from_secs(max_age.as_secs()))
}

fn only(mut values: impl Iterator<Item = String>) -> Option<Secret> {
    let (value, None) = (values.next()?, values.next()) else { return None };
    Some(value.into())
}

#[cfg(test)]
mod tests;
