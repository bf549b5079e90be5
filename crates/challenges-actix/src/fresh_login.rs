use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, ResponseError, web};
use challenges_http::Response;
use challenges_pages::{Login, Pages};

use crate::convert;

/// An extractor for a login whose second factor was just passed. For the handler of
/// [`PagesBuilder::after_login`](challenges_pages::PagesBuilder::after_login), which makes the session. Each login is
/// handed out once.
///
/// | rejection | reason |
/// |---|---|
/// | 401, with a link to the login page | the browser has no passed login |
/// | 500, with an error in the log | the application has no `web::Data<Pages>` |
/// | 400 | the request is a prefetch |
/// | 503 | the service fails |
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a pattern in the arguments of handlers")]
pub struct FreshLogin(pub Login);

impl FromRequest for FreshLogin {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let Some(pages) = request.app_data::<web::Data<Pages>>() else {
                return Err(NoLogin(Pages::missing()).into());
            };
            pages.finish_login(request.headers()).await.map(Self).map_err(|refused| NoLogin(refused).into())
        })
    }
}

/// Converts a response of the pages, such as the redirect of
/// [`SecondFactor::Required`](challenges_pages::SecondFactor::Required).
#[must_use]
pub fn into_response(response: Response) -> HttpResponse {
    convert::response(response)
}

/// The rejection of [`FreshLogin`].
#[derive(Debug, thiserror::Error)]
#[error("no fresh login")]
struct NoLogin(Response);

impl ResponseError for NoLogin {
    fn status_code(&self) -> StatusCode {
        convert::status(self.0.status())
    }

    fn error_response(&self) -> HttpResponse {
        convert::response(self.0.clone())
    }
}
