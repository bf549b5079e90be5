use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

/// What is read of a body; beyond it the connection is given up.
const MAX_BODY: usize = 8 * 1_024;
/// How long a body is waited for once the status is known: it serves to use the connection again, and no more.
const BODY_WITHIN: Duration = Duration::from_secs(1);
/// The longest life of a challenge: nobody waits longer.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(86_400);

/// The answer to a [`Call`](crate::Call). Its body is not handed out.
pub struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) start: Bytes,
}

impl Reply {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// How long to wait before the next attempt (`Retry-After`, RFC 9110 section 10.2.3), at most a day.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Reads the body as far as it is worth it. The status stands already, so a body that is slow, huge or broken changes
/// nothing: the next attempt would do again what has been done.
pub(super) async fn start_of(mut body: Incoming, left: Duration) -> Bytes {
    // Well before the attempt's time is over, when others count it as failed.
    let deadline = Instant::now() + BODY_WITHIN.min(left / 2);
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

/// Both forms: seconds, and a date.
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
