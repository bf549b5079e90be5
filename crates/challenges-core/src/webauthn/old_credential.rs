use crate::ceremony::{Credential, Preference, RelyingPartyId, UserHandle};

/// A credential of another system.
pub(crate) struct OldCredential {
    pub(crate) relying_party: RelyingPartyId,
    /// The user handle in the authenticator; `None` if the other system kept none.
    pub(crate) user_handle: Option<UserHandle>,
    pub(crate) user_verification: Preference,
    pub(crate) name: Option<String>,
    pub(crate) credential: Credential,
}
