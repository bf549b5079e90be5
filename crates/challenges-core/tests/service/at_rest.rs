use challenges_core::store::{Batch, Commit, Expect, Key, Kind, ListQuery, Record, Version, Write};
use challenges_core::{
    Actor, AnswerData, BuildError, ChallengeSpec, ChallengeType, Challenges, Error, HttpAction, HttpActionParts, Id,
    KeyRing, OneTimeUseAction, Owner, State, Store, Timeout, Timestamp,
};

use crate::harness::{Host, KEYS, owner, passed};

const CANARY: &str = "canary-5f2c";

#[tokio::test]
async fn r28_nothing_secret_is_in_the_store() {
    let host = Host::new().await;
    let data = AnswerData::new(&serde_json::json!({ "secret": CANARY })).unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_answer_data(data);
    let created = host.challenges.create_challenge(owner("alice"), spec).await.unwrap();
    let totp = host.challenges.create_totp_enrollment(owner("alice")).await.unwrap();
    let mut action = OneTimeUseAction::new(
        vec![Actor { user_id: "alice".into(), org_id: "o".into() }],
        Timeout::from_seconds(60).unwrap(),
    );
    action.approved_actions = vec![
        HttpAction::new(HttpActionParts {
            method: "POST".into(),
            uri: format!("https://a.example/?token={CANARY}"),
            body: Some(CANARY.into()),
            content_type: None,
            scopes: Vec::new(),
        })
        .unwrap(),
    ];
    let action = host.challenges.create_one_time_use_action(owner("alice"), action).await.unwrap();
    let base32 = totp.key.to_base32();
    let raw = totp_rs::Secret::try_from_base32(base32.expose()).unwrap();
    let hex: String = raw.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let secrets = [
        CANARY,
        created.code.as_ref().unwrap().expose(),
        base32.expose(),
        &hex,
        action.secrets[0].approve.expose(),
        action.secrets[0].decline.expose(),
    ];
    let dump = host.dump().await;
    assert!(dump.contains("alice"), "the control: the dump does show what is not secret");
    for secret in secrets {
        assert!(!dump.to_lowercase().contains(&secret.to_lowercase()), "{secret} in {dump}");
    }
}

/// Every record of a kind, by owner.
async fn records(host: &Host, kind: Kind) -> Vec<challenges_core::store::Stored> {
    host.store.list(&ListQuery { kind, owner: None, after: None, limit: 100 }).await.unwrap().records
}

async fn overwrite(host: &Host, record: Record, version: Version) {
    let put = Write::put(Expect::At(version), record);
    let batch = Batch::new(Version::from_bytes([9; 16]), vec![put]).unwrap();
    assert_eq!(host.store.commit(batch).await.unwrap(), Commit::Applied);
}

#[tokio::test]
async fn r28_a_key_moved_from_one_enrollment_to_another_does_not_open() {
    let host = Host::new().await;
    host.enroll("alice").await;
    let (_, mallory) = host.enroll("mallory").await;
    host.next_step();
    let [one, other] = &records(&host, Kind::TotpEnrollment).await[..] else { panic!("two enrollments") };
    let body = |stored: &challenges_core::store::Stored| -> serde_json::Value {
        serde_json::from_slice(&stored.record.body).unwrap()
    };
    let (alices, mallorys) = if body(one)["owner"]["user"] == "alice" { (one, other) } else { (other, one) };
    let mut forged = body(alices);
    forged["key"] = body(mallorys)["key"].clone();
    let forged = Record { body: serde_json::to_vec(&forged).unwrap().into(), ..alices.record.clone() };
    overwrite(&host, forged, alices.version).await;

    let challenge = host.create("alice", ChallengeType::Totp).await.challenge.id();
    let answer = host.answer(challenge, ChallengeType::Totp, &mallory.code(host.now())).await;
    assert!(matches!(answer, Err(Error::Seal(_))), "{answer:?}");
}

#[tokio::test]
async fn r28_a_code_moved_from_one_challenge_to_another_does_not_answer() {
    let host = Host::new().await;
    let [first, second] =
        [host.create("alice", ChallengeType::Code).await, host.create("alice", ChallengeType::Code).await];
    let all = records(&host, Kind::Challenge).await;
    let of = |id: challenges_core::ChallengeId| {
        all.iter().find(|stored| stored.record.key.id.to_string() == id.to_string()).unwrap()
    };
    let body = |id| -> serde_json::Value { serde_json::from_slice(&of(id).record.body).unwrap() };
    let (mine, theirs) = (first.challenge.id(), second.challenge.id());
    let mut forged = body(theirs);
    forged["code"] = body(mine)["code"].clone();
    let forged = Record { body: serde_json::to_vec(&forged).unwrap().into(), ..of(theirs).record.clone() };
    overwrite(&host, forged, of(theirs).version).await;
    let code = first.code.unwrap();
    assert!(!passed(host.answer(theirs, ChallengeType::Code, code.expose()).await));
    assert!(
        passed(host.answer(mine, ChallengeType::Code, code.expose()).await),
        "the control: where it belongs it does"
    );
}

