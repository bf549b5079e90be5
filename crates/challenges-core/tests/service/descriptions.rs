use challenges_core::approvals::OneTimeUseAction;
use challenges_core::store::{Kind, Load};
use challenges_core::{ChallengeSpec, ChallengeType, Description, Error, Owner, Store as _, Timeout};

use crate::harness::{Host, owner};
use crate::tagging::{json, rewrite};

fn description(text: &str) -> Description {
    text.parse().unwrap()
}

#[tokio::test]
async fn replacement_does_not_change_the_description() {
    let host = Host::new().await;
    let actor = Owner::in_tenant("acme", "alice").unwrap();
    let mut action = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(60).unwrap());
    action.description = Some(description("Open door 7"));
    let created = host.challenges.actions().create(owner("alice"), action).await.unwrap();
    let read = host.challenges.get(created.challenge.id()).await.unwrap();
    assert_eq!(read.description(), Some(&description("Open door 7")));

    let spec = || ChallengeSpec::new(ChallengeType::Code).unwrap().pending();
    let described = spec().with_description(description("Pay 120 EUR to Bob"));
    let id = host.challenges.create(owner("alice"), described).await.unwrap().challenge.id();
    for replacement in [spec(), spec().with_description(description("Pay 1 EUR to Ann"))] {
        host.challenges.replace(id, replacement).await.unwrap();
        let read = host.challenges.get(id).await.unwrap();
        assert_eq!(read.description(), Some(&description("Pay 120 EUR to Bob")));
    }
}

#[tokio::test]
async fn record_with_misleading_description_is_an_error() {
    let host = Host::new().await;
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let id = host.challenges.create(owner("alice"), spec).await.unwrap().challenge.id();
    let record = host.records(Kind::Challenge).await.remove(0);
    assert!(!String::from_utf8_lossy(&record.body).contains("description"));
    assert_eq!(host.challenges.get(id).await.unwrap().description(), None, "the field is optional");

    let mut body: serde_json::Value = json(&record);
    body["description"] = "120 to \u{202e}boB".into();
    let loaded = host.store.load(&Load::key(record.key)).await.unwrap();
    rewrite(&*host.store, &loaded[0], body.to_string(), [7; 16]).await;
    assert!(matches!(host.challenges.get(id).await, Err(Error::Body(_))));
}
