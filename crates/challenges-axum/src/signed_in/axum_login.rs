use std::fmt;
#[cfg(feature = "pages")]
use std::str::FromStr;

use async_trait::async_trait;
use axum::http::request::Parts;
#[cfg(feature = "pages")]
use axum::http::{HeaderMap, StatusCode};
#[cfg(feature = "pages")]
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use axum_login::{AuthSession, AuthUser, AuthnBackend};
use challenges_core::Owner;
#[cfg(feature = "pages")]
use challenges_pages::Pages;

use super::SignedIn;
#[cfg(feature = "pages")]
use crate::{Error, FreshLogin};

/// The user of an axum-login session with the backend `B`.
///
/// Add the `AuthManagerLayer` of axum-login after the [`StepUpLayer`](crate::StepUpLayer), so that the session is read
/// first.
///
/// # Security
///
/// axum-login loads the user from the backend for each request and compares `session_auth_hash`. A deleted user and a
/// user with a new password are therefore signed out. The session does not prove how long ago the user signed in.
///
/// # Examples
///
/// ```
/// use axum_login::AuthnBackend;
/// use challenges_axum::{AxumLogin, StepUpGate, StepUpLayer};
/// use challenges_core::Owner;
///
/// fn by_id<B: AuthnBackend + 'static>(gate: StepUpGate) -> StepUpLayer {
///     StepUpLayer::new(gate, AxumLogin::<B>::new())
/// }
///
/// /// Users of a host with tenants.
/// trait Member {
///     fn organisation(&self) -> &str;
///     fn name(&self) -> &str;
/// }
///
/// fn by_member<B>(gate: StepUpGate) -> StepUpLayer
/// where
///     B: AuthnBackend + 'static,
///     B::User: Member,
/// {
///     let owner = |user: &B::User| Owner::in_tenant(user.organisation(), user.name()).ok();
///     StepUpLayer::new(gate, AxumLogin::<B>::with_owner(owner))
/// }
/// ```
pub struct AxumLogin<B: AuthnBackend> {
    owner: OwnerOf<B::User>,
}

type OwnerOf<U> = Box<dyn Fn(&U) -> Option<Owner> + Send + Sync>;

impl<B: AuthnBackend> AxumLogin<B> {
    /// Signs in a user of the backend as [`Owner::user`] with the text of `AuthUser::id`.
    #[must_use]
    pub fn new() -> Self {
        Self::with_owner(|user| Owner::user(user.id().to_string()).ok())
    }

    /// Signs in a user of the backend as the owner returned by `owner`. `None` means not signed in.
    ///
    /// `owner` must not map two users to one owner.
    pub fn with_owner(owner: impl Fn(&B::User) -> Option<Owner> + Send + Sync + 'static) -> Self {
        Self { owner: Box::new(owner) }
    }
}

