use challenges_core::approvals::{HttpAction, OneTimeUseAction};
use challenges_core::store::{Id, Key, Kind, Record, Stored};
use challenges_core::{
    Answer, AnswerData, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Error, KeyRing, Owner, State,
    Store as _, Timeout, Timestamp,
};
use challenges_testkit::administrator;
use serde_json::Value;

use crate::harness::{Host, KEYS, owner, passed};
use crate::tagging::{Tags, content, json, replace, rewrite};

const CANARY: &str = "canary-5f2c";

/// R28: the store holds no secret in the clear.
#[tokio::test]
async fn store_holds_no_plaintext_secret() {
    let host = Host::new().await;
    let data = AnswerData::new(&serde_json::json!({ "secret": CANARY })).unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_answer_data(data);
    let created = host.challenges.create(owner("alice"), spec).await.unwrap();
    let (_, key) = host.challenges.totp().create(owner("alice"), &administrator()).await.unwrap();
    let mut action =
        OneTimeUseAction::new(vec![Owner::in_tenant("o", "alice").unwrap()], Timeout::from_seconds(60).unwrap());
    let request = HttpAction::new("POST", format!("https://a.example/?token={CANARY}")).unwrap();
    action.approved_actions = vec![request.with_body(CANARY).unwrap()];
    let action = host.challenges.actions().create(owner("alice"), action).await.unwrap();
    let base32 = key.to_base32();
    let raw = totp_rs::Secret::try_from_base32(base32.expose()).unwrap();
    let hex: String = raw.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let secrets = [
        CANARY,
        created.code.as_ref().unwrap().expose(),
        base32.expose(),
        &hex,
        action.links[0].approve.expose(),
        action.links[0].decline.expose(),
    ];
    let dump = host.dump().await;
    assert!(dump.contains("alice"), "control: the dump shows the bodies");
    for secret in secrets {
        assert!(!dump.to_lowercase().contains(&secret.to_lowercase()), "{secret} in {dump}");
    }
}

/// Returns all records of a kind, ordered by owner.
async fn records(host: &Host, kind: Kind) -> Vec<Stored> {
    host.store.list(kind, None, None, 100).await.unwrap()
}

fn body(stored: &Stored) -> Value {
    json(&stored.record)
}

/// Replaces the body of a record, with a right tag: the seals alone have to hold.
async fn overwrite(host: &Host, stored: &Stored, body: &Value) {
    rewrite(&*host.store, stored, serde_json::to_vec(body).unwrap(), [9; 16]).await;
}

fn find(records: &[Stored], id: ChallengeId) -> &Stored {
    records.iter().find(|stored| stored.record.key.id.to_string() == id.to_string()).unwrap()
}

/// R28: a sealed key opens only in the record of the enrollment.
#[tokio::test]
async fn key_moved_between_enrollments_does_not_open() {
    let host = Host::new().await;
    host.enroll("alice").await;
    let (_, mallory) = host.enroll("mallory").await;
    host.next_step();
    let [one, other] = &records(&host, Kind::TotpEnrollment).await[..] else { panic!("two enrollments") };
    let (alices, mallorys) = if body(one)["owner"]["user"] == "alice" { (one, other) } else { (other, one) };
    let mut forged = body(alices);
    forged["key"] = body(mallorys)["key"].clone();
    assert!(forged["key"].is_string());
    overwrite(&host, alices, &forged).await;

    let challenge = host.create("alice", ChallengeType::Totp).await.challenge.id();
    let answer = host.answer(challenge, ChallengeType::Totp, &mallory.code(host.now())).await;
    assert!(matches!(answer, Err(Error::Seal(_))), "{answer:?}");
}

/// R28: the MAC of a code is bound to the challenge.
#[tokio::test]
async fn code_moved_between_challenges_does_not_answer() {
    const CODE: &str = "/request/types/code";
    let host = Host::new().await;
    let [first, second] =
        [host.create("alice", ChallengeType::Code).await, host.create("alice", ChallengeType::Code).await];
    let all = records(&host, Kind::Challenge).await;
    let (mine, theirs) = (first.challenge.id(), second.challenge.id());
    let target = find(&all, theirs);
    let mut forged = body(target);
    *forged.pointer_mut(CODE).unwrap() = body(find(&all, mine)).pointer(CODE).unwrap().clone();
    overwrite(&host, target, &forged).await;
    let code = first.code.unwrap();
    assert!(!passed(host.answer(theirs, ChallengeType::Code, code.expose()).await));
    let answer = host.answer(mine, ChallengeType::Code, code.expose()).await;
    assert!(passed(answer), "control: the code answers its own challenge");
}

