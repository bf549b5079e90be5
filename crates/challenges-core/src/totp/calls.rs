use super::enrollment::{TotpFactor, key_place};
use super::{TotpEnrollment, TotpKey};
use crate::engine::{Engine, Scope};
use crate::enrollment;
use crate::error::Error;
use crate::grant::Grant;
use crate::id::EnrollmentId;
use crate::owner::Owner;

/// The TOTP enrollments of a service; see [`Challenges::totp`](crate::Challenges::totp).
///
/// # Examples
///
/// ```
/// use challenges_core::keyring::KeyRing;
/// use challenges_core::{Challenges, Grant, Owner};
/// use challenges_memory::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
/// let alice = Owner::user("alice")?;
///
/// let (pending, key) = challenges.totp().create(alice.clone(), &Grant::first_factor()).await?;
/// // Show this URI to the user as a QR code, and pass the first code to `Totp::confirm`.
/// let uri = key.otpauth_uri("Example", "alice@example.org")?;
/// assert!(uri.expose().starts_with("otpauth://totp/Example:alice"));
///
/// assert!(!pending.is_completed());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Totp<'a> {
    pub(super) engine: &'a Engine,
}

impl<'a> Totp<'a> {
    pub(crate) const fn new(engine: &'a Engine) -> Self {
        Self { engine }
    }
}

impl Totp<'_> {
    /// Creates a pending enrollment and the key for the authenticator of a user. The key cannot be read again. The
    /// enrollment answers no challenge until [`Totp::confirm`].
    ///
    /// At the cap of [`Policy::enrollments`](crate::Policy::enrollments), the oldest pending enrollment is replaced.
    ///
    /// # Errors
    ///
    /// - [`Error::Grant`] if the grant does not admit the change.
    /// - [`Error::Invalid`] if the user has as many completed enrollments as the policy allows.
    /// - [`Error::Store`] if the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "totp.create", level = "debug", skip_all))]
    pub async fn create(&self, owner: Owner, grant: &Grant) -> Result<(TotpEnrollment, TotpKey), Error> {
        enrollment::create(self.engine, &owner, grant, |place| {
            let key = TotpKey::generate(self.engine.entropy())?;
            let sealed = self.engine.seal(key_place(place), key.expose())?;
            Ok((TotpFactor::pending(sealed), key))
        })
        .await
    }

    /// Returns an enrollment of a user.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if the user has no such enrollment.
    /// - [`Error::Store`] if the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "totp.get", level = "debug", skip_all))]
    pub async fn get(&self, owner: &Owner, id: EnrollmentId) -> Result<TotpEnrollment, Error> {
        enrollment::get(self.engine, owner, id).await
    }

    /// Lists the enrollments of a user in order of creation: at most `limit` (1 to 500), after the enrollment `after`.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] if `limit` is out of range.
    /// - [`Error::Store`] if the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "totp.list", level = "debug", skip_all))]
    pub async fn list(
        &self,
        owner: &Owner,
        after: Option<EnrollmentId>,
        limit: usize,
    ) -> Result<Vec<TotpEnrollment>, Error> {
        enrollment::list(self.engine, Scope::Owner(owner), after, limit).await
    }

    /// Returns an enrollment of any user of a tenant. Offer this call only to callers with access to all users of the
    /// tenant.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if no user of the tenant has such an enrollment.
    /// - [`Error::Store`] if the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "totp.get_in_tenant", level = "debug", skip_all))]
    pub async fn get_in_tenant(&self, tenant: &str, id: EnrollmentId) -> Result<TotpEnrollment, Error> {
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
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "totp.list_tenant", level = "debug", skip_all))]
    pub async fn list_tenant(
        &self,
        tenant: &str,
        after: Option<EnrollmentId>,
        limit: usize,
    ) -> Result<Vec<TotpEnrollment>, Error> {
        enrollment::list(self.engine, Scope::Tenant(tenant), after, limit).await
    }

    /// Deletes an enrollment of a user. The enrollment answers no challenge from then on, including open challenges.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if the user has no such enrollment.
    /// - [`Error::Grant`] if the grant does not admit the change.
    /// - [`Invalid::LastFactor`](crate::Invalid::LastFactor) if the enrollment is the user's last completed factor.
    /// - [`Error::Store`] if the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "totp.delete", level = "debug", skip_all))]
    pub async fn delete(&self, owner: &Owner, grant: &Grant, id: EnrollmentId) -> Result<(), Error> {
        enrollment::delete::<TotpFactor>(self.engine, owner, grant, id).await.map(drop)
    }
}
