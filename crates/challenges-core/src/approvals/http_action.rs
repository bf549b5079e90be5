use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Invalid;
use crate::uri::{is_http_uri, origin_of};

/// An HTTP request to run after the decision of a one-time-use action.
///
/// | part | bounds |
/// |---|---|
/// | method | 1 to 128 letters or digits |
/// | URI | absolute http(s), at most 1,024 characters |
/// | body | 1 to 250,000 characters |
/// | content type | 1 to 256 characters, no control characters |
/// | scopes | any number of 1 to 511 characters each; without scopes no access token is sent |
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct HttpAction {
    method: String,
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<String>,
}

/// The unchecked parts of an action.
#[derive(Deserialize)]
struct Unchecked {
    method: String,
    uri: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
}

impl HttpAction {
    /// Creates a request without body, content type and scopes.
    ///
    /// # Errors
    ///
    /// [`Invalid::Action`] when the method or URI is out of bounds.
    pub fn new(method: impl Into<String>, uri: impl Into<String>) -> Result<Self, Invalid> {
        let (method, uri) = (method.into(), uri.into());
        let is_method = (1..=128).contains(&method.len()) && method.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_method || !is_http_uri(&uri, 1_024) {
            return Err(Invalid::Action);
        }
        Ok(Self { method, uri, body: None, content_type: None, scopes: Vec::new() })
    }

    /// Sets the body.
    ///
    /// # Errors
    ///
    /// [`Invalid::Action`] when the body is out of bounds.
    pub fn with_body(self, body: impl Into<String>) -> Result<Self, Invalid> {
        let body = within(body.into(), 250_000)?;
        Ok(Self { body: Some(body), ..self })
    }

    /// Sets the content type of the body.
    ///
    /// # Errors
    ///
    /// [`Invalid::Action`] when the content type is out of bounds.
    pub fn with_content_type(self, content_type: impl Into<String>) -> Result<Self, Invalid> {
        let content_type = within(content_type.into(), 256)?;
        if content_type.chars().any(char::is_control) {
            return Err(Invalid::Action);
        }
        Ok(Self { content_type: Some(content_type), ..self })
    }

    /// Sets the scopes of the access token.
    ///
    /// # Errors
    ///
    /// [`Invalid::Action`] when a scope is out of bounds.
    pub fn with_scopes(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, Invalid> {
        let scopes = scopes.into_iter().map(|scope| within(scope.into(), 511)).collect::<Result<_, _>>()?;
        Ok(Self { scopes, ..self })
    }

    /// Returns the HTTP method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the URI.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Returns the body.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    /// Returns the content type of the body.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Returns the scopes of the access token.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }
}

impl TryFrom<Unchecked> for HttpAction {
    type Error = Invalid;

    fn try_from(Unchecked { method, uri, body, content_type, scopes }: Unchecked) -> Result<Self, Invalid> {
        let mut action = Self::new(method, uri)?.with_scopes(scopes)?;
        if let Some(body) = body {
            action = action.with_body(body)?;
        }
        if let Some(content_type) = content_type {
            action = action.with_content_type(content_type)?;
        }
        Ok(action)
    }
}

fn within(text: String, max: usize) -> Result<String, Invalid> {
    if (1..=max).contains(&text.chars().count()) { Ok(text) } else { Err(Invalid::Action) }
}

impl fmt::Debug for HttpAction {
    /// Leaves out the body and the path: the address of a webhook is often a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = origin_of(&self.uri).unwrap_or_default();
        f.debug_struct("HttpAction").field("method", &self.method).field("origin", &origin).finish_non_exhaustive()
    }
}
