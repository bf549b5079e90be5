//! Scripts and stylesheets, with validators for caches.

use std::sync::LazyLock;

use http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use http::{HeaderName, HeaderValue, StatusCode};
use sha2::{Digest as _, Sha256};

use crate::incoming::Incoming;
use crate::problem::Problem;
use crate::reply::{Content, Reply};
use crate::route::{Route, Verb};

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const STYLESHEET: &str = "text/css; charset=utf-8";
const TYPES: &str = "application/typescript; charset=utf-8";

/// For addresses with the hash of the content.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// For addresses without: ask each time, and get 304.
const VALIDATE: HeaderValue = HeaderValue::from_static("public, no-cache");

/// The worker stands beside `assets`, because its scope is the folder of its address.
const WORKER: &str = "service-worker.js";

static ASSETS: LazyLock<[Asset; 5]> = LazyLock::new(|| {
    [
        Asset::new("challenges.css", STYLESHEET, include_str!("../assets/challenges.css")),
        Asset::new("challenges.js", JAVASCRIPT, include_str!("../assets/challenges.js")),
        Asset::new("challenges.d.ts", TYPES, include_str!("../assets/challenges.d.ts")),
        Asset::new("webauthn-json.js", JAVASCRIPT, include_str!("../assets/webauthn-json.js")),
        Asset::new(WORKER, JAVASCRIPT, include_str!("../assets/service-worker.js")),
    ]
});

/// The routes of this domain.
pub(crate) const ROUTES: &[Route] = &[
    Route {
        method: Verb::Get,
        path: "assets/{id}",
        summary: "A script or stylesheet of the pages",
        consumes: false,
        handler: |_, incoming| Box::pin(async move { serve(&incoming.id, incoming) }),
    },
    Route {
        method: Verb::Get,
        path: WORKER,
        summary: "The service worker that shows push messages",
        consumes: false,
        handler: |_, incoming| Box::pin(async move { serve(WORKER, incoming) }),
    },
];

/// A file of the pages.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    text: &'static str,
    /// The first half of the SHA-256 of the text, in hexadecimal digits.
    hash: String,
}

impl Asset {
    fn new(name: &'static str, media_type: &'static str, text: &'static str) -> Self {
        let hash = Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { name, media_type, text, hash }
    }

    fn named(name: &str) -> Option<&'static Self> {
        ASSETS.iter().find(|asset| asset.name == name)
    }
}

/// Returns the path of an asset, with the hash of its content. A new release has new addresses.
pub(crate) fn address(prefix: &str, name: &str) -> String {
    let hash = Asset::named(name).map(|asset| asset.hash.as_str()).unwrap_or_default();
    format!("{prefix}/assets/{name}?v={hash}")
}

fn serve(name: &str, incoming: &Incoming) -> Result<Reply, Problem> {
    let asset = Asset::named(name).ok_or(Problem::NoSuchPage)?;
    let tag = format!("\"{}\"", asset.hash);
    let is_known = incoming.header(IF_NONE_MATCH.as_str()).contains(&tag);
    let is_versioned = incoming.query.strip_prefix("v=") == Some(&asset.hash);
    let mut headers: Vec<(HeaderName, HeaderValue)> =
        vec![(CACHE_CONTROL, if is_versioned { FOREVER } else { VALIDATE })];
    headers.extend(HeaderValue::try_from(tag).map(|tag| (ETAG, tag)));
    let (status, body) = if is_known { (StatusCode::NOT_MODIFIED, "") } else { (StatusCode::OK, asset.text) };
    Ok(Reply { status, headers, content: Content::Asset { media_type: asset.media_type, body: body.as_bytes() } })
}

#[cfg(test)]
mod tests;
