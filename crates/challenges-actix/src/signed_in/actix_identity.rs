use std::fmt;

use actix_identity::IdentityExt as _;
use actix_web::HttpRequest;
use async_trait::async_trait;
use challenges_core::Owner;

use super::SignedIn;

/// The user of actix-identity.
///
/// Wrap `IdentityMiddleware`, and then `SessionMiddleware`, after the [`StepUpMiddleware`](crate::StepUpMiddleware), so
/// that the session is read first.
///
/// # Security
///
/// - The identity proves that the host called `Identity::login` with this id in this session. The id stays valid even
///   if the user is deleted in the meantime.
/// - The identity lasts as long as the session, unless `IdentityMiddleware` is configured with a login deadline or a
///   visit deadline.
/// - A session in a cookie (`CookieSessionStore`) has no server-side state: a copied cookie stays valid after
///   `Identity::logout`.
///
/// # Panics
///
/// If `IdentityMiddleware` is missing, a request panics, as every use of `Identity` does. The request is not admitted.
///
/// # Examples
///
/// ```
/// use challenges_actix::{ActixIdentity, StepUpGate, StepUpMiddleware};
/// use challenges_core::Owner;
///
/// fn by_id(gate: StepUpGate) -> StepUpMiddleware {
///     StepUpMiddleware::new(gate, ActixIdentity::new())
/// }
///
/// /// The login passes `organisation/user` to `Identity::login`.
/// fn by_member(gate: StepUpGate) -> StepUpMiddleware {
///     let owner = |id: &str| {
///         let (organisation, user) = id.split_once('/')?;
///         Owner::in_tenant(organisation, user).ok()
///     };
///     StepUpMiddleware::new(gate, ActixIdentity::with_owner(owner))
/// }
/// ```
pub struct ActixIdentity {
    owner: OwnerOfId,
}

type OwnerOfId = Box<dyn Fn(&str) -> Option<Owner> + Send + Sync>;

impl ActixIdentity {
    /// Signs in [`Owner::user`] with the id of the identity.
    #[must_use]
    pub fn new() -> Self {
        Self::with_owner(|id| Owner::user(id).ok())
    }

    /// Signs in the owner returned by `owner` for the id of the identity. `None` means not signed in.
    ///
    /// `owner` must not map two ids to one owner.
    pub fn with_owner(owner: impl Fn(&str) -> Option<Owner> + Send + Sync + 'static) -> Self {
        Self { owner: Box::new(owner) }
    }
}

impl Default for ActixIdentity {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait(?Send)]
impl SignedIn for ActixIdentity {
    async fn user(&self, request: &HttpRequest) -> Option<Owner> {
        (self.owner)(&request.get_identity().ok()?.id().ok()?)
    }
}

impl fmt::Debug for ActixIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActixIdentity").finish_non_exhaustive()
    }
}
