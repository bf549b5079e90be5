use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::code::{DIGITS, PERIOD};
use crate::entropy::{self, Entropy, NoEntropy};
use crate::error::Invalid;
use crate::secret::Secret;
use crate::uri::RESERVED;

/// The shared key of a TOTP enrollment: 160 bits (RFC 4226 section 4, R6).
#[derive(Zeroize, ZeroizeOnDrop)]
#[must_use = "the key is returned only once"]
pub struct TotpKey([u8; 20]);

impl TotpKey {
    /// Returns the key in the form accepted by authenticators: 32 characters of base32 (RFC 4648), without padding.
    #[must_use]
    pub fn to_base32(&self) -> Secret {
        base32::encode(base32::Alphabet::Rfc4648 { padding: false }, &self.0).into()
    }

    /// Returns the `otpauth://totp/` URI that authenticators read from a QR code.
    ///
    /// `issuer` is the name of your service, and `account` is the account name of the user. Authenticators show both. A
    /// colon in either name is percent-encoded, unlike the colon between the names.
    ///
    /// # Errors
    ///
    /// [`Invalid::AccountName`] if either is empty.
    pub fn otpauth_uri(&self, issuer: &str, account: &str) -> Result<Secret, Invalid> {
        if [issuer, account].iter().any(|name| name.is_empty()) {
            return Err(Invalid::AccountName);
        }
        let (issuer, account) = (percent_encode(issuer), percent_encode(account));
        let key = Zeroizing::new(base32::encode(base32::Alphabet::Rfc4648 { padding: false }, &self.0));
        let key = key.as_str();
        Ok(format!(
            "otpauth://totp/{issuer}:{account}?secret={key}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={PERIOD}"
        )
        .into())
    }

    /// Returns the QR code of [`TotpKey::otpauth_uri`] as an SVG image.
    ///
    /// # Errors
    ///
    /// [`Invalid::AccountName`] if the URI cannot be built, or is too long for a QR code.
    #[cfg(feature = "qr")]
    pub fn qr_svg(&self, issuer: &str, account: &str) -> Result<Secret, Invalid> {
        let uri = self.otpauth_uri(issuer, account)?;
        let code = qrcode::QrCode::new(uri.expose()).map_err(|_| Invalid::AccountName)?;
        Ok(code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(240, 240).build().into())
    }

    pub(super) fn generate(entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        entropy::bytes(entropy).map(Self)
    }

    #[cfg(test)]
    pub(crate) const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    pub(super) const fn expose(&self) -> &[u8; 20] {
        &self.0
    }
}

impl fmt::Debug for TotpKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpKey([redacted])")
    }
}

/// Encodes all but the unreserved characters of RFC 3986. A form encoder would write a space as `+`, and authenticators
/// would show the `+`.
fn percent_encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests;
