//! The response to a request, before the language and the form are chosen.

use http::{HeaderName, HeaderValue, StatusCode};
use maud::Markup;
use serde_json::Value;

use crate::view::{Page, View};

/// The markup of a page, once the language is known.
type Render = Box<dyn FnOnce(View<'_>) -> Markup + Send>;

/// A response.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) content: Content,
}

pub(crate) enum Content {
    /// A page, or its data as JSON.
    Page { title: &'static str, render: Render, data: Value },
    /// The change is made. Browsers go to a path below the prefix; programs get the data.
    Done { see: String, data: Value },
    /// The visitor is done here. Browsers go to a path of the application; programs get the data and the path.
    Leave { to: String, data: Value },
    /// A script, a stylesheet or an image.
    Asset { media_type: &'static str, body: &'static [u8] },
}

impl Reply {
    /// Returns a page with status 200.
    pub(crate) fn page<P: Page + 'static>(page: P) -> Self {
        // Fails only for maps with keys other than text. No page has one.
        let data = serde_json::to_value(&page).unwrap_or_default();
        let render: Render = Box::new(move |view| page.main(view));
        Self { status: StatusCode::OK, headers: Vec::new(), content: Content::Page { title: P::TITLE, render, data } }
    }

    /// Sends the browser to a path below the prefix, for example `account`.
    pub(crate) fn see(path: impl Into<String>) -> Self {
        let content = Content::Done { see: path.into(), data: Value::Object(serde_json::Map::new()) };
        Self { status: StatusCode::SEE_OTHER, headers: Vec::new(), content }
    }

    /// Sends the browser to a path of the application, for example `/transfer`. The path is not from a request, or
    /// checked by `return_to`.
    pub(crate) fn leave(to: impl Into<String>) -> Self {
        let content = Content::Leave { to: to.into(), data: Value::Object(serde_json::Map::new()) };
        Self { status: StatusCode::SEE_OTHER, headers: Vec::new(), content }
    }

    /// Sets the status.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Adds a response header, for example a cookie.
    pub(crate) fn with_header(mut self, (name, value): (HeaderName, HeaderValue)) -> Self {
        self.headers.push((name, value));
        self
    }
}
