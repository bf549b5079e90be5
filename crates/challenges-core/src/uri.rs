//! Origins and URIs from outside, parsed once and compared exactly.

mod host;
mod http_uri;
mod origin;
mod response_uri;

pub use origin::Origin;
pub use response_uri::ResponseUri;

pub(crate) use host::Host;
pub(crate) use http_uri::{has_public_name, is_http_uri, normal_uri, origin_of};
pub(crate) use response_uri::RESERVED;

use http_uri::HttpUri;

/// The maximum length of an origin or response URI, in characters.
const MAX_URI: usize = 2_048;

#[cfg(test)]
mod tests;
