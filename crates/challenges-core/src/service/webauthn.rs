use std::time::Duration;

use super::enrollments::{find, load};
use super::transaction::Decision;
use super::{Challenges, Now};
use crate::challenge::Refused;
use crate::codec;
use crate::enrollment::{EnrollmentRecord as _, WebauthnEnrollment};
use crate::error::{Error, Invalid};
use crate::id::EnrollmentId;
use crate::observer::Observation;
use crate::owner::{self, Owner};
use crate::request::WebauthnEnrollmentSpec;
use crate::store::{Kind, Loaded, Version, Write};
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
    /// Begins the registration of a WebAuthn credential of a user. The enrollment is pending, and answers nothing, until
    /// [`Challenges::confirm_webauthn_enrollment`] completes it with what the browser makes of
    /// [`Challenges::creation_options`].
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the service has no WebAuthn or does not serve the relying party, with what is wrong with the
    /// spec, or when the user has as many enrollments as the policy allows; [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn create_webauthn_enrollment(
        &self,
        owner: Owner,
        spec: WebauthnEnrollmentSpec,
    ) -> Result<WebauthnEnrollment, Error> {
        self.check_enrollment(&spec)?;
        let load = self.load_of(&owner, &[Kind::WebauthnEnrollment, Kind::Subject]);
        let enrollment = self
            .transact(Some(&load), |loaded, now| {
                let siblings = self.siblings(loaded, &owner, now)?;
                self.check_enrollments(siblings.webauthn.len())?;
                let id = EnrollmentId(self.mint(&owner, now)?);
                let challenge = PublicChallenge::generate(self.entropy())?;
                let enrollment = WebauthnEnrollment::pending(id, owner.clone(), now.clock, spec.clone(), challenge);
                let mut writes = siblings.expired;
                writes.extend([self.put_webauthn(&enrollment, None)?, self.change_set(loaded, &owner, now)?]);
                Ok(Decision::Commit(writes, enrollment))
            })
            .await?;
        self.observe(&Observation::EnrollmentCreated((&enrollment).into()));
        Ok(enrollment)
    }

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
            timeout: remaining(now, enrollment.created().after(self.inner.policy.pending_enrollment)),
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

    /// The WebAuthn enrollments of a user, at most `limit` (1 to 500), in order of creation.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for another limit, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn webauthn_enrollments(&self, owner: &Owner, limit: usize) -> Result<Vec<WebauthnEnrollment>, Error> {
        self.enrollments_of(owner, limit).await
    }

    /// The WebAuthn enrollments of every user of a tenant, at most `limit` (1 to 500), those of a user in order of creation,
    /// for callers who may act for every one of them. It may look through the enrollments of every tenant.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for another limit, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn webauthn_enrollments_in(&self, tenant: &str, limit: usize) -> Result<Vec<WebauthnEnrollment>, Error> {
        self.enrollments_in(tenant, limit).await
    }

    /// A WebAuthn enrollment of a user.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when the user has none of that id, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn webauthn_enrollment(&self, owner: &Owner, id: EnrollmentId) -> Result<WebauthnEnrollment, Error> {
        self.enrollment_of(owner, id).await
    }

    /// A WebAuthn enrollment of whichever user of a tenant, for callers who may act for every one of them.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when no user of the tenant has one of that id, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn webauthn_enrollment_by_id(&self, tenant: &str, id: EnrollmentId) -> Result<WebauthnEnrollment, Error> {
        self.enrollment_in(tenant, id).await
    }

    /// Names a WebAuthn enrollment of a user, for the user to tell it from others: 1 to 255 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when the user has none of that id, [`Error::Invalid`] for another name, [`Error::Store`] when
    /// the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn rename_webauthn_enrollment(
        &self,
        owner: &Owner,
        id: EnrollmentId,
        name: &str,
    ) -> Result<WebauthnEnrollment, Error> {
        if name.is_empty() || !owner::is_printable(name) {
            return Err(Invalid::CredentialName.into());
        }
        self.transact(Some(&load::<WebauthnEnrollment>(id)), |loaded, now| {
            let (enrollment, version) = find::<WebauthnEnrollment>(loaded, owner, id)?;
            if !enrollment.is_alive(&self.inner.policy, now.latest) {
                return Err(Error::NotFound);
            }
            let named = enrollment.named(name.to_owned(), now.latest);
            Ok(Decision::Commit(vec![self.put_webauthn(&named, Some(version))?], named))
        })
        .await
    }

    /// Deletes a WebAuthn enrollment of a user. From then on it answers no challenge, open ones included, and its credential
    /// may be registered again.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when the user has none of that id, [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub async fn delete_webauthn_enrollment(&self, owner: &Owner, id: EnrollmentId) -> Result<(), Error> {
        let deleted = self.delete_enrollment::<WebauthnEnrollment>(owner, id).await?;
        if let Some(credential) = deleted.credential() {
            self.give_back(&credential.id, id).await;
        }
        Ok(())
    }

    fn check_enrollment(&self, spec: &WebauthnEnrollmentSpec) -> Result<(), Invalid> {
        let ceremonies = self.ceremonies()?;
        if ceremonies.origins(&spec.relying_party_id).is_empty() {
            return Err(Invalid::RelyingParty);
        }
        let asked = spec.attestation_conveyance;
        if ceremonies.requires_attestation() && asked.is_some_and(|asked| asked != AttestationConveyance::Direct) {
            return Err(Invalid::AttestationRequired);
        }
        let longer = |note: &Option<String>, max| note.as_ref().is_some_and(|note| note.len() > max);
        if longer(&spec.attestation_format, 255) || longer(&spec.http_endpoint, 2_048) {
            return Err(Invalid::EnrollmentNote);
        }
        Ok(())
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

    pub(super) fn ceremonies(&self) -> Result<&dyn Ceremonies, Invalid> {
        self.inner.ceremonies.as_deref().ok_or(Invalid::WebauthnUnavailable)
    }

    pub(super) fn put_webauthn(&self, enrollment: &WebauthnEnrollment, read: Option<Version>) -> Result<Write, Error> {
        self.put_enrollment(enrollment, codec::encode(enrollment.body())?, read)
    }
}

/// How long there is still to go.
pub(super) fn remaining(now: Now, end: Timestamp) -> Duration {
    Duration::from_millis(end.as_millis().saturating_sub(now.latest.as_millis()))
}
