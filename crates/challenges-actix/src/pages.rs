//! The pages of `challenges-pages`.

use std::sync::Arc;

use actix_web::dev::HttpServiceFactory;
use actix_web::{HttpRequest, HttpResponse, rt, web};
use challenges_pages::Pages;
use tracing::Instrument as _;

use crate::body::Body;
use crate::{SignedIn, convert};

/// Returns the routes of the pages, below [`Pages::prefix`]. Register them with the application, not with a scope, and
/// wrap the application in the session.
///
/// # Examples
///
/// A second factor for a login with actix-session. Users add factors at `/mfa/account`.
///
/// ```
/// # #[cfg(feature = "actix-session")]
/// # mod app {
/// use actix_session::Session;
/// use actix_web::{HttpRequest, HttpResponse, web};
/// use challenges_actix::{ActixSession, Error, FreshLogin, Header};
/// use challenges_core::Owner;
/// use challenges_pages::{Pages, SecondFactor};
///
/// # fn verify_password(_form: &str) -> Option<Owner> { None }
/// fn sign_in(session: &Session, owner: &Owner) {
///     session.renew();
///     let _ = session.insert("user_id", owner.user_id());
/// }
///
/// async fn login(
///     session: Session,
///     pages: web::Data<Pages>,
///     request: HttpRequest,
///     form: String,
/// ) -> Result<HttpResponse, Error> {
///     let Some(owner) = verify_password(&form) else { return Ok(HttpResponse::Unauthorized().finish()) };
///     let mut home = HttpResponse::SeeOther();
///     home.append_header(("location", "/"));
///     match pages.second_factor(&owner, request.headers()).await? {
///         SecondFactor::Required(redirect) => return Ok(challenges_actix::into_response(redirect)),
///         SecondFactor::Trusted(_, cookie) => drop(home.append_header(Header::from(cookie))),
///         SecondFactor::NotEnrolled(_) => {}
///     }
///     sign_in(&session, &owner);
///     Ok(home.finish())
/// }
///
/// async fn finish(session: Session, FreshLogin(login): FreshLogin) -> HttpResponse {
///     sign_in(&session, login.owner());
///     HttpResponse::SeeOther().append_header(("location", login.return_to())).finish()
/// }
///
/// /// Register with `App::configure`. The pages come from `Pages::builder(challenges, "https://app.example").build()`.
/// fn configure(app: &mut web::ServiceConfig, pages: &Pages) {
///     app.app_data(web::Data::new(pages.clone()))
///         .route("/login", web::post().to(login))
///         .route("/login/finish", web::get().to(finish))
///         .service(challenges_actix::pages(pages.clone(), ActixSession::user_id("user_id")));
/// }
/// # }
/// ```
pub fn pages(pages: Pages, signed_in: impl SignedIn) -> impl HttpServiceFactory + 'static {
    // All methods and all paths below, so that the pages answer unknown ones with their own 404 and 405.
    let prefix = pages.prefix();
    let paths = match prefix {
        "" => vec!["/{tail:.*}".to_owned()],
        prefix => vec![prefix.to_owned(), format!("{prefix}/{{tail:.*}}")],
    };
    let signed_in: Arc<dyn SignedIn> = Arc::new(signed_in);
    web::resource(paths).to(move |request, payload| respond(pages.clone(), signed_in.clone(), request, payload))
}

/// Responds to a request in a separate task. actix-web drops the handler's future if the client disconnects or a
/// timeout of the host expires. Reading the request then stops, but an operation in progress completes.
async fn respond(
    pages: Pages,
    signed_in: Arc<dyn SignedIn>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let user = signed_in.user(&request).await;
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let request = match convert::request(&request, target, Body(payload)) {
        Ok(request) => request,
        Err(error) => {
            tracing::error!(%error, "cannot convert a request");
            return convert::response(Pages::failure());
        }
    };
    let request = match pages.read(request).await {
        Ok(request) => request,
        Err(refused) => return convert::response(refused),
    };
    let work = async move { pages.respond(request, user).await };
    let response = rt::spawn(work.in_current_span()).await.unwrap_or_else(|error| {
        // The error itself is not logged: the panic message could contain a secret.
        tracing::error!(panicked = error.is_panic(), "the task of a request failed");
        Pages::failure()
    });
    convert::response(response)
}
