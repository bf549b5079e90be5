use std::fmt;
use std::str::FromStr;

use email_address::{EmailAddress as Parsed, Options};
use serde::{Deserialize, Serialize};
use url::Host;

use crate::error::Invalid;
use crate::typed::without_spaces;

/// The longest address: a path of RFC 5321 section 4.5.3.1.3 without the angle brackets.
const MAX_LENGTH: usize = 254;

/// An e-mail address (RFC 5321 section 4.1.2), as a dot-atom and a domain.
///
/// | part | form |
/// |---|---|
/// | before the `@` | 1 to 64 ASCII characters (section 4.5.3.1.1), kept as given; no quoted form |
/// | domain | a host name with at least two labels, in lower case; international names in Punycode (UTS #46); no IP address |
/// | in all | at most 254 characters |
///
/// Parsing takes an international domain in either form. Addresses outside of ASCII (RFC 6531) are refused, because
/// many servers do not transport them.
///
/// Two addresses are equal if they differ in the case of letters only. Section 2.4 lets a server distinguish the cases,
/// but no common server does. Dots and `+` tags distinguish addresses. In the
/// [limits of messages to an address](crate::policy::SendPolicy), all tags of an address count together.
///
/// `Debug` prints no part of the address.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Parses an address as typed or pasted by a person. Drops spaces and invisible characters.
    ///
    /// # Errors
    ///
    /// [`Invalid::EmailAddress`] if the rest is not an address.
    ///
    /// # Examples
    ///
    /// ```
    /// use challenges_core::endpoints::EmailAddress;
    ///
    /// assert_eq!(EmailAddress::from_typed(" Alice@M\u{fc}nchen.Example ")?.as_str(), "Alice@xn--mnchen-3ya.example");
    /// # Ok::<(), challenges_core::Invalid>(())
    /// ```
    pub fn from_typed(text: &str) -> Result<Self, Invalid> {
        without_spaces(text).parse()
    }

    /// Returns the address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part before the `@`, and the domain.
    pub(crate) fn parts(&self) -> (&str, &str) {
        self.0.rsplit_once('@').unwrap_or(("", &self.0))
    }

    /// Returns the name of the mailbox in the limits of messages: in lower case, without the tag (RFC 5233). Otherwise
    /// one mailbox could receive the messages of any number of addresses.
    pub(crate) fn mailbox(&self) -> String {
        let (local, domain) = self.parts();
        let untagged = local.split_once('+').map_or(local, |(untagged, _)| untagged);
        format!("{untagged}@{domain}").to_ascii_lowercase()
    }
}

impl FromStr for EmailAddress {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (local, domain) = text.rsplit_once('@').ok_or(Invalid::EmailAddress)?;
        // A host of a URL may be percent-encoded, and the domain of an address may not.
        let domain = match Host::parse(domain) {
            Ok(Host::Domain(ascii)) if !domain.contains('%') => ascii,
            Ok(_) | Err(_) => return Err(Invalid::EmailAddress),
        };
        let is_host = domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
        let text = format!("{local}@{domain}");
        let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
        let is_address = Parsed::parse_with_options(&text, options).is_ok();
        let is_plain = text.is_ascii() && !local.starts_with('"') && text.len() <= MAX_LENGTH;
        if is_host && is_address && is_plain { Ok(Self(text)) } else { Err(Invalid::EmailAddress) }
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for EmailAddress {}

impl TryFrom<String> for EmailAddress {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress([redacted])")
    }
}

#[cfg(test)]
mod tests;
