use std::sync::Arc;

use challenges_core::KeyRing;
use challenges_delivery::{Delivery, Guard, GuardedClient, HttpActions, JsonGateway, Sms, VapidKey, WebPush};

use crate::action_tokens::ActionTokens;
use crate::error::StartError;
use crate::flags::Flags;
use crate::key_file;
use crate::public_url::PublicUrl;

/// Whom a push service may ask about the demo's messages.
const CONTACT: &str = "mailto:demo@example.org";

/// What the text message gateway is sent.
const TEXT_MESSAGE: &str = r#"{ "to": "{to}", "text": "{text}", "id": "{id}" }"#;

/// What leaves the demo: messages and actions.
#[derive(Debug)]
pub(crate) struct Outbound {
    pub(crate) delivery: Delivery,
    /// What browsers subscribe with.
    pub(crate) push_key: String,
    pub(crate) tokens: Arc<ActionTokens>,
    pub(crate) sends_texts: bool,
}

impl Outbound {
    pub(crate) fn new(flags: &Flags, keys: &KeyRing, public_url: &PublicUrl) -> Result<Self, StartError> {
        // Whoever uses the demo names where messages and actions go. A real application lists the hosts of its actions.
        let client = GuardedClient::new(if flags.allow_private_network { anywhere() } else { Guard::any_host() })?;
        let key: VapidKey = key_file::open_or_create(&flags.vapid_file)?;
        let push_key = key.public_key();
        let tokens = Arc::new(ActionTokens::new(keys, public_url.as_str()));
        let push = WebPush::new(client.clone(), key, CONTACT.parse()?);
        let actions = HttpActions::new(client.clone()).token_issuer(Arc::clone(&tokens));
        let mut delivery = Delivery::new().web_push(push).actions(actions);
        if let Some(gateway) = &flags.sms_gateway {
            delivery = delivery.sms(Sms::new(JsonGateway::new(client, gateway, TEXT_MESSAGE)?));
        }
        Ok(Self { delivery, push_key, tokens, sends_texts: flags.sms_gateway.is_some() })
    }
}

/// Lets requests out to wherever a test or a machine without an internet has its servers.
fn anywhere() -> Guard {
    let guard = Guard::any_host().danger_allow_http().danger_allow_any_port();
    let everything = ["0.0.0.0/0", "::/0"].into_iter().filter_map(|network| network.parse().ok());
    everything.fold(guard, Guard::danger_allow_network)
}
