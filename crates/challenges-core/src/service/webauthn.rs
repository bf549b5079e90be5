use super::Challenges;
use super::enrollments::{find, load};
use super::transaction::Decision;
use crate::codec;
use crate::enrollment::{EnrollmentRecord as _, WebauthnEnrollment};
use crate::error::{Error, Invalid};
use crate::id::EnrollmentId;
use crate::observer::Observation;
use crate::owner::{self, Owner};
use crate::request::WebauthnEnrollmentSpec;
use crate::store::{Kind, Version, Write};
use crate::webauthn::{AttestationConveyance, Ceremonies, PublicChallenge};

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

    pub(super) fn ceremonies(&self) -> Result<&dyn Ceremonies, Invalid> {
        self.inner.ceremonies.as_deref().ok_or(Invalid::WebauthnUnavailable)
    }

    pub(super) fn put_webauthn(&self, enrollment: &WebauthnEnrollment, read: Option<Version>) -> Result<Write, Error> {
        self.put_enrollment(enrollment, codec::encode(enrollment.body())?, read)
    }
}
