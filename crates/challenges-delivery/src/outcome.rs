//! Responses as outcomes of a job.

use challenges_core::outbox::{Failure, Retry};
use http::StatusCode;

use crate::client::Response;
use crate::error::DeliveryError;
use crate::reason::ServiceReason;

/// Classifies a response by its status: success, retry, or permanent failure.
pub(crate) fn outcome(response: &Response) -> Result<Option<u16>, Failure> {
    let status = response.status;
    if status.is_success() {
        return Ok(Some(status.as_u16()));
    }
    if status.is_redirection() {
        return Err(failure(Retry::Never, DeliveryError::Redirect(status.as_u16()), status));
    }
    let transient =
        matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS)
            || status.is_server_error();
    let then = if transient { Retry::Later(response.retry_after) } else { Retry::Never };
    Err(failure(then, DeliveryError::Status(status.as_u16()), status))
}

/// Classifies the response to a request with an idempotency key.
///
/// From the second attempt on, status 409 means that an earlier attempt is still in progress.
pub(crate) fn keyed_outcome(response: &Response, attempt: u32) -> Result<Option<u16>, Failure> {
    if response.status == StatusCode::CONFLICT && attempt > 1 {
        let then = Retry::Later(response.retry_after);
        return Err(failure(then, DeliveryError::Status(response.status.as_u16()), response.status));
    }
    outcome(response)
}

/// Extends a failure by the reason given in the response.
pub(crate) fn explain(
    outcome: Result<Option<u16>, Failure>,
    response: &Response,
    secrets: &[&str],
) -> Result<Option<u16>, Failure> {
    outcome.map_err(|failure| {
        let Some(reason) = ServiceReason::read(&response.headers, &response.body_start, secrets) else {
            return failure;
        };
        let Failure { then, reason: error, .. } = failure;
        match error.downcast::<DeliveryError>() {
            Ok(error) => self::failure(then, DeliveryError::Explained { error, reason }, response.status),
            Err(other) => Failure::new(then, other).with_status(response.status.as_u16()),
        }
    })
}

/// Creates a failure with an HTTP status.
pub(crate) fn failure(then: Retry, error: DeliveryError, status: StatusCode) -> Failure {
    Failure::new(then, error).with_status(status.as_u16())
}
