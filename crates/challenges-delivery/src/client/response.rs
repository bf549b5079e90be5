use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

/// The maximum length of a body. A longer body closes the connection.
const MAX_BODY: usize = 8 * 1_024;
/// The maximum length of a body that decides the outcome.
const MAX_DECIDING_BODY: usize = 64 * 1_024;
/// The maximum time to read a body that decides nothing: such a body serves only the reuse of the connection and the
/// reason for a refusal.
const BODY_TIMEOUT: Duration = Duration::from_secs(1);
/// The maximum of `Retry-After`: one day, the longest lifetime of a challenge.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(86_400);

/// The response to a [`Request`](crate::Request). The body is not exposed.
pub struct Response {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) headers: HeaderMap,
    pub(crate) body_start: Bytes,
    /// `true` if the body was read to its end.
    pub(crate) has_whole_body: bool,
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

/// Reads the start of a body. Also returns whether this is the whole body.
///
/// A slow, huge or broken body is not an error: its status shows that the request took effect, and an error would repeat
/// that effect. A body that decides the outcome is read for longer.
pub(super) async fn read_start(mut body: Incoming, decides: bool, left: Duration) -> (Bytes, bool) {
    // Half of the time left, because at the end of the attempt the job counts as failed.
    let (max, longest) = if decides { (MAX_DECIDING_BODY, left) } else { (MAX_BODY, BODY_TIMEOUT) };
    let deadline = Instant::now() + longest.min(left / 2);
    let mut start = BytesMut::new();
    loop {
        let data = match timeout_at(deadline, body.frame()).await {
            Ok(None) => return (start.freeze(), true),
            Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
            Ok(Some(Err(_))) | Err(_) => return (start.freeze(), false),
        };
        let room = max - start.len();
        let Some(rest) = data.get(room..).filter(|rest| !rest.is_empty()) else {
            start.extend_from_slice(&data);
            continue;
        };
        start.extend_from_slice(data.get(..data.len() - rest.len()).unwrap_or_default());
        return (start.freeze(), false);
    }
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
