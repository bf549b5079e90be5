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

impl TryIntoHeaderPair for Header {
    type Error = HttpError;

    fn try_into_pair(self) -> Result<(HeaderName, HeaderValue), HttpError> {
        let name = HeaderName::from_bytes(self.name.as_str().as_bytes())?;
        let mut value = HeaderValue::from_bytes(self.value.as_bytes())?;
        value.set_sensitive(self.value.is_sensitive());
        Ok((name, value))
    }
}
