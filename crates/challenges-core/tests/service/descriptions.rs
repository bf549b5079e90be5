use challenges_core::store::{Batch, Commit, Expect, Kind, Load, Record, Version, Write};
use challenges_core::{Actor, ChallengeSpec, ChallengeType, Description, OneTimeUseAction, Store, Timeout};

use crate::harness::{Host, owner};

fn description(text: &str) -> Description {
    text.parse().unwrap()
}

#[tokio::test]
async fn what_it_is_about_is_kept_as_it_was_created() {
    let host = Host::new().await;
    let actor = Actor { user_id: "alice".into(), org_id: "acme".into() };
    let mut action = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(60).unwrap());
    action.description = Some(description("Open door 7"));
    let created = host.challenges.create_one_time_use_action(owner("alice"), action).await.unwrap();
    let read = host.challenges.challenge(created.challenge.id()).await.unwrap();
    assert_eq!(read.description(), Some(&description("Open door 7")));

    let spec = || ChallengeSpec::new(ChallengeType::Code).unwrap().pending();
    let described = spec().with_description(description("Pay 120 EUR to Bob"));
    let id = host.challenges.create_challenge(owner("alice"), described).await.unwrap().challenge.id();
    for replacement in [spec(), spec().with_description(description("Pay 1 EUR to Ann"))] {
        host.challenges.replace_challenge(id, replacement).await.unwrap();
        let read = host.challenges.challenge(id).await.unwrap();
        assert_eq!(
            read.description(),
            Some(&description("Pay 120 EUR to Bob")),
            "whoever knows the id cannot change it"
        );
    }
}

/// A record that was written before there were descriptions, and one that was tampered with.
#[tokio::test]
async fn a_record_without_one_is_read_and_a_misleading_one_is_not() {
    let host = Host::new().await;
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let id = host.challenges.create_challenge(owner("alice"), spec).await.unwrap().challenge.id();
    let record = host.records(Kind::Challenge).await.remove(0);
    assert!(!String::from_utf8_lossy(&record.body).contains("description"));
    assert_eq!(host.challenges.challenge(id).await.unwrap().description(), None);

    let mut body: serde_json::Value = serde_json::from_slice(&record.body).unwrap();
    body["description"] = "120 to \u{202e}boB".into();
    let loaded = host.store.load(&Load::key(record.key)).await.unwrap();
    let put = Write::put(Expect::At(loaded.records()[0].version), Record { body: body.to_string().into(), ..record });
    let committed = host.store.commit(Batch::new(Version::from_bytes([7; 16]), vec![put]).unwrap()).await.unwrap();
    assert_eq!(committed, Commit::Applied);
    assert!(matches!(host.challenges.challenge(id).await, Err(challenges_core::Error::Body(_))));
}
