use super::Account;
use crate::error::Error;
use crate::grant::Grant;
use crate::import::{Content, Imported, Row};
use crate::{totp, webauthn};

impl Account<'_> {
    /// Imports a factor of another system as a completed enrollment. Imports nothing if the user has the factor
    /// already, so that a row can be imported any number of times, even concurrently.
    ///
    /// The factor protects the account at once. [`Enrollment::is_proven`](crate::Enrollment::is_proven) tells whether
    /// the user has used the factor since. At the cap of [`Policy::enrollments`](crate::Policy::enrollments), the
    /// oldest pending enrollment is replaced.
    ///
    /// A factor that the user deleted after an earlier import of the row is imported again.
    ///
    /// # Security
    ///
    /// Import only rows from a system that you trust. A person who chooses a row can answer the challenges of the user.
    ///
    /// # Errors
    ///
    /// [`Invalid::AdministratorOnly`](crate::Invalid::AdministratorOnly) for any other grant than
    /// [`Grant::administrator`]. Every other [`Error::Invalid`] concerns the row alone:
    ///
    /// - [`Invalid::Import`](crate::Invalid::Import) if the user has the TOTP seed with other parameters.
    /// - [`Invalid::RelyingParty`](crate::Invalid::RelyingParty) if the service does not serve the relying party, and
    ///   [`Invalid::WebauthnUnavailable`](crate::Invalid::WebauthnUnavailable) if the service was built without
    ///   WebAuthn.
    /// - [`Invalid::Registration`](crate::Invalid::Registration) if the public key is malformed or of an unsupported
    ///   algorithm, or if the service does not admit the authenticator.
    /// - [`Invalid::CredentialTaken`](crate::Invalid::CredentialTaken) if another user has the credential, or the user
    ///   has the credential with another key or relying party.
    /// - [`Invalid::TooMany`](crate::Invalid::TooMany) if the user has as many completed enrollments as the policy
    ///   allows.
    ///
    /// After other errors, such as [`Error::Store`] and [`Error::Contended`], import the row again.
    ///
    /// # Examples
    ///
    /// ```
    /// use challenges_core::{Challenges, Grant, KeyRing, Owner};
    /// use challenges_memory::MemoryStore;
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
    /// let alice = Owner::user("alice")?;
    ///
    /// let grant = Grant::administrator("import", "move from the old login")?;
    /// let row = json!({ "totp": { "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "algorithm": "SHA256" } }).try_into()?;
    /// assert!(challenges.account(&alice).import_dry_run(&row).await?.is_new);
    /// assert!(challenges.account(&alice).import(&grant, &row).await?.is_new);
    /// assert!(!challenges.account(&alice).import(&grant, &row).await?.is_new, "skipped");
    /// # Ok(())
    /// # }
    /// ```
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "account.import", level = "debug", skip_all))]
    pub async fn import(self, grant: &Grant, row: &Row) -> Result<Imported, Error> {
        grant.admit_administrator()?;
        let imported = self.import_row(row, false).await?;
        if imported.is_new {
            grant.observe(self.engine, self.owner);
        }
        Ok(imported)
    }

    /// Returns the result that [`import`](Self::import) would have now. Stores nothing.
    ///
    /// # Errors
    ///
    /// Those of [`import`](Self::import), apart from the grant.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "account.import_dry_run", level = "debug", skip_all))]
    pub async fn import_dry_run(self, row: &Row) -> Result<Imported, Error> {
        self.import_row(row, true).await
    }

    async fn import_row(self, row: &Row, dry_run: bool) -> Result<Imported, Error> {
        let Self { engine, owner } = self;
        let (id, is_new, is_weak) = match row.content() {
            Content::Totp(seed) => {
                let (enrollment, is_new) = totp::import(engine, owner, seed, dry_run).await?;
                (enrollment.id(), is_new, seed.is_weak())
            }
            Content::Webauthn(old) => {
                let (enrollment, is_new) = webauthn::import(engine, owner, old, dry_run).await?;
                (enrollment.id(), is_new, false)
            }
        };
        Ok(Imported { enrollment: (!(dry_run && is_new)).then_some(id), is_new, is_weak })
    }
}
