//! Sends one push message to a subscription, to try a browser, a push service or another implementation.
//!
//! Usage: `push ENDPOINT P256DH AUTH [ROOT_CERTIFICATE_IN_DER]`, with the key in the environment variable `VAPID_KEY`.
//! With a root certificate, the client trusts that certificate only, and the guard allows the loopback network at the
//! endpoint's port.

use std::env;
use std::fs;
use std::time::Duration;

use anyhow::{Context as _, bail};
use challenges_core::endpoints::PushSubscription;
use challenges_core::outbox::{Errand, Job, Message};
use challenges_core::{Courier as _, Owner};
use challenges_delivery::{Delivery, Guard, GuardedClient, WebPush};
use url::Url;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let (endpoint, p256dh, auth, root) = match arguments.as_slice() {
        [endpoint, p256dh, auth] => (endpoint, p256dh, auth, None),
        [endpoint, p256dh, auth, root] => (endpoint, p256dh, auth, Some(root)),
        _ => bail!("usage: push ENDPOINT P256DH AUTH [ROOT_CERTIFICATE_IN_DER]"),
    };
    let client = match root {
        None => GuardedClient::new(Guard::any_host())?,
        Some(root) => {
            let port = Url::parse(endpoint)?.port_or_known_default().context("the endpoint has no port")?;
            let guard = Guard::any_host().allow_port(port).danger_allow_network("127.0.0.0/8".parse()?);
            GuardedClient::builder(guard).without_system_roots().root_certificate(fs::read(root)?).build()?
        }
    };
    let push = WebPush::new(client, env::var("VAPID_KEY")?.parse()?, "mailto:admin@example.org".parse()?);
    let message = Message::Link {
        link: "https://login.example.org/answer?challenge_answer=example".into(),
        code: None,
        origin: Some("https://shop.example.org".parse()?),
        remaining: Duration::from_secs(600),
    };
    let errand = Errand::Push { to: PushSubscription::new(endpoint, p256dh, auth)?, message };
    let id = "0001000000000000000000000000000000000007";
    let job = Job::new(id.parse()?, Owner::user("alice")?, Some(id.parse()?), errand);
    let status = Delivery::new().web_push(push).perform(&job).await?;
    println!("sent: HTTP status {:?}", status);
    Ok(())
}
