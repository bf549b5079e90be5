use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use challenges_pages::{Login, Pages};

/// An extractor for the login whose second factor was passed a moment ago, for the handler of
/// [`PagesBuilder::after_login`](challenges_pages::PagesBuilder::after_login). The handler makes the session.
///
/// The pages come from an `Extension` layer. Each login is handed out once. Without one, the visitor gets a 401 with a
/// link to the login page; without the layer, a 500, and an error is logged.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a pattern in the arguments of handlers")]
pub struct FreshLogin(pub Login);

impl<S: Send + Sync> FromRequestParts<S> for FreshLogin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let Some(pages) = parts.extensions.get::<Pages>() else {
            return Err(Pages::missing().into_response());
        };
        pages.finish_login(&parts.headers).await.map(Self).map_err(axum::response::IntoResponse::into_response)
    }
}
