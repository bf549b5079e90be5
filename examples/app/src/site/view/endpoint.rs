use challenges_core::endpoints::{Address, Endpoint, PushSubscription};
use serde::Serialize;
use url::Url;

/// A phone number or a browser.
#[derive(Serialize)]
pub(in crate::site) struct EndpointView {
    id: String,
    state: &'static str,
    name: String,
    text: &'static str,
    created: u64,
}

impl EndpointView {
    pub(in crate::site) fn new(endpoint: &Endpoint, address: &Address) -> Self {
        let (state, text) = match (endpoint.is_confirmed(), endpoint.is_enabled()) {
            (false, _) => ("pending", "Waiting for the code in the message"),
            (true, false) => ("disabled", "Disabled"),
            (true, true) => ("ready", "Ready"),
        };
        let name = match address {
            Address::Phone(number) => number.as_str().to_owned(),
            Address::Email(address) => address.as_str().to_owned(),
            Address::Push(subscription) => format!("Browser, by {}", push_service(subscription)),
            _ => "Unknown".to_owned(),
        };
        Self { id: endpoint.id().to_string(), state, name, text, created: endpoint.created().as_millis() }
    }
}

fn push_service(subscription: &PushSubscription) -> String {
    let url = Url::parse(subscription.endpoint()).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}
