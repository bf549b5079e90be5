use actix_web::HttpResponse;
use actix_web::error::HttpError;
use actix_web::http::header::{HeaderName, HeaderValue, TryIntoHeaderPair};

/// A header of [`StepUpGate`](crate::StepUpGate), for `append_header` of actix-web.
///
/// actix-web uses version 0.2 of the `http` crate. This type converts the header and keeps its sensitive mark, so that
/// the `Debug` output of a response does not show the token.
///
/// # Examples
///
/// ```
/// use actix_web::HttpResponse;
/// use challenges_actix::{Error, Header, StepUpGate};
/// use challenges_core::Passed;
///
/// fn granted(gate: &StepUpGate, passed: &Passed) -> Result<HttpResponse, Error> {
///     Ok(HttpResponse::Ok().append_header(Header::from(gate.grant(passed)?)).finish())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Header {
    name: http::HeaderName,
    value: http::HeaderValue,
}

impl From<(http::HeaderName, http::HeaderValue)> for Header {
    fn from((name, value): (http::HeaderName, http::HeaderValue)) -> Self {
        Self { name, value }
    }
}

/// Adds headers to a finished response, such as those of `Pages::sign_out` and `SecondFactor::Trusted`.
///
/// # Examples
///
/// ```
/// use actix_web::HttpResponse;
/// use challenges_actix::{Error, StepUpGate, with_headers};
/// use challenges_core::Passed;
///
/// fn granted(gate: &StepUpGate, passed: &Passed) -> Result<HttpResponse, Error> {
///     Ok(with_headers(HttpResponse::Ok().finish(), [gate.grant(passed)?]))
/// }
/// ```
#[must_use]
pub fn with_headers(
    mut response: HttpResponse,
    headers: impl IntoIterator<Item = (http::HeaderName, http::HeaderValue)>,
) -> HttpResponse {
    for header in headers {
        // Both versions of the `http` crate have the same names and values.
        let Ok((name, value)) = Header::from(header).try_into_pair() else { continue };
        response.headers_mut().append(name, value);
    }
    response
}

impl TryIntoHeaderPair for Header {
    type Error = HttpError;

    fn try_into_pair(self) -> Result<(HeaderName, HeaderValue), HttpError> {
        let name = HeaderName::from_bytes(self.name.as_str().as_bytes())?;
        let mut value = HeaderValue::from_bytes(self.value.as_bytes())?;
        value.set_sensitive(self.value.is_sensitive());
        Ok((name, value))
    }
}
