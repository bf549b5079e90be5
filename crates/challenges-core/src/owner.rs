//! The users and tenants of a host.

use serde::{Deserialize, Serialize};

use crate::error::Invalid;

/// A user, within a tenant if the host has tenants: the owner of challenges, enrollments and endpoints.
///
/// Users belong to the host; the library stores only the names. A host without tenants uses [`Owner::user`].
///
/// Use a key that never changes and is never given to another person, such as the primary key of the user's row.
/// **Never use an e-mail address**: a user who changes the address loses every factor, and the next owner of the
/// address gets the factors.
///
/// An owner cannot be renamed. The names are hashed into the id of every record, and bound into every sealed secret and
/// keyed hash, so a renamed user would need new ids. Links, tokens, credentials and the host's own tables hold the old
/// ids. If the name has to change, the user enrolls anew under the new name, and
/// [`Account::erase`](crate::Account::erase) deletes the old account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Names")]
pub struct Owner {
    #[serde(skip_serializing_if = "String::is_empty")]
    tenant: String,
    user: String,
}

impl Owner {
    /// The longest user or tenant name, in bytes.
    pub const MAX_NAME: usize = 255;

    /// Creates a user of a host without tenants.
    ///
    /// # Errors
    ///
    /// [`Invalid::Name`] when the name is empty, longer than [`Owner::MAX_NAME`] bytes or contains control characters.
    pub fn user(user: impl Into<String>) -> Result<Self, Invalid> {
        Self::in_tenant("", user)
    }

    /// Creates a user of a tenant, such as an organization. Users of the same name in two tenants are unrelated.
    ///
    /// # Errors
    ///
    /// [`Invalid::Name`] when the user name is empty, or when either name is longer than [`Owner::MAX_NAME`] bytes or
    /// contains control characters.
    pub fn in_tenant(tenant: impl Into<String>, user: impl Into<String>) -> Result<Self, Invalid> {
        let (tenant, user) = (tenant.into(), user.into());
        if user.is_empty() || !is_printable(&user) || !is_printable(&tenant) {
            return Err(Invalid::Name);
        }
        Ok(Self { tenant, user })
    }

    /// Returns the tenant, empty for a host without tenants.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// Returns the id of the user within the tenant.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.user
    }

    /// Writes both names, each after its length, so that no two owners give the same bytes.
    pub(crate) fn write_to(&self, mut write: impl FnMut(&[u8])) {
        for name in [&self.tenant, &self.user] {
            write(&u64::try_from(name.len()).unwrap_or(u64::MAX).to_le_bytes());
            write(name.as_bytes());
        }
    }
}

/// The unchecked form of an [`Owner`].
#[derive(Deserialize)]
struct Names {
    #[serde(default)]
    tenant: String,
    user: String,
}

impl TryFrom<Names> for Owner {
    type Error = Invalid;

    fn try_from(names: Names) -> Result<Self, Invalid> {
        Self::in_tenant(names.tenant, names.user)
    }
}

/// Returns whether a name is at most [`Owner::MAX_NAME`] bytes long and free of control characters.
pub(crate) fn is_printable(name: &str) -> bool {
    name.len() <= Owner::MAX_NAME && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests;
