//! Scripts and stylesheets, with validators for caches.

pub(crate) mod file;

use http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use http::{HeaderName, HeaderValue, StatusCode};

use self::file::{Asset, WORKER};
use crate::incoming::Incoming;
use crate::problem::Problem;
use crate::reply::{Content, Reply};
use crate::route::{Route, Verb};

/// The `Cache-Control` of addresses with the hash of the content.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// The `Cache-Control` of other addresses: browsers ask each time, and get 304.
const VALIDATE: HeaderValue = HeaderValue::from_static("public, no-cache");

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
