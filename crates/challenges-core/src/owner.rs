//! Whose a record is.

use serde::{Deserialize, Serialize};

use crate::error::Invalid;

/// Longest tenant or user name, in bytes.
pub const MAX_NAME: usize = 255;

/// A user of a tenant: whose challenges, enrollments and endpoints a record belongs to.
///
/// Users are the host's; the library keeps their names only. A host without tenants uses [`Owner::user`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Names")]
pub struct Owner {
    #[serde(skip_serializing_if = "String::is_empty")]
    tenant: String,
    user: String,
}

/// The form in which an owner is read, not yet checked.
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

impl Owner {
    /// A user, in the one tenant of a host that has no others.
    ///
    /// # Errors
    ///
    /// [`Invalid::Name`] when the name is empty, longer than [`MAX_NAME`] bytes or holds control characters.
    pub fn user(user: impl Into<String>) -> Result<Self, Invalid> {
        Self::in_tenant("", user)
    }

    /// A user of a tenant (an organisation). Users of one name in two tenants have nothing in common.
    ///
    /// # Errors
    ///
    /// [`Invalid::Name`] when the user's name is empty, or either is longer than [`MAX_NAME`] bytes or holds control
    /// characters.
    pub fn in_tenant(tenant: impl Into<String>, user: impl Into<String>) -> Result<Self, Invalid> {
        let (tenant, user) = (tenant.into(), user.into());
        if user.is_empty() || !is_printable(&user) || !is_printable(&tenant) {
            return Err(Invalid::Name);
        }
        Ok(Self { tenant, user })
    }

    /// The tenant; empty for a host that has none.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The user's id within the tenant.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.user
    }

    /// Both names, so that no two owners give the same bytes.
    pub(crate) fn write_to(&self, mut write: impl FnMut(&[u8])) {
        for name in [&self.tenant, &self.user] {
            write(&u64::try_from(name.len()).unwrap_or(u64::MAX).to_le_bytes());
            write(name.as_bytes());
        }
    }
}

/// Whether a name is short enough and holds no control characters.
pub(crate) fn is_printable(name: &str) -> bool {
    name.len() <= MAX_NAME && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests;
