//! Cookies of the pages, sealed by the service.

use std::time::Duration;

use challenges_core::{Error, Timestamp};
use cookie::{Cookie, SameSite, time};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::pages::Pages;

/// The sealed content of a cookie.
#[derive(Serialize, Deserialize)]
struct Content<T> {
    until: Timestamp,
    value: T,
}

impl Pages {
    /// Returns the header that stores a sealed value in the browser. After `max_age` the browser drops the cookie, and
    /// [`open_cookie`](Self::open_cookie) refuses a copy.
    pub(crate) fn seal_cookie<T: Serialize>(
        &self,
        name: &str,
        value: &T,
        max_age: Duration,
    ) -> Result<(HeaderName, HeaderValue), Error> {
        let challenges = &self.shared.challenges;
        let content = Content { until: challenges.now().after(max_age), value };
        let text = serde_json::to_string(&content).map_err(Error::Body)?;
        Ok(self.set_cookie(name, &challenges.seal_text(name, &text)?, max_age))
    }

    /// Returns the value of a sealed cookie, or `None` for an absent, expired, forged or repeated cookie.
    pub(crate) fn open_cookie<T: DeserializeOwned>(&self, headers: &HeaderMap, name: &str) -> Option<T> {
        let challenges = &self.shared.challenges;
        let text = challenges.open_text(name, &self.cookie(headers, name)?).ok()?;
        let content: Content<T> = serde_json::from_str(text.expose()).ok()?;
        (challenges.now() < content.until).then_some(content.value)
    }

    /// Returns the header that sets a cookie (RFC 6265bis) for this host only, hidden from scripts. Pages of other sites
    /// cannot send the cookie with a form, but links from other sites can.
    pub(crate) fn set_cookie(&self, name: &str, value: &str, max_age: Duration) -> (HeaderName, HeaderValue) {
        let seconds = max_age.as_secs().try_into().unwrap_or(i64::MAX);
        let cookie = Cookie::build((self.cookie_name(name), value))
            .path("/")
            .max_age(time::Duration::seconds(seconds))
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.is_secure());
        // Sealed texts are visible ASCII.
        let mut value = HeaderValue::try_from(cookie.to_string()).unwrap_or(HeaderValue::from_static(""));
        value.set_sensitive(true);
        (SET_COOKIE, value)
    }

    /// Returns the header that deletes a cookie.
    pub(crate) fn clear_cookie(&self, name: &str) -> (HeaderName, HeaderValue) {
        self.set_cookie(name, "", Duration::ZERO)
    }

    /// Returns the value of a cookie. Several cookies of the name are ambiguous and count as none.
    pub(crate) fn cookie(&self, headers: &HeaderMap, name: &str) -> Option<String> {
        let wanted = self.cookie_name(name);
        let texts: Vec<_> =
            headers.get_all(COOKIE).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        // Compared byte for byte: a parser that trims other white space would take the cookie of a sibling host for
        // this one.
        let mut values = texts.iter().flat_map(|text| text.split(';')).filter_map(|pair| {
            let (name, value) = pair.trim_matches([' ', '\t']).split_once('=')?;
            (name == wanted).then_some(value)
        });
        let (value, None) = (values.next()?, values.next()) else { return None };
        Some(value.to_owned())
    }

    fn cookie_name(&self, name: &str) -> String {
        if self.is_secure() { format!("__Host-{name}") } else { name.to_owned() }
    }

    fn is_secure(&self) -> bool {
        self.shared.origin.as_str().starts_with("https:")
    }
}
