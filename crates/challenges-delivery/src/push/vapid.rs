//! Voluntary application server identification (RFC 8292).

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::encoding::{AsBigEndian, EcPrivateKeyBin};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use challenges_core::{Origin, Timestamp};
use serde_json::json;
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::error::DeliveryError;
use crate::network::is_public;

/// Half of the 24 hours that RFC 8292 section 2 allows, to tolerate wrong clocks.
const TOKEN_LIFETIME: Duration = Duration::from_secs(12 * 3_600);
const HEADER: &str = r#"{"typ":"JWT","alg":"ES256"}"#;

/// The key that identifies the application to push services: ECDSA on P-256.
///
/// Keep the key with the application's other secrets. Browsers bind a subscription to the key, so a lost key makes
/// every user subscribe again. A stolen key alone sends no messages: the thief also needs a subscription.
pub struct VapidKey {
    private: Zeroizing<[u8; 32]>,
    public: Vec<u8>,
    pair: EcdsaKeyPair,
}

impl VapidKey {
    /// Generates a key.
    ///
    /// # Errors
    ///
    /// [`DeliveryError::Crypto`] when no random bytes are available.
    pub fn generate() -> Result<Self, DeliveryError> {
        let key = PrivateKey::generate(&ECDH_P256).map_err(|_| DeliveryError::Crypto)?;
        let bytes: EcPrivateKeyBin<'_> = key.as_be_bytes().map_err(|_| DeliveryError::Crypto)?;
        Self::from_bytes(bytes.as_ref())
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, DeliveryError> {
        let private = Zeroizing::new(bytes.try_into().map_err(|_| DeliveryError::VapidKey)?);
        let key = PrivateKey::from_private_key(&ECDH_P256, bytes).map_err(|_| DeliveryError::VapidKey)?;
        let public = key.compute_public_key().map_err(|_| DeliveryError::VapidKey)?.as_ref().to_vec();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, bytes, &public);
        Ok(Self { private, public, pair: pair.map_err(|_| DeliveryError::VapidKey)? })
    }

    /// Returns the secret key as text: 32 bytes in base64url. [`str::parse`] reads this text, and every other form of
    /// base64, with or without quotation marks.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(self.private.as_slice()))
    }

    /// Returns the public key in base64url. Pages pass it to `PushManager.subscribe` as `applicationServerKey`.
    #[must_use]
    pub fn public_key(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.public)
    }

    /// Returns the value of the `Authorization` header (RFC 8292 section 3) for a push service.
    pub(super) fn authorization(
        &self,
        audience: &Origin,
        subject: &VapidSubject,
        now: Timestamp,
    ) -> Result<Zeroizing<String>, DeliveryError> {
        let signed = signing_input(audience, subject, now.after(TOKEN_LIFETIME));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).map_err(|_| DeliveryError::Crypto)?;
        let signature = BASE64_URL_SAFE_NO_PAD.encode(signature);
        Ok(Zeroizing::new(format!("vapid t={signed}.{signature}, k={}", self.public_key())))
    }
}

/// Returns the header and the claims of the token (RFC 8292 section 2), encoded for signing.
fn signing_input(audience: &Origin, subject: &VapidSubject, expires: Timestamp) -> String {
    let claims = json!({ "aud": audience.as_str(), "exp": expires.as_seconds(), "sub": subject.0 }).to_string();
    format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(HEADER), BASE64_URL_SAFE_NO_PAD.encode(claims))
}

impl FromStr for VapidKey {
    type Err = DeliveryError;

    fn from_str(text: &str) -> Result<Self, DeliveryError> {
        let text = Zeroizing::new(text.trim().trim_matches(['"', '\'']).replace('+', "-"));
        let text = Zeroizing::new(text.replace('/', "_"));
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('='));
        let bytes = bytes.map_err(|_| DeliveryError::VapidKey)?;
        Self::from_bytes(&Zeroizing::new(bytes))
    }
}

impl fmt::Debug for VapidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VapidKey").field("public", &self.public_key()).finish_non_exhaustive()
    }
}

/// A contact for push services (RFC 8292 section 2.1): `mailto:` and an address, or an `https://` URL.
///
/// At most 255 ASCII characters. The host is neither localhost nor an IP address outside of the public Internet,
/// because Apple's push service refuses such contacts. Some push services refuse messages without a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VapidSubject(String);

impl FromStr for VapidSubject {
    type Err = DeliveryError;

    fn from_str(text: &str) -> Result<Self, DeliveryError> {
        let plain = text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_graphic());
        let url = match text.strip_prefix("mailto:") {
            Some(address) => mail_host(address),
            None if text.starts_with("https://") => Url::parse(text).ok(),
            None => None,
        };
        if plain && url.is_some_and(|url| is_reachable(&url)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(DeliveryError::VapidSubject)
        }
    }
}

/// Returns the URL of a mail address's host. Header fields after the address, such as `?subject=`, are ignored.
fn mail_host(address: &str) -> Option<Url> {
    let address = address.split_once('?').map_or(address, |(address, _)| address);
    let (name, host) = address.rsplit_once('@')?;
    let host = host.trim_matches(['[', ']']);
    // An address literal (RFC 5321 section 4.1.3) writes IPv6 with a prefix that URLs do not have.
    let host = host.strip_prefix("IPv6:").map_or_else(|| host.to_owned(), |address| format!("[{address}]"));
    let is_host = !host.contains(['/', '#', ':', '>']) || host.starts_with('[');
    let url = Url::parse(&format!("https://{host}/")).ok()?;
    (!name.is_empty() && is_host).then_some(url)
}

fn is_reachable(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            !name.is_empty() && !["localhost", "localdomain"].contains(&name.rsplit('.').next().unwrap_or_default())
        }
        Some(Host::Ipv4(address)) => is_public(address.into()),
        Some(Host::Ipv6(address)) => is_public(address.into()),
        None => false,
    }
}

#[cfg(test)]
mod tests;
