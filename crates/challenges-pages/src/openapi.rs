//! The OpenAPI document of the pages, generated from the routes and the data of the pages.

mod schemas;
mod shape;

use serde_json::{Map, Value, json};

use crate::pages::Pages;
use crate::route::{Route, Verb};
use crate::route_table;
use shape::{Response, Session, Shape};

impl Pages {
    /// Returns the OpenAPI document of the JSON form of the pages, as indented JSON. Paths are below the prefix.
    ///
    /// A page is read and changed as JSON by `Accept: application/json`.
    #[must_use]
    pub fn openapi() -> String {
        let mut paths = Map::new();
        for (route, shape) in route_table::all().filter_map(|route| Some((route, Shape::of(route.method, route.path)?)))
        {
            let path = paths.entry(format!("/{}", route.path)).or_insert_with(|| json!({}));
            if let Value::Object(path) = path {
                path.insert(route.method.as_str().to_owned(), operation(route, &shape));
            }
        }
        let document = json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Challenges pages",
                "version": env!("CARGO_PKG_VERSION"),
                "license": { "name": "MIT OR Apache-2.0" },
            },
            "paths": paths,
            "components": {
                "schemas": schemas::all(),
                "securitySchemes": {
                    "session": {
                        "type": "apiKey",
                        "in": "cookie",
                        "name": "session",
                        "description": "The session of the application. The application chooses the name of the cookie",
                    },
                },
            },
        });
        format!("{document:#}\n")
    }
}

impl Verb {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
        }
    }
}

fn operation(route: &Route, shape: &Shape) -> Value {
    let mut responses = Map::new();
    let success = match shape.response {
        Response::Page(schema) => json!({ "description": "Success", "content": content(&reference(schema)) }),
        Response::PageOrLeft(schema) => {
            let either = json!({ "anyOf": [reference(schema), reference("Left")] });
            json!({ "description": "Success", "content": content(&either) })
        }
        Response::Done(Some(schema)) => {
            json!({ "description": "The change is made", "content": content(&reference(schema)) })
        }
        Response::Done(None) => {
            json!({ "description": "The change is made", "content": content(&json!({ "type": "object" })) })
        }
    };
    responses.insert("200".to_owned(), success);
    if let Some(again) = shape.again {
        let refused = json!({ "allOf": [reference(again), reference("FormError")] });
        let refused =
            json!({ "description": "The form is refused, and nothing was changed", "content": content(&refused) });
        responses.insert("422".to_owned(), refused);
    }
    let session = ("401", "Nobody is signed in, or a step-up is needed first");
    let unknown = ("404", "No such id, or the id belongs to another user");
    let malformed = ("400", "The request is malformed");
    let other = ("403", "The request comes from another site");
    let failures = [
        (shape.session != Session::Unused).then_some(session),
        route.path.contains("{id}").then_some(unknown),
        (route.method == Verb::Post).then_some(malformed),
        (route.method == Verb::Post).then_some(other),
        Some(("503", "The service is not available")),
    ];
    for (status, description) in failures.into_iter().flatten() {
        let failure = json!({ "description": description, "content": content(&reference("ErrorMessage")) });
        responses.insert(status.to_owned(), failure);
    }
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.summary,
        "responses": responses,
        "security": match shape.session {
            Session::Required => json!([{ "session": [] }]),
            Session::OrLogin => json!([{}, { "session": [] }]),
            Session::Unused => json!([]),
        },
    });
    if let Value::Object(operation) = &mut operation {
        let parameters = parameters(route, shape);
        if !parameters.is_empty() {
            operation.insert("parameters".to_owned(), parameters.into());
        }
        if let Some(schema) = shape.request {
            let body = json!({ "required": true, "content": content(&reference(schema)) });
            operation.insert("requestBody".to_owned(), body);
        }
    }
    operation
}

/// Returns the name of an operation, such as `post_account_totp_confirm`.
fn operation_id(route: &Route) -> String {
    let words = route.path.split('/').filter(|segment| !segment.starts_with('{'));
    let words: Vec<_> = words.map(|word| word.replace(['-', '.'], "_")).collect();
    format!("{}_{}", route.method.as_str(), words.join("_"))
}

fn parameters(route: &Route, shape: &Shape) -> Vec<Value> {
    let names = route.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    let text = |name: &str, place: &str, required: bool| json!({ "name": name, "in": place, "required": required, "schema": { "type": "string" } });
    let path = names.map(|name| text(name, "path", true));
    path.chain(shape.query.iter().map(|name| text(name, "query", false))).collect()
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn content(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}

#[cfg(test)]
mod tests;
