use std::fmt;

use async_trait::async_trait;
use challenges_core::outbox::{Failure, Retry};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method};
use serde_json::{Map, Value};

use super::{SmsGateway, TextMessage};
use crate::client::{GuardedClient, Request, Response};
use crate::error::DeliveryError;
use crate::outcome::{explain, failure, keyed_outcome};
use crate::reason::secret_words;
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
/// Some gateways respond with status 200 to refused messages too. [`error_member`](Self::error_member) and
/// [`success_member`](Self::success_member) name the member of the response that shows a refusal.
///
/// Values are inserted into the parsed document, so no value can change the document's structure.
#[derive(Clone)]
pub struct JsonGateway {
    client: GuardedClient,
    url: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    document: Document,
    checks: Vec<Check>,
    unquoted_key: bool,
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
        Ok(Self { client, url: url.to_owned(), headers: Vec::new(), document, checks: Vec::new(), unquoted_key: false })
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

    /// Names a member whose presence in a 2xx response means that the gateway refused the message: the name of a member
    /// such as `error`, or a JSON pointer (RFC 6901) such as `/result/error`.
    ///
    /// The values `null`, `false`, zero, `"0"` and anything empty mean no error, as does a body that is not JSON. A
    /// refused message fails permanently, or is retried if the response has a `Retry-After` header.
    ///
    /// A response is also retried, under the same key, when its body does not end within half of the time left for the
    /// attempt, or is longer than 64 KiB: nothing shows then whether the gateway accepted the message.
    #[must_use]
    pub fn error_member(mut self, member: &str) -> Self {
        self.checks.push(Check::Error { pointer: pointer(member) });
        self
    }

    /// Names a member of a 2xx response, as for [`error_member`](Self::error_member), and the value of that member when
    /// the gateway accepts the message. A number or boolean is compared with `value` read as JSON.
    ///
    /// Any other whole response counts as a refusal, including a response without the member.
    #[must_use]
    pub fn success_member(mut self, member: &str, value: &str) -> Self {
        self.checks.push(Check::Success { pointer: pointer(member), value: value.to_owned() });
        self
    }

    /// Sends the `Idempotency-Key` without quotes, for gateways that do not read the header as a structured field (RFC
    /// 9651).
    #[must_use]
    pub fn unquoted_idempotency_key(self) -> Self {
        Self { unquoted_key: true, ..self }
    }

    fn outcome(&self, response: &Response, attempt: u32) -> Result<Option<u16>, Failure> {
        let status = keyed_outcome(response, attempt)?;
        if !self.checks.is_empty() && !response.has_whole_body {
            let error = DeliveryError::Exchange("the body of the response is incomplete".into());
            return Err(failure(Retry::Later(response.retry_after), error, response.status));
        }
        let body = serde_json::from_slice(&response.body_start).unwrap_or(Value::Null);
        if self.checks.iter().all(|check| check.accepts(&body)) {
            return Ok(status);
        }
        let then = response.retry_after.map_or(Retry::Never, |wait| Retry::Later(Some(wait)));
        Err(failure(then, DeliveryError::GatewayRefused(response.status.as_u16()), response.status))
    }
}

#[async_trait]
impl SmsGateway for JsonGateway {
    async fn send(&self, message: &TextMessage<'_>) -> Result<Option<u16>, Failure> {
        let id = message.id.to_string();
        let document = self.document.fill(&|placeholder| match placeholder {
            Placeholder::To => message.to.as_str(),
            Placeholder::Text => message.text,
            _ => &id,
        });
        let mut request =
            Request::new(Method::POST, &self.url).header(CONTENT_TYPE, "application/json")?.body(document.to_string());
        request = match self.unquoted_key {
            true => request.unquoted_idempotency_key(message.id)?,
            false => request.idempotency_key(message.id)?,
        };
        request = request.body_decides(!self.checks.is_empty());
        for (name, value) in &self.headers {
            request = request.header(name.clone(), value)?;
        }
        let response = self.client.send(request, message.timeout).await?;
        let headers = self.headers.iter().filter_map(|(_, value)| value.to_str().ok());
        let mut secrets = vec![message.to.as_str(), message.text, &self.url];
        secrets.extend(self.url.split(['/', '?', '=', '&', ':', '@']).filter(|part| part.len() >= 8));
        self.document.add_literals(&mut secrets);
        secrets.extend(headers.flat_map(str::split_whitespace).chain(secret_words(message.text)));
        explain(self.outcome(&response, message.attempt), &response, &secrets)
    }
}

impl fmt::Debug for JsonGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonGateway").field("client", &self.client).finish_non_exhaustive()
    }
}

/// A condition on the body of a successful response.
#[derive(Clone)]
enum Check {
    Error { pointer: String },
    Success { pointer: String, value: String },
}

impl Check {
    fn accepts(&self, body: &Value) -> bool {
        match self {
            Self::Error { pointer } => body.pointer(pointer).is_none_or(is_no_error),
            Self::Success { pointer, value } => match body.pointer(pointer) {
                Some(Value::String(text)) => text == value,
                Some(plain) => serde_json::from_str::<Value>(value).is_ok_and(|expected| expected == *plain),
                None => false,
            },
        }
    }
}

fn is_no_error(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(failed) => !failed,
        Value::Number(code) => code.as_f64() == Some(0.0),
        Value::String(text) => matches!(text.trim(), "" | "0"),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

/// Returns the JSON pointer of a member given by name or by pointer.
fn pointer(member: &str) -> String {
    if member.starts_with('/') {
        return member.to_owned();
    }
    format!("/{}", member.replace('~', "~0").replace('/', "~1"))
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

    /// Adds the fixed texts of the members, among them credentials.
    fn add_literals<'a>(&'a self, texts: &mut Vec<&'a str>) {
        match self {
            Self::Plain(_) => {}
            Self::Text(template) => texts.extend(template.literals()),
            Self::List(items) => items.iter().for_each(|item| item.add_literals(texts)),
            Self::Object(members) => members.iter().for_each(|(_, member)| member.add_literals(texts)),
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
