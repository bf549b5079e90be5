use super::factor::WebauthnFactor;
use super::reservation::release_if_unused;
use super::{WebauthnEnrollment, WebauthnEnrollmentSpec};
use crate::ceremony::PublicChallenge;
use crate::engine::{Change, Engine, Entity as _, Scope, Versioned, find_owned, load};
use crate::enrollment;
use crate::error::{Error, Invalid};
use crate::grant::Grant;
use crate::id::EnrollmentId;
use crate::owner::{self, Owner};

/// The WebAuthn enrollments of a service; see [`Challenges::webauthn`](crate::Challenges::webauthn).
///
/// A registration takes three calls:
///
/// 1. [`create`](Webauthn::create) a pending enrollment.
/// 2. Pass the [`creation_options`](Webauthn::creation_options) to the browser.
/// 3. [`confirm`](Webauthn::confirm) the enrollment with the response of the browser.
#[derive(Clone, Copy, Debug)]
pub struct Webauthn<'a> {
    pub(crate) engine: &'a Engine,
}

impl<'a> Webauthn<'a> {
    pub(crate) const fn new(engine: &'a Engine) -> Self {
        Self { engine }
    }
}

impl Webauthn<'_> {
    /// Creates a pending enrollment of a user. The enrollment answers no challenge until
    /// [`confirm`](Webauthn::confirm). At the cap of [`Policy::enrollments`](crate::Policy::enrollments), the oldest
    /// pending enrollment is replaced.
    ///
    /// # Errors
    ///
    /// - [`Error::Grant`] if the grant does not admit the change.
    /// - [`Error::Invalid`] if the service was built without WebAuthn or does not serve the relying party, the spec is
    ///   invalid, or the user has as many completed enrollments as the policy allows.
    /// - [`Error::Store`] if the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "webauthn.create", level = "debug", skip_all))]
    pub async fn create(
        &self,
        owner: Owner,
        grant: &Grant,
        spec: WebauthnEnrollmentSpec,
    ) -> Result<WebauthnEnrollment, Error> {
        spec.check(self.engine.ceremonies()?)?;
        let (enrollment, ()) = enrollment::create(self.engine, &owner, grant, |_| {
            let challenge = PublicChallenge::generate(self.engine.entropy())?;
            Ok((WebauthnFactor::pending(spec.clone(), challenge), ()))
        })
        .await?;
        Ok(enrollment)
    }

    /// Returns an enrollment of a user.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if the user has no such enrollment.
    /// - [`Error::Store`] if the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "webauthn.get", level = "debug", skip_all))]
    pub async fn get(&self, owner: &Owner, id: EnrollmentId) -> Result<WebauthnEnrollment, Error> {
        enrollment::get(self.engine, owner, id).await
    }

    /// Lists the enrollments of a user in order of creation: at most `limit` (1 to 500), after the enrollment `after`.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] if `limit` is out of range.
    /// - [`Error::Store`] if the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "webauthn.list", level = "debug", skip_all))]
    pub async fn list(
        &self,
        owner: &Owner,
        after: Option<EnrollmentId>,
        limit: usize,
    ) -> Result<Vec<WebauthnEnrollment>, Error> {
        enrollment::list(self.engine, Scope::Owner(owner), after, limit).await
    }

    /// Returns an enrollment of any user of a tenant. Offer this call only to callers with access to all users of the
    /// tenant.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if no user of the tenant has such an enrollment.
    /// - [`Error::Store`] if the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "webauthn.get_in_tenant", level = "debug", skip_all))]
    pub async fn get_in_tenant(&self, tenant: &str, id: EnrollmentId) -> Result<WebauthnEnrollment, Error> {
        enrollment::get_in_tenant(self.engine, tenant, id).await
    }

    /// Lists the enrollments of all users of a tenant, in order of creation per user: at most `limit` (1 to 500), after
    /// the enrollment `after`. Offer this call only to callers with access to all users of the tenant.
    ///
    /// The call may read the enrollments of every tenant.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] if `limit` is out of range.
    /// - [`Error::Store`] if the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "webauthn.list_tenant", level = "debug", skip_all))]
    pub async fn list_tenant(
        &self,
        tenant: &str,
        after: Option<EnrollmentId>,
        limit: usize,
    ) -> Result<Vec<WebauthnEnrollment>, Error> {
        enrollment::list(self.engine, Scope::Tenant(tenant), after, limit).await
    }

    /// Sets the display name of an enrollment: 1 to 255 bytes without control characters.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if the user has no such enrollment.
    /// - [`Error::Invalid`] if the name is malformed.
    /// - [`Error::Store`] if the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "webauthn.rename", level = "debug", skip_all))]
    pub async fn rename(&self, owner: &Owner, id: EnrollmentId, name: &str) -> Result<WebauthnEnrollment, Error> {
        if name.is_empty() || !owner::is_printable(name) {
            return Err(Invalid::CredentialName.into());
        }
        let engine = self.engine;
        engine
            .transact(Some(&load::<WebauthnEnrollment>(id.0)), |loaded, now| {
                let Versioned { value: enrollment, version } = find_owned::<WebauthnEnrollment>(loaded, owner, id.0)?;
                if !enrollment.is_alive(&engine.policy, now.latest) {
                    return Err(Error::NotFound);
                }
                let renamed = enrollment.renamed(name.to_owned(), now.latest);
                Ok(Change::new(vec![engine.put(&renamed, Some(version))?], renamed))
            })
            .await
    }

    /// Deletes an enrollment of a user. The enrollment answers no challenge from then on, including open challenges,
    /// and the credential can be registered again.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if the user has no such enrollment.
    /// - [`Error::Grant`] if the grant does not admit the change.
    /// - [`Invalid::LastFactor`] if the enrollment is the user's last completed factor.
    /// - [`Error::Store`] if the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "webauthn.delete", level = "debug", skip_all))]
    pub async fn delete(&self, owner: &Owner, grant: &Grant, id: EnrollmentId) -> Result<(), Error> {
        let deleted = enrollment::delete::<WebauthnFactor>(self.engine, owner, grant, id).await?;
        if let Some(credential) = deleted.credential() {
            release_if_unused(self.engine, &credential.id, id).await;
        }
        Ok(())
    }
}
