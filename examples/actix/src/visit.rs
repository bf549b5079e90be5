//! The arguments and results of the bank's handlers.

use std::fmt;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::error::ErrorInternalServerError;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, ContentType, HeaderMap, HeaderValue, LOCATION};
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, ResponseError};
use challenges::actix::Header;
use demo_app::{Bank, Design, Failed};
use http::HeaderName;
use maud::Markup;

/// An extractor for the bank, its pages in the language of the visitor, and the headers of the request.
pub(crate) struct Visit {
    pub(crate) bank: Data<Bank>,
    pub(crate) design: Design,
    pub(crate) headers: HeaderMap,
}

impl FromRequest for Visit {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let bank = request.app_data::<Data<Bank>>().ok_or_else(|| ErrorInternalServerError("no bank"));
        ready(bank.map(|bank| {
            let headers = request.headers().clone();
            let design = bank.design(headers.get(ACCEPT_LANGUAGE).map(HeaderValue::as_bytes));
            Self { bank: bank.clone(), design, headers }
        }))
    }
}

impl Visit {
    /// Returns a page with a single text.
    pub(crate) fn message(&self, status: StatusCode, text: &str) -> HttpResponse {
        HttpResponse::build(status).content_type(ContentType::html()).body(self.design.message(text).into_string())
    }
}

/// Returns a page.
pub(crate) fn shown(page: Markup) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::html()).body(page.into_string())
}

/// Returns a redirection with cookies.
pub(crate) fn see(path: &str, cookies: impl IntoIterator<Item = (HeaderName, http::HeaderValue)>) -> HttpResponse {
    let mut response = HttpResponse::SeeOther();
    response.insert_header((LOCATION, path));
    for cookie in cookies {
        response.append_header(Header::from(cookie));
    }
    response.finish()
}

/// Any error. The details go to the log, and the visitor sees none.
#[derive(Debug)]
pub(crate) struct Failure(Failed);

impl<E: Into<Failed>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("internal error")
    }
}

impl ResponseError for Failure {
    fn error_response(&self) -> HttpResponse {
        eprintln!("{}", self.0);
        HttpResponse::InternalServerError().finish()
    }
}
