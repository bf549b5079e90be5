#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, Method, StatusCode};

use super::file::{ASSETS, Asset, address};
use super::serve;
use crate::incoming::Incoming;
use crate::reply::{Content, Reply};
use crate::route_table::ROUTES;

fn request(query: &str, known: Option<&str>) -> Incoming {
    let mut headers = HeaderMap::new();
    headers.extend(known.map(|tag| (IF_NONE_MATCH, tag.parse().unwrap())));
    Incoming {
        user: None,
        id: String::new(),
        method: Method::GET,
        path: String::new(),
        query: query.to_owned(),
        headers,
        body: Bytes::new(),
    }
}

fn header(reply: &Reply, name: &http::HeaderName) -> String {
    let found = reply.headers.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

fn body(reply: &Reply) -> &'static [u8] {
    match reply.content {
        Content::Asset { body, .. } => body,
        Content::Page { .. } | Content::Done { .. } | Content::Leave { .. } => panic!("no asset"),
    }
}

fn text(name: &str) -> &'static str {
    Asset::named(name).unwrap().text
}

#[test]
fn address_with_hash_is_cached_forever() {
    let address = address("/mfa", "challenges.js");
    let (path, query) = address.split_once('?').unwrap();
    assert_eq!(path, "/mfa/assets/challenges.js");
    let reply = serve("challenges.js", &request(query, None)).unwrap();
    assert!(header(&reply, &CACHE_CONTROL).contains("immutable"));
}

#[test]
fn other_addresses_are_validated_each_time() {
    for query in ["", "v=", "v=0123"] {
        let reply = serve("challenges.js", &request(query, None)).unwrap();
        assert_eq!(header(&reply, &CACHE_CONTROL), "public, no-cache", "{query}");
    }
}

#[test]
fn known_asset_is_not_sent_again() {
    let first = serve("challenges.css", &request("", None)).unwrap();
    assert_eq!((first.status, body(&first)), (StatusCode::OK, text("challenges.css").as_bytes()));
    let tag = header(&first, &ETAG);
    let again = serve("challenges.css", &request("", Some(&tag))).unwrap();
    assert_eq!((again.status, body(&again)), (StatusCode::NOT_MODIFIED, &b""[..]));
    let other = serve("challenges.js", &request("", Some(&tag))).unwrap();
    assert_eq!(other.status, StatusCode::OK);
}

#[test]
fn unknown_asset_is_not_found() {
    assert!(serve("../Cargo.toml", &request("", None)).is_err());
}

#[test]
fn scripts_take_at_most_10_kb_compressed() {
    let scripts = ASSETS.iter().filter(|asset| asset.name.ends_with(".js"));
    let size: usize = scripts
        .map(|asset| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(asset.text.as_bytes()).unwrap();
            encoder.finish().unwrap().len()
        })
        .sum();
    assert!(size <= 10_000, "{size}");
}

#[test]
fn every_export_of_the_script_is_declared() {
    let names = |text: &str, keyword: &str| -> Vec<String> {
        let exports = text.lines().filter_map(|line| line.strip_prefix(keyword));
        let words = exports.map(|rest| rest.trim_start_matches("async ").split(' ').nth(1).unwrap());
        let name = words.map(|word| word.chars().take_while(char::is_ascii_alphanumeric).collect());
        let mut names: Vec<String> = name.collect();
        names.sort();
        names
    };
    let exported = names(text("challenges.js"), "export ");
    assert_eq!(exported, names(text("challenges.d.ts"), "export declare "));
    assert!(exported.contains(&"createPasskey".to_owned()), "{exported:?}");
}

#[test]
fn conversions_are_those_of_the_webauthn_crate() {
    assert!(
        text("webauthn-json.js") == challenges_webauthn::BROWSER_MODULE,
        "assets/webauthn-json.js links to js/webauthn-json.js of challenges-webauthn"
    );
}

#[test]
fn worker_posts_to_a_route_that_exists() {
    let worker = text("service-worker.js");
    let rest = worker.split_once("const BROWSERS = new URL(\"").unwrap().1;
    let (path, rest) = rest.split_once('"').unwrap();
    assert!(rest.starts_with(", self.location.href);") && rest.contains("fetch(BROWSERS, { method: \"POST\""));
    assert_eq!(worker.matches("fetch(").count(), 1, "no other request");
    assert!(ROUTES.find(&Method::POST, path).is_ok(), "{path}");
    assert!(ROUTES.find(&Method::POST, &format!("{path}/renew")).is_err(), "control");
}

#[test]
fn assets_refer_to_no_other_host() {
    for asset in ASSETS.iter() {
        assert!(!asset.text.contains("://"), "{}", asset.name);
    }
}

#[test]
fn both_dark_color_schemes_are_equal() {
    let css = text("challenges.css");
    let block = |selector: &str| -> Vec<&str> {
        let rest = css.split_once(selector).unwrap().1;
        rest.split_once('}').unwrap().0.lines().map(str::trim).collect()
    };
    let forced = block(":root[data-theme=\"dark\"] {");
    assert!(forced.len() > 10);
    assert_eq!(forced.join("\n").trim(), block(":root:not([data-theme=\"light\"]) {").join("\n").trim());
}
