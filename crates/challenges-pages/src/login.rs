//! The login flow: from the password to the session.

mod check;
mod finish;

pub use check::{LoginError, SecondFactor, SecondFactorCheck};
pub use finish::Login;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::login_cookies::{FRESH, PENDING};
use crate::pages::Pages;
use crate::return_to;

impl Pages {
    /// Returns the path, or `/` for anything that could lead to another site. Use this before a redirect to a path from
    /// the request. Browsers read a backslash as a slash, and drop tabs and line breaks.
    #[must_use]
    pub fn own_path(path: &str) -> &str {
        return_to::checked(Some(path))
    }

    /// Returns the headers that delete the cookies of the pages and gates from the browser. Add them to the response of
    /// the application's sign-out. A trusted browser stays trusted.
    #[must_use]
    pub fn sign_out(&self) -> Vec<(HeaderName, HeaderValue)> {
        let gates = &self.shared.gates;
        let purposes = Self::login_purpose().into_iter().chain(gates.iter().map(|gate| gate.purpose().clone()));
        let factor = purposes.map(|purpose| self.clear_cookie(&crate::factor::cookie_name(&purpose)));
        let own = [PENDING, FRESH].map(|name| self.clear_cookie(name));
        own.into_iter().chain(factor).chain(gates.iter().filter_map(challenges_http::StepUpGate::forget)).collect()
    }
}

/// Copies the headers of a request, from version 0.2 or 1 of the `http` crate.
fn copied<N: AsRef<str>, V: AsRef<[u8]>>(headers: impl IntoIterator<Item = (N, V)>) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::try_from(name.as_ref());
        let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_ref())) else { continue };
        map.append(name, value);
    }
    map
}
