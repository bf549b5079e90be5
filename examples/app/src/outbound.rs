use challenges_core::KeyRing;
use challenges_delivery::{Delivery, Email, Guard, GuardedClient, HttpActions, JsonGateway, Sms, WebPush};
use challenges_pages::{Catalogue, TranslatedDelivery};
use tokio::task::spawn_blocking;

use crate::action_tokens::ActionTokens;
use crate::bank::Users;
use crate::error::StartError;
use crate::flags::Flags;
use crate::key_file;
use crate::printed::Printed;
use crate::public_url::PublicUrl;

/// The contact for push services (`sub` of VAPID, RFC 8292 section 2.1).
const CONTACT: &str = "mailto:demo@example.org";

/// The request body for the SMS gateway.
const TEXT_MESSAGE: &str = r#"{ "to": "{to}", "text": "{text}", "id": "{id}" }"#;

/// The delivery of messages and actions.
#[derive(Debug)]
pub(crate) struct Outbound {
    pub(crate) delivery: TranslatedDelivery,
    /// The rules for outbound requests, for push subscriptions too.
    pub(crate) guard: Guard,
    /// The public VAPID key, for push subscriptions.
    pub(crate) push_key: String,
    /// The JWK set of action tokens.
    pub(crate) key_set: String,
}

impl Outbound {
    pub(crate) fn new(
        flags: &Flags,
        keys: &KeyRing,
        public_url: &PublicUrl,
        users: &Users,
        catalogue: &Catalogue,
    ) -> Result<Self, StartError> {
        // Users of the demo choose the hosts of actions. A real application lists the allowed hosts.
        let guard = if flags.allow_private_network { anywhere() } else { Guard::any_host() };
        let client = GuardedClient::new(guard.clone())?;
        let key = key_file::open_or_create(&flags.vapid_file)?;
        let push_key = key.public_key();
        let tokens = ActionTokens::new(keys, public_url.as_str());
        let key_set = tokens.key_set().to_string();
        let push = WebPush::new(client.clone(), key, CONTACT.parse()?);
        let actions = HttpActions::new(client.clone()).token_issuer(tokens);
        let sms = match &flags.sms_gateway {
            Some(gateway) => Sms::new(JsonGateway::new(client, gateway, TEXT_MESSAGE)?),
            None => Sms::new(Printed),
        };
        let delivery = Delivery::new().web_push(push).actions(actions).sms(sms).email(Email::new(Printed));
        let users = users.clone();
        let delivery = TranslatedDelivery::new(delivery, catalogue, move |owner| {
            let users = users.clone();
            async move {
                let found = spawn_blocking(move || users.language(owner.user_id())).await;
                found.ok().and_then(Result::ok).flatten().unwrap_or_default()
            }
        })?;
        Ok(Self { delivery, guard, push_key, key_set })
    }
}

/// Returns a guard that allows every address, for servers of tests and of machines without internet access.
fn anywhere() -> Guard {
    let guard = Guard::any_host().danger_allow_http().danger_allow_any_port();
    let everything = ["0.0.0.0/0", "::/0"].into_iter().filter_map(|network| network.parse().ok());
    everything.fold(guard, Guard::danger_allow_network)
}
