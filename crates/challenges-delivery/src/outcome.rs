//! What the status of an answer means for a job.

use challenges_core::{Failure, Receipt, Retry};
use http::StatusCode;

use crate::client::Reply;
use crate::error::DeliveryError;

/// Success, or what follows from the lack of it: what may pass is tried again, the rest is not.
pub(crate) fn judge(reply: &Reply) -> Result<Receipt, Failure> {
    let status = reply.status;
    if status.is_success() {
        return Ok(Receipt::of_status(status.as_u16()));
    }
    if status.is_redirection() {
        return Err(failure(Retry::Never, DeliveryError::Redirect(status.as_u16()), status));
    }
    let passing = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS)
        || status.is_server_error();
    let then = if passing { Retry::Later(reply.retry_after) } else { Retry::Never };
    Err(failure(then, DeliveryError::Status(status.as_u16()), status))
}

/// A failure that came with a status.
pub(crate) fn failure(then: Retry, error: DeliveryError, status: StatusCode) -> Failure {
    Failure::new(then, error).with_status(status.as_u16())
}
