//! A text message: confirming a phone number, and a challenge answered with the code of the message.
//!
//! ```sh
//! cargo run -p challenges --example sms --features delivery
//! ```

use anyhow::Context as _;
use async_trait::async_trait;
use challenges::delivery::{Delivery, Dispatcher, Sms, SmsGateway, TextMessage};
use challenges::endpoints::PhoneNumber;
use challenges::memory::MemoryStore;
use challenges::outbox::{Failure, Retry};
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, Grant, KeyRing, Owner, Policy, Secret};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Your provider. `Twilio` and `JsonGateway` are ready to use; this gateway stands for the user's phone.
#[derive(Debug)]
struct Phone(UnboundedSender<String>);

#[async_trait]
impl SmsGateway for Phone {
    async fn send(&self, message: &TextMessage<'_>) -> Result<Option<u16>, Failure> {
        // Pass `message.id` on as the idempotency key: a message may be sent again after a lost response.
        self.0.send(message.text.to_owned()).map_err(|_| Failure::new(Retry::Later(None), "no phone"))?;
        Ok(None)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut policy = Policy::default();
    policy.message_code_digits = Some(6); // A code beside the link, for the page that asked.
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?)
        .policy(policy)
        .answer_page("https://bank.example/answer".parse()?)
        .build()
        .await?;
    let (sent, mut phone) = unbounded_channel();
    let delivery = Delivery::new().sms(Sms::new(Phone(sent)));
    let dispatcher = Dispatcher::new(challenges.clone(), delivery).spawn();

    // The number is a factor once the user has typed the code that was sent to it.
    let (alice, first) = (Owner::user("alice")?, Grant::first_factor());
    let number = PhoneNumber::from_typed("+41 79 123 45 67")?;
    let added = challenges.endpoints().register_phone(alice.clone(), &first, number).await?;
    let code = next_code(&mut phone).await?;
    let added = challenges.endpoints().confirm(&alice, &first, added.id(), &code).await?;
    let account = challenges.account(&alice).status().await?;
    println!("confirmed {}", account.address(added.id()).context("no address")?);

    // Challenge and message are one commit. The dispatcher sends, and retries after failures.
    let spec = ChallengeSpec::new(ChallengeType::Sms)?;
    let id = challenges.create(alice.clone(), spec).await?.challenge.id();
    let answer = Answer::allow(id, ChallengeType::Sms, next_code(&mut phone).await?).by_owner(&alice);
    let passed = challenges.answer(answer).await?.passed().context("declined")?;
    dispatcher.stop().await;
    println!("{} passed with the code of the message", passed.owner().user_id());
    Ok(())
}

/// Waits for a message and returns the code, which is the only word of six digits.
async fn next_code(phone: &mut UnboundedReceiver<String>) -> anyhow::Result<Secret> {
    let text = phone.recv().await.context("no message")?;
    let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|letter| letter.is_ascii_digit());
    Ok(Secret::from_typed(words.find(is_code).context("no code")?))
}
