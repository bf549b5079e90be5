use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use challenges_pages::{Login, Pages};

/// An extractor for a login whose second factor was just passed. For the handler of
/// [`PagesBuilder::after_login`](challenges_pages::PagesBuilder::after_login), which makes the session. Each login is
/// handed out once.
///
/// | rejection | reason |
/// |---|---|
/// | 401, with a link to the login page | the browser has no passed login |
/// | 500, with an error in the log | the application has no `Extension` layer with the pages |
/// | 400 | the request is a prefetch |
/// | 503 | the service fails |
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
