use std::fmt;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::{Deserialize, Serialize};

use crate::error::Invalid;
use crate::uri::is_http_uri;

/// A push subscription (RFC 8030 section 4, RFC 8291 section 2), as handed out by a browser.
///
/// `Debug` prints no part of the subscription.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct PushSubscription {
    endpoint: String,
    p256dh: String,
    auth: String,
}

/// A subscription as read, unchecked.
#[derive(Deserialize)]
struct Unchecked {
    endpoint: String,
    p256dh: String,
    auth: String,
}

impl PushSubscription {
    /// Creates a subscription from the URL of the push service and the keys of the browser.
    ///
    /// | part | form |
    /// |---|---|
    /// | `endpoint` | `https://` URL of at most 2,048 characters, without a fragment |
    /// | `p256dh` | public key of 65 bytes, in base64url |
    /// | `auth` | authentication secret of 16 bytes, in base64url |
    ///
    /// # Errors
    ///
    /// [`Invalid::PushSubscription`] when a part is malformed.
    pub fn new(endpoint: &str, p256dh: &str, auth: &str) -> Result<Self, Invalid> {
        let length =
            |key: &str| BASE64_URL_SAFE_NO_PAD.decode(key.trim_end_matches('=')).map_or(0, |bytes| bytes.len());
        // Clients do not send a fragment (RFC 3986 section 3.5), so fragments would turn one address into many.
        let secure = endpoint.starts_with("https://") && !endpoint.contains('#') && is_http_uri(endpoint, 2_048);
        if !secure || length(p256dh) != 65 || length(auth) != 16 {
            return Err(Invalid::PushSubscription);
        }
        Ok(Self { endpoint: endpoint.to_owned(), p256dh: p256dh.to_owned(), auth: auth.to_owned() })
    }

    /// Returns the URL of the push service.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the public key of the browser, in base64url.
    #[must_use]
    pub fn p256dh(&self) -> &str {
        &self.p256dh
    }

    /// Returns the authentication secret of the browser, in base64url.
    #[must_use]
    pub fn auth(&self) -> &str {
        &self.auth
    }
}

impl TryFrom<Unchecked> for PushSubscription {
    type Error = Invalid;

    fn try_from(parts: Unchecked) -> Result<Self, Invalid> {
        Self::new(&parts.endpoint, &parts.p256dh, &parts.auth)
    }
}

impl fmt::Debug for PushSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushSubscription([redacted])")
    }
}
