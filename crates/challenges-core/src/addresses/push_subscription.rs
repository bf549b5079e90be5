use std::fmt;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::{Deserialize, Serialize};

use crate::ceremony::decode_base64;
use crate::error::Invalid;
use crate::uri::normal_uri;

/// A push subscription (RFC 8030 section 4, RFC 8291 section 2), as handed out by a browser.
///
/// Deserializes from the JSON of `PushSubscription.toJSON()` in the browser, and from the flat form that `Serialize`
/// writes: `endpoint`, `p256dh` and `auth`. `Debug` prints no part of the subscription.
///
/// # Examples
///
/// ```
/// use challenges_core::endpoints::PushSubscription;
///
/// let json = r#"{
///     "endpoint": "https://push.example.org/1",
///     "expirationTime": null,
///     "keys": {
///         "p256dh": "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
///         "auth": "AAECAwQFBgcICQoLDA0ODw"
///     }
/// }"#;
/// let subscription: PushSubscription = serde_json::from_str(json)?;
/// assert_eq!(subscription.endpoint(), "https://push.example.org/1");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct PushSubscription {
    endpoint: String,
    p256dh: String,
    auth: String,
}

/// An unchecked subscription, with the keys in `keys` or beside the endpoint.
#[derive(Deserialize)]
struct Unchecked {
    endpoint: String,
    keys: Option<UncheckedKeys>,
    p256dh: Option<String>,
    auth: Option<String>,
}

#[derive(Deserialize)]
struct UncheckedKeys {
    p256dh: String,
    auth: String,
}

impl PushSubscription {
    /// Creates a subscription from the URL of the push service and the keys of the browser.
    ///
    /// | part | form |
    /// |---|---|
    /// | `endpoint` | `https://` URL of at most 2,048 characters, without a fragment; kept in the normal form of the URL Standard |
    /// | `p256dh` | public key of 65 bytes, in base64 or base64url, padded or not |
    /// | `auth` | authentication secret of 16 bytes, in base64 or base64url, padded or not |
    ///
    /// # Errors
    ///
    /// [`Invalid::PushSubscription`] when a part is malformed.
    pub fn new(endpoint: &str, p256dh: &str, auth: &str) -> Result<Self, Invalid> {
        // Clients do not send a fragment (RFC 3986 section 3.5), so fragments would turn one address into many.
        let endpoint = normal_uri(endpoint, 2_048).filter(|uri| uri.starts_with("https://") && !uri.contains('#'));
        let key = |text: &str, length: usize| {
            let bytes = decode_base64(text).filter(|bytes| bytes.len() == length)?;
            Some(BASE64_URL_SAFE_NO_PAD.encode(bytes))
        };
        match (endpoint, key(p256dh, 65), key(auth, 16)) {
            (Some(endpoint), Some(p256dh), Some(auth)) => Ok(Self { endpoint, p256dh, auth }),
            _ => Err(Invalid::PushSubscription),
        }
    }

    /// Returns the URL of the push service.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the public key of the browser, in base64url without padding.
    #[must_use]
    pub fn p256dh(&self) -> &str {
        &self.p256dh
    }

    /// Returns the authentication secret of the browser, in base64url without padding.
    #[must_use]
    pub fn auth(&self) -> &str {
        &self.auth
    }
}

impl TryFrom<Unchecked> for PushSubscription {
    type Error = Invalid;

    fn try_from(parts: Unchecked) -> Result<Self, Invalid> {
        let given = |key: Option<String>| key.filter(|key| !key.is_empty());
        match (parts.keys, given(parts.p256dh), given(parts.auth)) {
            (Some(keys), None, None) => Self::new(&parts.endpoint, &keys.p256dh, &keys.auth),
            (None, Some(p256dh), Some(auth)) => Self::new(&parts.endpoint, &p256dh, &auth),
            _ => Err(Invalid::PushSubscription),
        }
    }
}

impl fmt::Debug for PushSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushSubscription([redacted])")
    }
}

#[cfg(test)]
mod tests;
