use super::enrollments::{find, load};
use super::transaction::Decision;
use super::{Challenges, Now};
use crate::challenge::Refused;
use crate::enrollment::{EnrollmentRecord as _, WebauthnEnrollment};
use crate::error::{Error, Invalid};
use crate::id::EnrollmentId;
use crate::observer::Observation;
use crate::owner::Owner;
use crate::store::{Kind, Loaded};
use crate::time::Timestamp;
use crate::webauthn::{
    AttestationConveyance, Ceremonies, Creation, Credential, PublicChallenge, Registration, RegistrationResponse,
    Rejected,
};

/// What became of a response that was to complete an enrollment.
enum Verdict {
    /// It passed the ceremony; nothing is stored yet.
    Passed(Credential),
    Rejected(Box<WebauthnEnrollment>, Rejected),
    Closed,
}

impl Challenges {
    /// The options with which a browser makes the credential of a pending enrollment, in the form that
    /// `PublicKeyCredential.parseCreationOptionsFromJSON` reads (WebAuthn section 5.1.9). `account` is the user's account
    /// name, as the authenticator will show it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when the user has none of that id; [`Error::Invalid`] when it is completed or expired, or the
    /// service has no WebAuthn; [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn creation_options(
        &self,
        owner: &Owner,
        id: EnrollmentId,
        account: &str,
    ) -> Result<serde_json::Value, Error> {
        let ceremonies = self.ceremonies()?;
        let load = load::<WebauthnEnrollment>(id).with_siblings(&[Kind::WebauthnEnrollment]);
        let loaded = self.inner.store.load(&load).await?;
        let now = self.time();
        let (enrollment, _) = find::<WebauthnEnrollment>(&loaded, owner, id)?;
        let challenge = self.open_challenge(&enrollment, now.latest)?;
        let siblings = self.siblings(&loaded, owner, now)?;
        let relying_party = enrollment.relying_party_id();
        let theirs = siblings.webauthn.iter().filter(|(other, _)| other.relying_party_id() == relying_party);
        let asked = enrollment.attestation_conveyance();
        let default = match ceremonies.requires_attestation() {
            true => AttestationConveyance::Direct,
            false => AttestationConveyance::None,
        };
        Ok(ceremonies.creation_options(&Creation {
            relying_party,
            challenge,
            user_handle: &self.inner.tagger.user_handle(owner),
            account,
            user_verification: enrollment.user_verification(),
            attestation: asked.unwrap_or(default),
            exclude: theirs.filter_map(|(other, _)| other.credential()).collect(),
            timeout: now.latest.until(enrollment.created().after(self.inner.policy.pending_enrollment)),
        }))
    }

    /// Completes a pending enrollment with what the browser made of its creation options.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when the user has none of that id; [`Error::Invalid`] when the response does not pass the
    /// ceremony, its credential is registered already, or the enrollment is completed or expired or took too many
    /// wrong ones; [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn confirm_webauthn_enrollment(
        &self,
        owner: &Owner,
        id: EnrollmentId,
        response: &RegistrationResponse,
    ) -> Result<WebauthnEnrollment, Error> {
        let ceremonies = self.ceremonies()?;
        let load = load::<WebauthnEnrollment>(id);
        let verdict = self
            .transact(Some(&load), |loaded, now| self.register(ceremonies, owner, id, response, loaded, now))
            .await
            .inspect_err(|error| self.observe(&Observation::EnrollmentAnswerUndecided(id, error)))?;
        let credential = match verdict {
            Verdict::Passed(credential) => credential,
            Verdict::Rejected(enrollment, rejected) => {
                self.observe(&Observation::EnrollmentAnswerWrong((&*enrollment).into(), Some(rejected)));
                return Err(Invalid::Registration(rejected).into());
            }
            Verdict::Closed => {
                self.observe(&Observation::EnrollmentAnswerRefused(id, Refused::Final));
                return Err(Invalid::EnrollmentClosed.into());
            }
        };
        let reserved = self.reserve(&credential.id, id).await;
        if !reserved.inspect_err(|error| self.observe(&Observation::EnrollmentAnswerUndecided(id, error)))? {
            self.observe(&Observation::EnrollmentAnswerRefused(id, Refused::CredentialTaken));
            return Err(Invalid::CredentialTaken.into());
        }
        let load = load.with_siblings(&[Kind::Subject]);
        let completed = self
            .transact(Some(&load), |loaded, now| {
                let (enrollment, version) = find::<WebauthnEnrollment>(loaded, owner, id)?;
                self.open_challenge(&enrollment, now.latest)?;
                let completed = enrollment.completed(credential.clone(), response.user_handle.clone(), now.latest);
                let put = self.put_webauthn(&completed, Some(version))?;
                Ok(Decision::Commit(vec![put, self.change_set(loaded, owner, now)?], completed))
            })
            .await;
        match &completed {
            Ok(completed) => self.observe(&Observation::EnrollmentCompleted(completed.into())),
            Err(error) => {
                // Of several responses at once one completes it, and the others reserved in vain.
                self.give_back(&credential.id, id).await;
                self.observe(&match error {
                    Error::Invalid(Invalid::EnrollmentClosed) => {
                        Observation::EnrollmentAnswerRefused(id, Refused::Final)
                    }
                    undecided => Observation::EnrollmentAnswerUndecided(id, undecided),
                });
            }
        }
        completed
    }

    fn register(
        &self,
        ceremonies: &dyn Ceremonies,
        owner: &Owner,
        id: EnrollmentId,
        response: &RegistrationResponse,
        loaded: &Loaded,
        now: Now,
    ) -> Result<Decision<Verdict>, Error> {
        let (enrollment, version) = find::<WebauthnEnrollment>(loaded, owner, id)?;
        let Ok(challenge) = self.open_challenge(&enrollment, now.latest) else {
            return Ok(Decision::Done(Verdict::Closed));
        };
        let relying_party = enrollment.relying_party_id();
        let registered = ceremonies.register(&Registration {
            relying_party,
            origins: &ceremonies.origins(relying_party),
            challenge,
            user_verification: enrollment.user_verification(),
            response,
        });
        match registered {
            Ok(credential) => Ok(Decision::Done(Verdict::Passed(credential))),
            Err(rejected) => {
                let next = enrollment.after_rejection(now.latest);
                let put = self.put_webauthn(&next, Some(version))?;
                Ok(Decision::Commit(vec![put], Verdict::Rejected(Box::new(next), rejected)))
            }
        }
    }

    /// The challenge of an enrollment that still takes an answer.
    fn open_challenge<'a>(
        &self,
        enrollment: &'a WebauthnEnrollment,
        now: Timestamp,
    ) -> Result<&'a PublicChallenge, Invalid> {
        let policy = &self.inner.policy;
        let open = enrollment.is_alive(policy, now) && enrollment.rejected() < policy.secrets_per_challenge;
        enrollment.challenge().filter(|_| open).ok_or(Invalid::EnrollmentClosed)
    }
}
