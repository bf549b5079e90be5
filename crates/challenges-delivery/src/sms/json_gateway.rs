use std::fmt;

use async_trait::async_trait;
use challenges_core::outbox::{Failure, Receipt};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method};
use serde_json::{Map, Value};

use super::{SmsGateway, TextMessage};
use crate::client::{GuardedClient, Request};
use crate::error::DeliveryError;
use crate::outcome::outcome;
use crate::template::{Placeholder, Placeholders, Template};

const PLACEHOLDERS: Placeholders =
    Placeholders { allowed: &[Placeholder::To, Placeholder::Text, Placeholder::Id], names: "{to}, {text} and {id}" };

/// A gateway that accepts a JSON document by POST and responds with a 2xx status.
///
/// The document is a template. Its strings may contain these placeholders:
///
/// | placeholder | value |
/// |---|---|
/// | `{to}` | the phone number; required |
/// | `{text}` | the text; required |
/// | `{id}` | the idempotency key, also sent as the `Idempotency-Key` header |
///
/// Values are inserted into the parsed document, so no value can change the document's structure.
#[derive(Clone)]
pub struct JsonGateway {
    client: GuardedClient,
    url: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    document: Document,
}

impl JsonGateway {
    /// Creates a gateway that posts `document` to `url`.
    ///
    /// # Errors
    ///
    /// [`DeliveryError`] when the client's guard blocks the URL, or the document is not JSON, has an unknown
    /// placeholder, or lacks `{to}` or `{text}`.
    pub fn new(client: GuardedClient, url: &str, document: &str) -> Result<Self, DeliveryError> {
        client.guard().check(url)?;
        let document = serde_json::from_str(document).map_err(DeliveryError::TemplateJson)?;
        let document = Document::parse(document)?;
        for (placeholder, name) in [(Placeholder::To, "{to}"), (Placeholder::Text, "{text}")] {
            if !document.has(placeholder) {
                return Err(DeliveryError::TemplateLacks(name));
            }
        }
        Ok(Self { client, url: url.to_owned(), headers: Vec::new(), document })
    }

    /// Adds a header, such as `Authorization`. The value is never printed.
    ///
    /// # Errors
    ///
    /// [`DeliveryError::Header`] when the name or value contains characters that HTTP does not allow.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, DeliveryError> {
        let name = name.parse().map_err(|_| DeliveryError::Header)?;
        let mut value = HeaderValue::from_str(value).map_err(|_| DeliveryError::Header)?;
        value.set_sensitive(true);
        self.headers.push((name, value));
        Ok(self)
    }
}

#[async_trait]
impl SmsGateway for JsonGateway {
    async fn send(&self, message: &TextMessage<'_>) -> Result<Receipt, Failure> {
        let id = message.id.to_string();
        let document = self.document.fill(&|placeholder| match placeholder {
            Placeholder::To => message.to.as_str(),
            Placeholder::Text => message.text,
            _ => &id,
        });
        let mut request = Request::new(Method::POST, &self.url)
            .header(CONTENT_TYPE, "application/json")?
            .idempotency_key(message.id)?
            .body(document.to_string());
        for (name, value) in &self.headers {
            request = request.header(name.clone(), value)?;
        }
        outcome(&self.client.send(request, message.timeout).await?)
    }
}

impl fmt::Debug for JsonGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonGateway").field("client", &self.client).finish_non_exhaustive()
    }
}

/// A JSON document whose strings are templates.
#[derive(Clone)]
enum Document {
    Plain(Value),
    Text(Template),
    List(Vec<Document>),
    Object(Vec<(String, Document)>),
}

impl Document {
    fn parse(value: Value) -> Result<Self, DeliveryError> {
        Ok(match value {
            Value::String(text) => Self::Text(Template::parse(&text, PLACEHOLDERS)?),
            Value::Array(values) => Self::List(values.into_iter().map(Self::parse).collect::<Result<_, _>>()?),
            Value::Object(members) => {
                let members = members.into_iter().map(|(name, value)| Ok((name, Self::parse(value)?)));
                Self::Object(members.collect::<Result<_, DeliveryError>>()?)
            }
            plain => Self::Plain(plain),
        })
    }

    fn has(&self, placeholder: Placeholder) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Text(template) => template.has(placeholder),
            Self::List(items) => items.iter().any(|item| item.has(placeholder)),
            Self::Object(members) => members.iter().any(|(_, member)| member.has(placeholder)),
        }
    }

    fn fill<'a>(&'a self, value: &impl Fn(Placeholder) -> &'a str) -> Value {
        match self {
            Self::Plain(plain) => plain.clone(),
            Self::Text(template) => Value::String(template.fill(value).to_string()),
            Self::List(items) => Value::Array(items.iter().map(|item| item.fill(value)).collect()),
            Self::Object(members) => {
                let members = members.iter().map(|(name, member)| (name.clone(), member.fill(value)));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}
