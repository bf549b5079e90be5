//! The arguments and results of the bank's handlers.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use demo_app::{Bank, Design, Failed};

/// An extractor for the bank, its pages in the language of the visitor, and the headers of the request.
pub(crate) struct Visit {
    pub(crate) bank: Bank,
    pub(crate) design: Design,
    pub(crate) headers: HeaderMap,
}

impl FromRequestParts<Bank> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, bank: &Bank) -> Result<Self, Infallible> {
        let headers = parts.headers.clone();
        let design = bank.design(headers.get(ACCEPT_LANGUAGE).map(HeaderValue::as_bytes));
        Ok(Self { bank: bank.clone(), design, headers })
    }
}

/// Any error. The details go to the log, and the visitor sees none.
pub(crate) struct Failure(Failed);

impl<E: Into<Failed>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        eprintln!("{}", self.0);
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
