use std::borrow::Cow;
use std::time::Duration;

use challenges_core::{Purpose, Secret};
use cookie::{Cookie, SameSite, time};
use http::HeaderValue;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// The cookie of a [step-up token](challenges_core::step_up::StepUps::grant) (RFC 6265bis).
///
/// | attribute | effect |
/// |---|---|
/// | `__Host-` prefix, `Path=/` | sent to this host only, not to other hosts of the domain |
/// | `Secure` | sent over TLS only |
/// | `HttpOnly` | hidden from scripts |
/// | `SameSite=Strict` | sent with requests from the host's own pages only |
#[derive(Clone, Debug)]
pub struct StepUpCookie {
    name: String,
    secure: bool,
}

const PREFIX: &str = "__Host-";

/// The characters of a purpose that a cookie name cannot have (RFC 9110 section 5.6.2), and the percent sign.
const OUTSIDE_TOKENS: &AsciiSet = &CONTROLS
    .add(b'%')
    .add(b'"')
    .add(b'(')
    .add(b')')
    .add(b',')
    .add(b'/')
    .add(b':')
    .add(b';')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'@')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'{')
    .add(b'}');

impl StepUpCookie {
    /// Creates the cookie of a purpose: `__Host-challenges_step_up_` followed by the purpose. Characters that a cookie
    /// name cannot have are percent-encoded.
    #[must_use]
    pub fn of(purpose: &Purpose) -> Self {
        let name = utf8_percent_encode(purpose.as_str(), OUTSIDE_TOKENS);
        Self { name: format!("{PREFIX}challenges_step_up_{name}"), secure: true }
    }

    /// Creates a cookie with the name `__Host-` followed by `name`.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidCookieName`] unless `name` has 1 to 64 characters of `a-z`, `A-Z`, `0-9`, `-` and `_`, and does
    /// not start with `__`.
    pub fn named(name: &str) -> Result<Self, InvalidCookieName> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(1..=64).contains(&name.len()) || !name.bytes().all(allowed) || name.starts_with("__") {
            return Err(InvalidCookieName);
        }
        Ok(Self { name: format!("{PREFIX}{name}"), secure: true })
    }

    /// Removes `Secure` and the `__Host-` prefix, for development without TLS. Browsers refuse the prefix without TLS.
    ///
    /// # Security
    ///
    /// Anybody on the network can read the token, and other hosts of the domain can replace the cookie.
    #[must_use]
    pub fn danger_without_tls(self) -> Self {
        let name = self.name.strip_prefix(PREFIX).unwrap_or(&self.name).to_owned();
        Self { name, secure: false }
    }

    /// Returns whether browsers send the cookie over TLS only.
    #[must_use]
    pub const fn needs_tls(&self) -> bool {
        self.secure
    }

    /// Returns the name of the cookie, including the prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the `Set-Cookie` value that stores a token for `max_age`.
    pub(super) fn set(&self, token: &Secret, max_age: Duration) -> HeaderValue {
        self.value(token.expose(), max_age)
    }

    /// Returns the `Set-Cookie` value that deletes the cookie.
    pub(super) fn clear(&self) -> HeaderValue {
        self.value("", Duration::ZERO)
    }

    /// Returns the values of this cookie in a `Cookie` header. A browser sends at most one.
    pub(super) fn find(&self, header: Cow<'_, str>) -> impl Iterator<Item = String> {
        // Compared byte for byte: a parser that trims other white space would take the cookie of a sibling host for
        // this one.
        let values = header.split(';').filter_map(|pair| {
            let (name, value) = pair.trim_matches([' ', '\t']).split_once('=')?;
            (name == self.name).then(|| value.to_owned())
        });
        values.collect::<Vec<_>>().into_iter()
    }

    fn value(&self, value: &str, max_age: Duration) -> HeaderValue {
        let cookie = Cookie::build((&self.name, value))
            .path("/")
            .max_age(time::Duration::seconds(max_age.as_secs().try_into().unwrap_or(i64::MAX)))
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(self.secure);
        secret_value(&cookie.to_string())
    }
}

/// Returns a header value whose `Debug` output is redacted.
pub(super) fn secret_value(text: &str) -> HeaderValue {
    let Ok(mut value) = HeaderValue::from_str(text) else { unreachable!("names and tokens are visible ASCII") };
    value.set_sensitive(true);
    value
}

/// The error for an invalid cookie name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("a cookie name must have 1 to 64 characters of a-z, A-Z, 0-9, '-' and '_', and must not start with '__'")]
pub struct InvalidCookieName;
