//! The files of the pages, and their addresses.

use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const STYLESHEET: &str = "text/css; charset=utf-8";
const TYPES: &str = "application/typescript; charset=utf-8";

/// The service worker, beside `assets` because the scope of a worker is the folder of its address.
pub(super) const WORKER: &str = "service-worker.js";

pub(super) static ASSETS: LazyLock<[Asset; 5]> = LazyLock::new(|| {
    [
        Asset::new("challenges.css", STYLESHEET, include_str!("../../assets/challenges.css")),
        Asset::new("challenges.js", JAVASCRIPT, include_str!("../../assets/challenges.js")),
        Asset::new("challenges.d.ts", TYPES, include_str!("../../assets/challenges.d.ts")),
        Asset::new("webauthn-json.js", JAVASCRIPT, include_str!("../../assets/webauthn-json.js")),
        Asset::new(WORKER, JAVASCRIPT, include_str!("../../assets/service-worker.js")),
    ]
});

/// A file of the pages.
pub(super) struct Asset {
    pub(super) name: &'static str,
    pub(super) media_type: &'static str,
    pub(super) text: &'static str,
    /// The first half of the SHA-256 of the text, in hexadecimal digits.
    pub(super) hash: String,
}

impl Asset {
    fn new(name: &'static str, media_type: &'static str, text: &'static str) -> Self {
        let hash = Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { name, media_type, text, hash }
    }

    pub(super) fn named(name: &str) -> Option<&'static Self> {
        ASSETS.iter().find(|asset| asset.name == name)
    }
}

/// Returns the path of an asset, with the hash of its content. A new release has new addresses.
pub(crate) fn address(prefix: &str, name: &str) -> String {
    let hash = Asset::named(name).map(|asset| asset.hash.as_str()).unwrap_or_default();
    format!("{prefix}/assets/{name}?v={hash}")
}