/// R28: the MAC of an actor's secret is bound to the actor and the outcome.
#[tokio::test]
async fn moved_actor_secret_decides_nothing() {
    let host = Host::new().await;
    let actor = |user: &str| Owner::in_tenant("o", user).unwrap();
    for (to, from) in [("/0/approve", "/1/approve"), ("/0/approve", "/0/decline")] {
        let actors = vec![actor("alice"), actor("bob")];
        let action = OneTimeUseAction::new(actors, Timeout::from_seconds(60).unwrap());
        let created = host.challenges.actions().create(owner("alice"), action).await.unwrap();
        let (id, [alices, bobs]) = (created.challenge.id(), &created.links[..]) else { panic!("two actors") };
        let all = records(&host, Kind::Challenge).await;
        let stored = find(&all, id);
        let mut forged = body(stored);
        let secrets = forged.pointer_mut("/request/approval/open/actors").unwrap();
        *secrets.pointer_mut(to).unwrap() = secrets.pointer(from).unwrap().clone();
        overwrite(&host, stored, &forged).await;
        let moved = Answer::approve_action(id, alices.decline.expose());
        assert!(!passed(host.challenges.answer(moved).await));
        let answered = host.challenges.answer(Answer::approve_action(id, bobs.approve.expose())).await.unwrap();
        assert_eq!(answered.passed().unwrap().actor().unwrap().user_id(), "bob", "control: the secret decides as bob");
    }
}

#[tokio::test]
async fn unknown_record_format_is_an_error() {
    let host = Host::new().await;
    let created = host.create("alice", ChallengeType::Code).await;
    let stored = records(&host, Kind::Challenge).await.remove(0);
    let mut newer = body(&stored);
    assert_eq!(newer["v"], 1);
    newer["v"] = 2.into();
    overwrite(&host, &stored, &newer).await;
    assert!(matches!(host.challenges.get(created.challenge.id()).await, Err(Error::Body(_))));
    let answer = host.answer(created.challenge.id(), ChallengeType::Code, created.code.unwrap().expose()).await;
    assert!(matches!(answer, Err(Error::Body(_))));
}

#[tokio::test]
async fn wrong_keys_are_refused_at_start() {
    let host = Host::new().await;
    let wrong = Challenges::builder(host.store.clone(), KeyRing::generate().unwrap()).build().await;
    assert!(matches!(wrong, Err(Error::OtherKeys(_))), "{wrong:?}");
    let other_name = KEYS.replace("k1", "k2").parse().unwrap();
    assert!(matches!(Challenges::builder(host.store.clone(), other_name).build().await, Err(Error::OtherKeys(_))));
    assert!(Challenges::builder(host.store.clone(), KEYS.parse().unwrap()).build().await.is_ok());
}

#[tokio::test]
async fn owner_tags_are_salted_per_store() {
    let [one, other] = [Host::new().await, Host::new().await];
    let tag = |id: ChallengeId| id.to_string()[7..18].to_owned();
    let first = tag(one.create("alice", ChallengeType::Code).await.challenge.id());
    assert_eq!(tag(one.create("alice", ChallengeType::Code).await.challenge.id()), first);
    assert_ne!(tag(other.create("alice", ChallengeType::Code).await.challenge.id()), first);
    let tenant = Owner::in_tenant("org", "alice").unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    assert_ne!(tag(one.challenges.create(tenant, spec).await.unwrap().challenge.id()), first);
}

#[tokio::test]
async fn colliding_owner_tags_keep_owners_apart() {
    let host = Host::new().await;
    host.enroll("alice").await;
    let bobs = host.create("bob", ChallengeType::Totp).await.challenge;
    assert_eq!(bobs.state(), State::ChallengeFailed, "bob has no authenticator");
    // A collision of the two keyed hashes would place Alice's record among Bob's.
    let alices = records(&host, Kind::TotpEnrollment).await.remove(0).record;
    let tag = bobs.id().to_string().parse::<Id>().unwrap().owner();
    let key = Key::new(Kind::TotpEnrollment, Id::new(Timestamp::from_millis(1), tag, 1));
    let version = [7; 16];
    let moved = Record { key, body: content(&alices.body).to_vec().into(), ..alices };
    let moved = Tags::of(&*host.store).await.tagged("k1", moved, version);
    replace(&*host.store, None, moved, version).await;

    assert_eq!(host.create("bob", ChallengeType::Totp).await.challenge.state(), State::ChallengeFailed);
    assert!(host.challenges.totp().list(&owner("bob"), None, 10).await.unwrap().is_empty());
}
