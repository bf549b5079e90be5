//! The OpenAPI document, generated from the routes and the wire types.

mod schemas;
mod shape;

use serde_json::{Map, Value, json};

use crate::route::{Bearer, ROUTES, Route};
use shape::{Parameter, Shape};

pub use schemas::named_schema;

/// Returns the document as indented JSON.
pub(crate) fn document() -> String {
    let mut paths = Map::new();
    for route in &ROUTES {
        let path = paths.entry(route.resource.template()).or_insert_with(|| json!({}));
        if let Value::Object(path) = path {
            path.insert(route.method.as_str().to_ascii_lowercase(), operation(route));
        }
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Challenges API",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas::all(),
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
        },
    });
    format!("{document:#}\n")
}

fn operation(route: &Route) -> Value {
    let shape = Shape::of(route.operation);
    let mut responses = Map::new();
    let success = match shape.response {
        Some(schema) => json!({ "description": "Success", "content": content(schema) }),
        None => json!({ "description": "Success" }),
    };
    responses.insert(shape.status.to_owned(), success);
    let bearer = match route.bearer {
        Bearer::Required => Some(("401", "Missing or invalid bearer token")),
        Bearer::Optional => Some(("401", "A challenge with a purpose, or a host that requires a bearer token")),
        Bearer::Unused => None,
    };
    let large = shape.request.map(|_| ("413", "Body too large"));
    for (status, description) in shape.failures.iter().copied().chain(bearer).chain(large) {
        let failure = json!({ "description": description, "content": content("ErrorMessage") });
        responses.insert(status.to_owned(), failure);
    }
    let mut operation = json!({
        "operationId": route.operation_id,
        "summary": shape.summary,
        "tags": ["Challenges"],
        "responses": responses,
        "security": match route.bearer {
            Bearer::Required => json!([{ "bearer": [] }]),
            Bearer::Optional => json!([{}, { "bearer": [] }]),
            Bearer::Unused => json!([]),
        },
    });
    if let Value::Object(operation) = &mut operation {
        let parameters = parameters(route, shape.query);
        if !parameters.is_empty() {
            operation.insert("parameters".to_owned(), parameters.into());
        }
        if let Some(schema) = shape.request {
            operation.insert("requestBody".to_owned(), json!({ "required": true, "content": content(schema) }));
        }
    }
    operation
}

fn content(schema: &str) -> Value {
    json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } })
}

fn parameters(route: &Route, query: &[Parameter]) -> Vec<Value> {
    let names = route.resource.template().split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    let path =
        names.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
    path.chain(query.iter().map(Parameter::describe)).collect()
}
