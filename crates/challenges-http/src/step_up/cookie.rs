use std::time::Duration;

use challenges_core::StepUpToken;
use http::HeaderValue;

/// The cookie that holds a [`StepUpToken`]: for this host only (`__Host-`), over TLS only, out of reach of scripts, and sent
/// with requests of the host's own pages only (RFC 6265bis).
#[derive(Clone, Debug)]
pub struct StepUpCookie {
    name: String,
    secure: bool,
}

const PREFIX: &str = "__Host-";

impl Default for StepUpCookie {
    /// `__Host-challenges_step_up`.
    fn default() -> Self {
        Self { name: format!("{PREFIX}challenges_step_up"), secure: true }
    }
}

impl StepUpCookie {
    /// The cookie `__Host-` and that name.
    ///
    /// # Errors
    ///
    /// [`InvalidCookieName`] when it is not 1 to 64 characters of `a-z`, `A-Z`, `0-9`, `-` and `_`, or starts with `__`.
    pub fn named(name: &str) -> Result<Self, InvalidCookieName> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(1..=64).contains(&name.len()) || !name.bytes().all(allowed) || name.starts_with("__") {
            return Err(InvalidCookieName);
        }
        Ok(Self { name: format!("{PREFIX}{name}"), secure: true })
    }

    /// The same without TLS, and so without `__Host-`, which browsers take over TLS only. For development alone: whoever
    /// listens has the token, and any page of the domain can put another one in its place.
    #[must_use]
    pub fn danger_without_tls(self) -> Self {
        let name = self.name.strip_prefix(PREFIX).unwrap_or(&self.name).to_owned();
        Self { name, secure: false }
    }

    /// Its whole name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value of `Set-Cookie` that stores a token for so many seconds.
    pub(super) fn set(&self, token: &StepUpToken, max_age: Duration) -> HeaderValue {
        self.value(token.expose(), max_age)
    }

    /// The value of `Set-Cookie` that removes it.
    pub(super) fn clear(&self) -> HeaderValue {
        self.value("", Duration::ZERO)
    }

    /// Its values in a `Cookie` header, of which there should be one.
    pub(super) fn find<'a>(&self, header: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        let pairs = header.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
        pairs.filter_map(|pair| pair.strip_prefix(self.name.as_bytes())?.strip_prefix(b"="))
    }

    fn value(&self, value: &str, max_age: Duration) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let (name, max_age) = (&self.name, max_age.as_secs());
        secret_value(&format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}"))
    }
}

/// A header's value that is not printed.
pub(super) fn secret_value(text: &str) -> HeaderValue {
    let Ok(mut value) = HeaderValue::from_str(text) else { unreachable!("names and tokens are visible ASCII") };
    value.set_sensitive(true);
    value
}

/// A cookie cannot have that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name of a cookie is 1 to 64 characters of a-z, A-Z, 0-9, '-' and '_', and does not start with '__'")]
pub struct InvalidCookieName;
