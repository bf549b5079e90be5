//! E-mail: confirming an address, and a challenge answered by the link. E-mail is not a second factor by itself.
//!
//! ```sh
//! cargo run -p challenges --example mail --features delivery
//! ```

use anyhow::Context as _;
use async_trait::async_trait;
use challenges::delivery::{Delivery, Dispatcher, Email, EmailMessage, Mailer};
use challenges::endpoints::EmailAddress;
use challenges::memory::MemoryStore;
use challenges::outbox::{Failure, Retry};
use challenges::{Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Grant, KeyRing, Owner, Secret};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Your mail server. `SmtpMailer` (feature `smtp`) is ready to use; this mailer stands for the user's mailbox.
#[derive(Debug)]
struct Mailbox(UnboundedSender<String>);

#[async_trait]
impl Mailer for Mailbox {
    async fn send(&self, message: &EmailMessage<'_>) -> Result<Option<u16>, Failure> {
        self.0.send(message.text.to_owned()).map_err(|_| Failure::new(Retry::Later(None), "no mailbox"))?;
        Ok(None)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?)
        .answer_page("https://bank.example/answer".parse()?)
        .build()
        .await?;
    let (sent, mut mailbox) = unbounded_channel();
    let delivery = Delivery::new().email(Email::new(Mailbox(sent)));
    let dispatcher = Dispatcher::new(challenges.clone(), delivery).spawn();

    let (alice, first) = (Owner::user("alice")?, Grant::first_factor());
    let address = EmailAddress::from_typed("alice@mail.example")?;
    let added = challenges.endpoints().register_email(alice.clone(), &first, address).await?;
    let text = mailbox.recv().await.context("no mail")?;
    let is_code = |word: &&str| word.len() >= 6 && word.bytes().all(|letter| letter.is_ascii_digit());
    let code = text.split(|letter: char| !letter.is_ascii_digit()).find(is_code).context("no code")?;
    challenges.endpoints().confirm(&alice, &first, added.id(), &code.into()).await?;
    let account = challenges.account(&alice).status().await?;
    assert!(!account.has_factor(), "whoever reads the mail can often reset the password too");
    println!("confirmed {}", account.address(added.id()).context("no address")?);

    // `Challenges::ask` never offers e-mail, so name the type. `with_description` tells the user what the link allows.
    let spec = ChallengeSpec::new(ChallengeType::Email)?.with_description("Change your address?".parse()?);
    let asked = challenges.create(alice.clone(), spec).await?.challenge.id();
    let text = mailbox.recv().await.context("no mail")?;
    let link = text.split_whitespace().find(|word| word.contains('#')).context("no link")?;

    // On the answer page: the secret is in the fragment, and the script posts it after a click.
    let (page, secret) = link.split_once("#challenge_answer=").context("no secret")?;
    let id = page.split(['?', '&']).find_map(|part| part.strip_prefix("challenge_id=")).context("no id")?;
    let id: ChallengeId = id.parse()?;
    assert_eq!(id, asked);
    let answer = Answer::allow(id, ChallengeType::Email, Secret::from(secret)).by_owner(&alice);
    let passed = challenges.answer(answer).await?.passed().context("declined")?;
    dispatcher.stop().await;
    println!("{} passed with the link", passed.owner().user_id());
    Ok(())
}
