//! Web push with number matching: the page that asks shows two digits, and the user types them in the other browser.
//!
//! ```sh
//! cargo run -p challenges --example web_push --features delivery
//! ```

use anyhow::Context as _;
use async_trait::async_trait;
use challenges::delivery::{Delivery, Dispatcher, Guard, GuardedClient, VapidKey, WebPush};
use challenges::memory::MemoryStore;
use challenges::outbox::{Errand, Failure, Job, Message, Retry};
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, Courier, Grant, KeyRing, Owner, Secret};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// The result of `JSON.stringify(await registration.pushManager.subscribe(...))` in the user's browser.
const SUBSCRIPTION: &str = r#"{
    "endpoint": "https://push.example.org/1",
    "keys": {
        "p256dh": "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
        "auth": "AAECAwQFBgcICQoLDA0ODw"
    }
}"#;

/// The courier of your service: sends encrypted and signed messages to the browser's push service.
fn web_push(key: VapidKey) -> anyhow::Result<Delivery> {
    let client = GuardedClient::new(Guard::any_host())?;
    Ok(Delivery::new().web_push(WebPush::new(client, key, "mailto:admin@bank.example".parse()?)))
}

/// Stands for the push service and the browser, so that the example needs no network.
#[derive(Debug)]
struct Browser(UnboundedSender<Secret>);

#[async_trait]
impl Courier for Browser {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        let Errand::Push { message: Message::Link { link, .. }, .. } = &job.errand else {
            return Err(Failure::new(Retry::Never, "only push messages here"));
        };
        self.0.send(link.expose().into()).map_err(|_| Failure::new(Retry::Later(None), "no browser"))?;
        Ok(Some(201))
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?)
        .answer_page("https://bank.example/answer".parse()?)
        .build()
        .await?;
    let key = VapidKey::generate()?; // Generate once, and keep `to_text`. Subscriptions belong to the key.
    println!("applicationServerKey: {} characters", key.public_key().len());
    let _production = web_push(key)?;
    let (sent, mut browser) = unbounded_channel();
    let dispatcher = Dispatcher::new(challenges.clone(), Browser(sent)).spawn();

    let alice = Owner::user("alice")?;
    let subscription = serde_json::from_str(SUBSCRIPTION)?;
    challenges.endpoints().register_push(alice.clone(), &Grant::first_factor(), subscription).await?;

    let spec = ChallengeSpec::new(ChallengeType::WebPush)?.with_number_match();
    let created = challenges.create(alice.clone(), spec).await?;
    let shown = created.number.context("no number")?;
    let link = browser.recv().await.context("no message")?;
    let secret = link.expose().split(['?', '&']).find_map(|part| part.strip_prefix("challenge_answer="));
    let secret = secret.context("no secret")?;

    // A user who approves without looking types no number, or the wrong one.
    let answer = || Answer::allow(created.challenge.id(), ChallengeType::WebPush, secret);
    assert!(challenges.answer(answer()).await.is_err());
    let passed = challenges.answer(answer().with_number(shown.expose())).await?.passed().context("declined")?;
    dispatcher.stop().await;
    println!("{} passed with the number", passed.owner().user_id());
    Ok(())
}
