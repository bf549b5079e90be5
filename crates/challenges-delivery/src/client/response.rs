use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

/// The maximum length of a body. A longer body closes the connection.
const MAX_BODY: usize = 8 * 1_024;
/// The maximum time to read a body. Bodies serve only the reuse of connections and the reasons for refusals.
const BODY_TIMEOUT: Duration = Duration::from_secs(1);
/// The maximum of `Retry-After`: one day, the longest lifetime of a challenge.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(86_400);

/// The response to a [`Request`](crate::Request). The body is not exposed.
pub struct Response {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) headers: HeaderMap,
    pub(crate) body_start: Bytes,
}

impl Response {
    /// Returns the HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns how long to wait before the next attempt (`Retry-After`, RFC 9110 section 10.2.3), at most one day.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Reads the start of a body. A slow, huge or broken body is not an error: its status shows that the request took
/// effect, and an error would repeat that effect.
pub(super) async fn read_start(mut body: Incoming, left: Duration) -> Bytes {
    // Half of the time left, because at the end of the attempt the job counts as failed.
    let deadline = Instant::now() + BODY_TIMEOUT.min(left / 2);
    let mut start = BytesMut::new();
    while let Ok(Some(Ok(frame))) = timeout_at(deadline, body.frame()).await {
        let Ok(data) = frame.into_data() else { continue };
        if start.len() + data.len() > MAX_BODY {
            break;
        }
        start.extend_from_slice(&data);
    }
    start.freeze()
}

/// Parses `Retry-After` as seconds or as a date.
pub(super) fn retry_after(value: &HeaderValue, now: SystemTime) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_or(MAX_RETRY_AFTER, Duration::from_secs)
    } else {
        httpdate::parse_http_date(text).ok()?.duration_since(now).unwrap_or_default()
    };
    Some(wait.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests;
