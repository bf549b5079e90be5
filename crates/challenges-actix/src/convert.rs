//! Conversions between version 0.2 of the `http` crate, used by actix-web, and version 1.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use challenges_http::Response;

use crate::Header;

/// Converts a request and replaces its URI by `target`.
pub(crate) fn request<B>(request: &HttpRequest, target: &str, body: B) -> http::Result<http::Request<B>> {
    let converted = http::Request::builder().method(request.method().as_str()).uri(target);
    let headers = request.headers().iter();
    let converted = headers.fold(converted, |builder, (name, value)| builder.header(name.as_str(), value.as_bytes()));
    converted.body(body)
}

pub(crate) fn response(response: Response) -> HttpResponse {
    let (head, body) = response.into_parts();
    let mut converted = HttpResponse::build(status(head.status));
    for (name, value) in &head.headers {
        converted.append_header(Header::from((name.clone(), value.clone())));
    }
    converted.body(body.into_inner().unwrap_or_default())
}

pub(crate) fn status(status: http::StatusCode) -> StatusCode {
    StatusCode::from_u16(status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
