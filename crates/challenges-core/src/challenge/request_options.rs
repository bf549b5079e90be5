use super::{Challenge, LoadedFactors, State};
use crate::engine;
use crate::error::{Error, Invalid};
use crate::id::ChallengeId;
use crate::store::Kind;
use crate::webauthn::{self, Webauthn};

impl Webauthn<'_> {
    /// Returns the options for a browser to answer a challenge, in the form read by
    /// `PublicKeyCredential.parseRequestOptionsFromJSON` (Web Authentication Level 3, section 5.1.10). The answer is
    /// `JSON.stringify(credential)`.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] when no such challenge exists.
    /// - [`Error::Invalid`] when the challenge expects no assertion, or names credentials of several relying parties.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "webauthn.request_options", level = "debug", skip_all))]
    pub async fn request_options(self, id: ChallengeId) -> Result<serde_json::Value, Error> {
        let engine = self.engine;
        engine.ceremonies()?;
        let load = engine::load::<Challenge>(id.0).with_owned(&[Kind::WebauthnEnrollment]);
        let loaded = engine.store.load(&load).await?;
        let now = engine.now();
        let challenge = engine::find::<Challenge>(&loaded, id.0)?.value;
        let issued = challenge.state_at(now.latest) == State::Issued;
        let public_challenge = challenge.public_challenge().filter(|_| issued).ok_or(Invalid::NoAssertionExpected)?;
        let factors = LoadedFactors::read(engine, &loaded, challenge.owner(), now)?;
        let enrollments = factors.webauthn_for(&challenge);
        if enrollments.is_empty() {
            return Err(Invalid::NoAssertionExpected.into());
        }
        let timeout = now.latest.until(challenge.expires());
        webauthn::request_options(engine, &enrollments, public_challenge, timeout)
    }
}
