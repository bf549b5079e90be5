//! The pages of `challenges-pages`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use challenges_pages::Pages;
use tracing::Instrument as _;

use crate::SignedIn;

/// The pages, and the session of the host.
#[derive(Clone)]
struct Mounted {
    pages: Pages,
    signed_in: Arc<dyn SignedIn>,
}

/// Returns the routes of the pages, below [`Pages::prefix`]. Merge them into the application at the root, and add the
/// layer of the session after them.
///
/// # Examples
///
/// A second factor for a login with tower-sessions. Users add factors at `/mfa/account`.
///
/// ```
/// # #[cfg(feature = "tower-sessions")]
/// # mod app {
/// use axum::http::{HeaderMap, StatusCode};
/// use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
/// use axum::routing::{get, post};
/// use axum::{Extension, Router};
/// use challenges_axum::{Error, FreshLogin, TowerSession};
/// use challenges_core::{Challenges, Owner};
/// use challenges_pages::{Pages, PagesError, SecondFactor};
/// use tower_sessions::{MemoryStore, Session, SessionManagerLayer};
///
/// # fn verify_password(_form: &str) -> Option<Owner> { None }
/// async fn sign_in(session: &Session, owner: &Owner) {
///     let _ = session.cycle_id().await;
///     let _ = session.insert("user_id", owner.user_id()).await;
/// }
///
/// async fn login(
///     session: Session,
///     Extension(pages): Extension<Pages>,
///     headers: HeaderMap,
///     form: String,
/// ) -> Result<Response, Error> {
///     let Some(owner) = verify_password(&form) else { return Ok(StatusCode::UNAUTHORIZED.into_response()) };
///     Ok(match pages.second_factor(&owner, &headers).await? {
///         SecondFactor::Required(redirect) => redirect.into_response(),
///         SecondFactor::Trusted(_, cookie) => {
///             sign_in(&session, &owner).await;
///             (AppendHeaders([cookie]), Redirect::to("/")).into_response()
///         }
///         SecondFactor::NotEnrolled(_) => {
///             sign_in(&session, &owner).await;
///             Redirect::to("/").into_response()
///         }
///     })
/// }
///
/// async fn finish(session: Session, FreshLogin(login): FreshLogin) -> Redirect {
///     sign_in(&session, login.owner()).await;
///     Redirect::to(login.return_to())
/// }
///
/// fn app(challenges: Challenges) -> Result<Router, PagesError> {
///     let pages = Pages::builder(challenges, "https://app.example").build()?;
///     Ok(Router::new()
///         .route("/login", post(login))
///         .route("/login/finish", get(finish))
///         .merge(challenges_axum::pages(pages.clone(), TowerSession::user_id("user_id")))
///         .layer(Extension(pages))
///         .layer(SessionManagerLayer::new(MemoryStore::default())))
/// }
/// # }
/// ```
pub fn pages<S>(pages: Pages, signed_in: impl SignedIn) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    // All methods and all paths below, so that the pages answer unknown ones with their own 404 and 405.
    let prefix = pages.prefix();
    let mut paths = vec![format!("{prefix}/"), format!("{prefix}/{{*rest}}")];
    if !prefix.is_empty() {
        paths.push(prefix.to_owned());
    }
    let router = paths.iter().fold(Router::new(), |router, path| router.route(path, any(respond)));
    router.with_state(Mounted { pages, signed_in: Arc::new(signed_in) })
}

/// Responds to a request in a separate task. axum drops the handler's future if the client disconnects or a timeout of
/// the host expires. Reading the request then stops, but an operation in progress completes.
async fn respond(State(Mounted { pages, signed_in }): State<Mounted>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let user = signed_in.user(&parts).await;
    let request = match pages.read(Request::from_parts(parts, body)).await {
        Ok(request) => request,
        Err(refused) => return refused.into_response(),
    };
    let work = async move { pages.respond(request, user).await };
    match tokio::spawn(work.in_current_span()).await {
        Ok(response) => response.into_response(),
        Err(error) => {
            // The error itself is not logged: the panic message could contain a secret.
            tracing::error!(panicked = error.is_panic(), "the task of a request failed");
            Pages::failure().into_response()
        }
    }
}