/// What is stored of an actor's secrets belongs to that actor and outcome.
#[tokio::test]
async fn r28_a_secret_moved_to_another_actor_or_outcome_decides_nothing_there() {
    const KIND: ChallengeType = ChallengeType::OneTimeUseAction;
    let host = Host::new().await;
    let actor = |user: &str| Actor { user_id: user.to_owned(), org_id: "o".to_owned() };
    for (to, from) in [("/0/approve", "/1/approve"), ("/0/approve", "/0/decline")] {
        let actors = vec![actor("alice"), actor("bob")];
        let action = OneTimeUseAction::new(actors, Timeout::from_seconds(60).unwrap());
        let created = host.challenges.create_one_time_use_action(owner("alice"), action).await.unwrap();
        let (id, [alices, bobs]) = (created.challenge.id(), &created.secrets[..]) else { panic!("two actors") };
        let all = records(&host, Kind::Challenge).await;
        let stored = all.iter().find(|stored| stored.record.key.id.to_string() == id.to_string()).unwrap();
        let mut forged: serde_json::Value = serde_json::from_slice(&stored.record.body).unwrap();
        let secrets = forged.pointer_mut("/action/actors").unwrap();
        *secrets.pointer_mut(to).unwrap() = secrets.pointer(from).unwrap().clone();
        let forged = serde_json::to_vec(&forged).unwrap().into();
        overwrite(&host, Record { body: forged, ..stored.record.clone() }, stored.version).await;
        assert!(!passed(host.answer(id, KIND, alices.decline.expose()).await));
        let answered = host.answer(id, KIND, bobs.approve.expose()).await.unwrap();
        assert_eq!(answered.passed().unwrap().actor().unwrap().user_id, "bob", "the control: as bob it does");
    }
}

#[tokio::test]
async fn an_unknown_form_of_a_record_is_an_error_and_no_guess() {
    let host = Host::new().await;
    let created = host.create("alice", ChallengeType::Code).await;
    let stored = records(&host, Kind::Challenge).await.remove(0);
    let mut body: serde_json::Value = serde_json::from_slice(&stored.record.body).unwrap();
    assert_eq!(body["v"], 1);
    body["v"] = 2.into();
    overwrite(&host, Record { body: serde_json::to_vec(&body).unwrap().into(), ..stored.record }, stored.version).await;
    assert!(matches!(host.challenges.challenge(created.challenge.id()).await, Err(Error::Body(_))));
    let answer = host.answer(created.challenge.id(), ChallengeType::Code, created.code.unwrap().expose()).await;
    assert!(matches!(answer, Err(Error::Body(_))));
}

#[tokio::test]
async fn the_wrong_keys_are_refused_at_start() {
    let host = Host::new().await;
    let wrong = Challenges::builder(host.store.clone(), KeyRing::generate().unwrap()).build().await;
    assert!(matches!(wrong, Err(BuildError::Keys(_))), "{wrong:?}");
    let other_name = KEYS.replace("k1", "k2").parse().unwrap();
    assert!(matches!(Challenges::builder(host.store.clone(), other_name).build().await, Err(BuildError::Keys(_))));
    assert!(Challenges::builder(host.store.clone(), KEYS.parse().unwrap()).build().await.is_ok());
}

#[tokio::test]
async fn names_in_ids_are_hashed_with_a_salt_of_the_store() {
    let [one, other] = [Host::new().await, Host::new().await];
    let tag = |id: challenges_core::ChallengeId| id.to_string()[7..18].to_owned();
    let first = tag(one.create("alice", ChallengeType::Code).await.challenge.id());
    assert_eq!(tag(one.create("alice", ChallengeType::Code).await.challenge.id()), first);
    assert_ne!(tag(other.create("alice", ChallengeType::Code).await.challenge.id()), first);
    let tenant = Owner::in_tenant("org", "alice").unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    assert_ne!(tag(one.challenges.create_challenge(tenant, spec).await.unwrap().challenge.id()), first);
}

#[tokio::test]
async fn an_equal_tag_does_not_mix_two_owners() {
    let host = Host::new().await;
    host.enroll("alice").await;
    let bobs = host.create("bob", ChallengeType::Totp).await.challenge;
    assert_eq!(bobs.state(), State::ChallengeFailed, "bob has no authenticator");
    // As if the keyed hashes of both were equal: Alice's record stands among Bob's.
    let alices = records(&host, Kind::TotpEnrollment).await.remove(0).record;
    let tag = bobs.id().to_string().parse::<Id>().unwrap().owner();
    let key = Key::new(Kind::TotpEnrollment, Id::new(Timestamp::from_millis(1), tag, 1));
    let put = Write::put(Expect::Absent, Record { key, ..alices });
    let batch = Batch::new(Version::from_bytes([7; 16]), vec![put]).unwrap();
    assert_eq!(host.store.commit(batch).await.unwrap(), Commit::Applied);

    assert_eq!(host.create("bob", ChallengeType::Totp).await.challenge.state(), State::ChallengeFailed);
    assert!(host.challenges.totp_enrollments(&owner("bob"), 10).await.unwrap().is_empty());
}
