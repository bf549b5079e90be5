//! A passkey: registering, and a challenge that proves possession and user verification at once.
//!
//! ```sh
//! cargo run -p challenges --example passkey --features webauthn
//! ```

use anyhow::Context as _;
use challenges::memory::MemoryStore;
use challenges::webauthn::{Preference, RegistrationResponse, Webauthn, WebauthnEnrollmentSpec};
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, EndpointRef, Grant, KeyRing, Owner};
use challenges_testkit::webauthn::SecurityKey;

const ORIGIN: &str = "https://bank.example";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let webauthn = Webauthn::builder().relying_party("bank.example".parse()?, [ORIGIN.parse()?]).build()?;
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).webauthn(webauthn).build().await?;
    let alice = Owner::user("alice")?;
    let mut key = SecurityKey::new(1); // Stands for the browser and the authenticator.

    // In the browser: navigator.credentials.create({ publicKey:
    //     PublicKeyCredential.parseCreationOptionsFromJSON(options) }), and JSON.stringify of the result.
    let spec = WebauthnEnrollmentSpec::new("bank.example".parse()?).with_user_verification(Preference::Required);
    let first = Grant::first_factor();
    let id = challenges.webauthn().create(alice.clone(), &first, spec).await?.id();
    let options = challenges.webauthn().creation_options(&alice, id, "alice@bank.example").await?;
    let response = key.create(&options, ORIGIN)?.sign().json().to_string();
    let response = RegistrationResponse::from_json(&response)?;
    let passkey = challenges.webauthn().confirm(&alice, &first, id, &response).await?;
    println!("registered: {}", passkey.is_completed());

    // In the browser: navigator.credentials.get with parseRequestOptionsFromJSON.
    let ask = async || {
        let spec = ChallengeSpec::new(ChallengeType::Webauthn)?.with_endpoints(vec![EndpointRef::webauthn(id)]);
        let id = challenges.create(alice.clone(), spec).await?.challenge.id();
        let options = challenges.webauthn().request_options(id).await?;
        Ok::<_, challenges::Error>((id, options))
    };
    let (challenge, options) = ask().await?;
    let signed = key.get(&options, ORIGIN)?.sign().answer();
    let answer = Answer::allow(challenge, ChallengeType::Webauthn, signed).by_owner(&alice);
    let passed = challenges.answer(answer).await?.passed().context("declined")?;
    assert!(passed.credential().is_some_and(|used| used.is_user_verified()));

    // The signature for a page at another origin is refused.
    let (challenge, options) = ask().await?;
    let phished = key.get(&options, "https://bank.example.evil.example")?.sign().answer();
    let answer = Answer::allow(challenge, ChallengeType::Webauthn, phished).by_owner(&alice);
    println!("phishing page: {}", challenges.answer(answer).await.err().context("another origin")?);
    println!("passed with a verified user");
    Ok(())
}
