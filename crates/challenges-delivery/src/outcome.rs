//! Responses as outcomes of a job.

use challenges_core::outbox::{Failure, Receipt, Retry};
use http::StatusCode;

use crate::client::Response;
use crate::error::DeliveryError;

/// Classifies a response by its status: success, retry, or permanent failure.
pub(crate) fn outcome(response: &Response) -> Result<Receipt, Failure> {
    let status = response.status;
    if status.is_success() {
        return Ok(Receipt::of_status(status.as_u16()));
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

/// Creates a failure with an HTTP status.
pub(crate) fn failure(then: Retry, error: DeliveryError, status: StatusCode) -> Failure {
    Failure::new(then, error).with_status(status.as_u16())
}
