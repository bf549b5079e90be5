#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::Value;

use super::shape::Shape;
use crate::pages::Pages;
use crate::route_table;

/// The folders of routes without a JSON form.
const WITHOUT_JSON: [&str; 2] = ["assets/", "service-worker.js"];

#[test]
fn every_route_is_in_the_openapi_document() {
    let document: Value = serde_json::from_str(&Pages::openapi()).unwrap();
    for route in route_table::all() {
        if WITHOUT_JSON.iter().any(|without| route.path.starts_with(without)) {
            continue;
        }
        assert!(Shape::of(route.method, route.path).is_some(), "{:?} {}", route.method, route.path);
        let operation = &document["paths"][format!("/{}", route.path)][route.method.as_str()];
        assert_eq!(operation["summary"], route.summary, "{:?} {}", route.method, route.path);
    }
}