#[cfg(feature = "pages")]
impl<B: AuthnBackend + 'static> AxumLogin<B>
where
    <B::User as AuthUser>::Id: FromStr,
{
    /// Begins a login after the right password, in place of `AuthSession::login`. A user without a second factor, or
    /// with a trusted browser, is signed in and redirected to `return_to`, or to `/` if `return_to` leads to another
    /// site. Any other user is redirected to the page for the second factor. For owners made by [`AxumLogin::new`].
    ///
    /// Afterwards, `AuthSession::user` tells whether the user is signed in. The call also states the password hash that
    /// [`finish`](Self::finish) compares. For further settings, such as
    /// [`has_mfa`](challenges_pages::SecondFactorCheck::has_mfa), call [`Pages::second_factor`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::str::FromStr;
    ///
    /// use axum::http::{HeaderMap, StatusCode};
    /// use axum::response::{IntoResponse, Response};
    /// use axum::{Extension, Form};
    /// use axum_login::{AuthSession, AuthUser, AuthnBackend};
    /// use challenges_axum::AxumLogin;
    /// use challenges_pages::Pages;
    ///
    /// async fn login<B: AuthnBackend + 'static>(
    ///     mut session: AuthSession<B>,
    ///     Extension(pages): Extension<Pages>,
    ///     headers: HeaderMap,
    ///     Form(credentials): Form<B::Credentials>,
    /// ) -> Response
    /// where
    ///     <B::User as AuthUser>::Id: FromStr,
    /// {
    ///     match session.authenticate(credentials).await {
    ///         Ok(Some(user)) => AxumLogin::begin(&mut session, &user, &pages, &headers, "/").await,
    ///         Ok(None) => StatusCode::UNAUTHORIZED.into_response(),
    ///         Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    ///     }
    /// }
    /// ```
    pub async fn begin(
        session: &mut AuthSession<B>,
        user: &B::User,
        pages: &Pages,
        headers: &HeaderMap,
        return_to: &str,
    ) -> Response {
        let checked = async {
            let owner = Owner::user(user.id().to_string()).map_err(challenges_core::Error::from)?;
            let check = pages.second_factor(&owner, headers).after_password();
            check.credentials(user.session_auth_hash()).return_to(return_to).or_redirect().await
        };
        let cookie = match checked.await {
            Ok(cookie) => cookie,
            Err(error) => return Error::from(error).into_response(),
        };
        if session.login(user).await.is_err() {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        (AppendHeaders(cookie), Redirect::to(Pages::own_path(return_to))).into_response()
    }

    /// Signs in the user of a fresh login, and redirects to [`Login::return_to`](challenges_pages::Login::return_to).
    /// For the path of [`PagesBuilder::after_login`](challenges_pages::PagesBuilder::after_login), with owners made by
    /// [`AxumLogin::new`].
    ///
    /// Begin the login with [`begin`](Self::begin), or state `AuthUser::session_auth_hash` by
    /// [`SecondFactorCheck::credentials`](challenges_pages::SecondFactorCheck::credentials). Otherwise every login is
    /// refused. A login that began before a change of the password is refused too.
    ///
    /// # Errors
    ///
    /// The status of the response: 401 when the backend has no such user, when the hash has changed, or when none was
    /// stated (which is logged); and 500 when the backend or the session fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::str::FromStr;
    ///
    /// use axum::Router;
    /// use axum::routing::get;
    /// use axum_login::{AuthUser, AuthnBackend};
    /// use challenges_axum::AxumLogin;
    ///
    /// fn after_login<B: AuthnBackend + 'static>() -> Router
    /// where
    ///     <B::User as AuthUser>::Id: FromStr,
    /// {
    ///     Router::new().route("/login/finish", get(AxumLogin::<B>::finish))
    /// }
    /// ```
    pub async fn finish(mut session: AuthSession<B>, FreshLogin(login): FreshLogin) -> Result<Redirect, StatusCode> {
        let failed = StatusCode::INTERNAL_SERVER_ERROR;
        let id = login.owner().user_id().parse().or(Err(StatusCode::UNAUTHORIZED))?;
        let user = session.backend.get_user(&id).await.or(Err(failed))?;
        // The owner has no tenant, and the text of the id is the same: 7 is not 07.
        let is_same = |user: &B::User| Owner::user(user.id().to_string()).is_ok_and(|owner| owner == *login.owner());
        let user = user.filter(is_same).ok_or(StatusCode::UNAUTHORIZED)?;
        if !login.has_credentials(user.session_auth_hash()) {
            return Err(StatusCode::UNAUTHORIZED);
        }
        session.login(&user).await.or(Err(failed))?;
        Ok(Redirect::to(login.return_to()))
    }
}

impl<B: AuthnBackend> Default for AxumLogin<B> {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl<B: AuthnBackend + 'static> SignedIn for AxumLogin<B> {
    async fn user(&self, request: &Parts) -> Option<Owner> {
        let Some(session) = request.extensions.get::<AuthSession<B>>() else {
            tracing::error!(
                "no session of axum-login 0.18 for this backend; add the AuthManagerLayer after the StepUpLayer and the pages"
            );
            return None;
        };
        (self.owner)(session.user.as_ref()?)
    }
}

impl<B: AuthnBackend> fmt::Debug for AxumLogin<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AxumLogin").finish_non_exhaustive()
    }
}
