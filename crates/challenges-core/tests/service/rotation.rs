use std::collections::BTreeSet;
use std::time::Duration;

use challenges_core::store::{Batch, Commit, Expect, Kind, ListQuery, Record, Store as _, Version, Write};
use challenges_core::{
    Address, AnswerData, ChallengeSpec, ChallengeType, KeyId, OneTimeUseAction, PushSubscription, ResealCursor, Retry,
    Timeout, Timestamp,
};
use challenges_testkit::Authenticator;
use serde_json::Value;

use crate::courier::{Scripted, Step, decided};
use crate::harness::{Host, KEYS, Seen, owner, refused};

const K2: &str = "k2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";

/// The ring while both keys are at hand, the new one being active.
pub(crate) fn both() -> String {
    format!("*{K2}\n{}", &KEYS[1..])
}

/// The ring without the old key.
pub(crate) fn only_new() -> String {
    format!("*{K2}")
}

pub(crate) fn old() -> KeyId {
    KeyId::new("k1").unwrap()
}

/// What is sealed, and what is hashed, in a store in which every field is in use.
const SEALED: [(Kind, &str); 10] = [
    (Kind::Root, "/salt"),
    (Kind::Challenge, "/action/approved"),
    (Kind::Challenge, "/action/declined"),
    (Kind::Challenge, "/answer_data"),
    (Kind::TotpEnrollment, "/key"),
    (Kind::Endpoint, "/address"),
    (Kind::Outbox, "/task/act/action"),
    (Kind::Outbox, "/task/confirm/code"),
    (Kind::Outbox, "/task/deliver/secret"),
    (Kind::DeadLetter, "/task/act/action"),
];
const HASHED: [(Kind, &str); 9] = [
    (Kind::Challenge, "/action/actors/0/approve"),
    (Kind::Challenge, "/action/actors/0/decline"),
    (Kind::Challenge, "/code/mac"),
    (Kind::Challenge, "/last_wrong"),
    (Kind::Challenge, "/link"),
    (Kind::Challenge, "/number"),
    (Kind::TotpEnrollment, "/last_wrong"),
    (Kind::Endpoint, "/unconfirmed/code"),
    (Kind::Endpoint, "/unconfirmed/last_wrong"),
];

/// Fills every kind of record, each of its sealed and hashed fields included.
pub(crate) async fn fill(host: &Host) {
    let alice = owner("alice");
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
    decided(&host.challenges, 1, true).await;
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().dead, 1);
    decided(&host.challenges, 1, true).await;
    let actor = challenges_core::Actor { user_id: "alice".into(), org_id: "o".into() };
    let open = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(600).unwrap());
    let _ = host.challenges.create_one_time_use_action(alice.clone(), open).await.unwrap();

    host.enroll("alice").await;
    let pending = host.challenges.create_totp_enrollment(owner("bob")).await.unwrap();
    let app = Authenticator::new(pending.key.to_base32().expose()).unwrap();
    let (id, wrong) = (pending.enrollment.id(), app.wrong_code(host.now(), 0).into());
    assert!(host.challenges.confirm_totp_enrollment(&owner("bob"), id, &wrong).await.is_err());

    let data = AnswerData::new(&serde_json::json!({ "some": "data" })).unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_answer_data(data);
    let code = host.challenges.create_challenge(alice.clone(), spec).await.unwrap().challenge.id();
    assert!(refused(host.answer(code, ChallengeType::Code, "wrong").await));

    let phone = host.challenges.register_phone(alice.clone(), "+4915112345678".parse().unwrap()).await.unwrap();
    assert!(host.challenges.confirm_endpoint(&alice, phone.id(), &"wrong".into()).await.is_err());
    host.clock.advance(Duration::from_secs(30));
    let push = PushSubscription::new("https://push.example/1", &"A".repeat(87), &"A".repeat(22)).unwrap();
    host.challenges.register_vouched_endpoint(alice.clone(), Address::Push(push)).await.unwrap();
    let mut spec = ChallengeSpec::new(ChallengeType::WebPush).unwrap();
    spec.number_match = true;
    let _ = host.challenges.create_challenge(alice, spec).await.unwrap();
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Under {
    pub(crate) sealed: BTreeSet<(Kind, String)>,
    pub(crate) hashed: BTreeSet<(Kind, String)>,
    /// When the last record with a hash ends.
    pub(crate) ends: Option<Timestamp>,
    pub(crate) records: usize,
}

/// Everything in the store that is under a key, found in the stored JSON and not by what the library knows of it.
pub(crate) async fn under(host: &Host, key: &KeyId) -> Under {
    let mut under = Under::default();
    for kind in Kind::ALL {
        let page = host.store.list(&ListQuery { kind, owner: None, after: None, limit: 10_000 }).await.unwrap();
        for stored in page.records {
            let mut found = Vec::new();
            collect(&serde_json::from_slice(&stored.record.body).unwrap(), key, "", &mut found);
            under.records += usize::from(found.iter().any(|(_, hashed)| !hashed));
            for (path, hashed) in found {
                if hashed {
                    under.ends = under.ends.max(Some(stored.record.expires.unwrap()));
                    under.hashed.insert((kind, path));
                } else {
                    under.sealed.insert((kind, path));
                }
            }
        }
    }
    under
}

/// The values under that key below a value, and whether each is a hash: those are 43 characters of base64url, and
/// nothing sealed is that short.
fn collect(value: &Value, key: &KeyId, path: &str, found: &mut Vec<(String, bool)>) {
    match value {
        Value::String(text) => {
            if let Some((id, rest)) = text.split_once('.')
                && id == key.as_str()
            {
                found.push((path.to_owned(), rest.len() == 43));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, key, &format!("{path}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                collect(field, key, &format!("{path}/{name}"), found);
            }
        }
        _ => {}
    }
}

pub(crate) fn table<const N: usize>(rows: [(Kind, &str); N]) -> BTreeSet<(Kind, String)> {
    rows.into_iter().map(|(kind, path)| (kind, path.to_owned())).collect()
}

/// Walks to the end: what was looked at, what was sealed anew, and the last report.
pub(crate) async fn walk(host: &Host, limit: usize) -> (usize, usize, challenges_core::Resealed) {
    let (mut looked_at, mut resealed, mut cursor) = (0, 0, None);
    loop {
        let page = host.challenges.reseal(cursor, limit).await.unwrap();
        assert!(page.looked_at <= limit && page.unopened.is_empty(), "{page:?}");
        looked_at += page.looked_at;
        resealed += page.resealed;
        // Kept as text, as over a restart.
        cursor = page.next.map(|next| next.to_string().parse::<ResealCursor>().unwrap());
        assert_eq!(cursor, page.next);
        if cursor.is_none() {
            return (looked_at, resealed, page);
        }
    }
}

#[tokio::test]
async fn r29_every_sealed_value_of_every_kind_moves_to_the_active_key() {
    let host = Host::new().await;
    fill(&host).await;
    let before = under(&host, &old()).await;
    assert_eq!(before.sealed, table(SEALED), "the control: all of it is under the old key");
    assert_eq!(before.hashed, table(HASHED));

    let host = host.restarted(&both()).await.unwrap();
    let report = host.challenges.reseal(None, 500).await.unwrap();
    assert_eq!(report.resealed, before.records - 1, "all but the root");
    assert_eq!((report.busy, report.next, report.done), (0, None, false));
    assert_eq!(report.still_under.get(&old()).copied(), before.ends);
    let after = under(&host, &old()).await;
    assert_eq!(after.sealed, table([(Kind::Root, "/salt")]), "the root waits for the hashes to end");
    assert_eq!(after.hashed, before.hashed);

    host.clock.set(before.ends.unwrap());
    let report = host.challenges.reseal(None, 500).await.unwrap();
    assert!(report.done && report.still_under.is_empty() && report.resealed == 1, "{report:?}");
    assert_eq!(under(&host, &old()).await.sealed, BTreeSet::new());
    assert_eq!(under(&host, &KeyId::new("k2").unwrap()).await.sealed, before.sealed);
}

#[tokio::test]
async fn r28_the_progress_of_a_walk_is_observed_page_by_page() {
    let host = Host::new().await;
    fill(&host).await;
    let host = host.restarted(&both()).await.unwrap();
    host.seen.take();
    let (looked_at, resealed, _) = walk(&host, 3).await;
    let pages = host.seen.take();
    let mut told = (0, 0);
    for (number, page) in (1..).zip(&pages) {
        let Seen::Resealed { looked_at, resealed, last } = *page else { panic!("{page:?} is no page") };
        told = (told.0 + looked_at, told.1 + resealed);
        assert_eq!(last, number == pages.len());
    }
    assert!(resealed > 0 && pages.len() > 3, "{pages:?}");
    assert_eq!(told, (looked_at, resealed));
    assert!(host.challenges.reseal(None, 0).await.is_err());
    assert_eq!(host.seen.take(), [], "the control: what was refused is no page");
}

/// Leaves one hash of a store under the old key, by moving the names of the others, and asks what a walk makes of it.
async fn knows_of(host: &Host, kind: Kind, path: &str) -> bool {
    let mut written = 0_u8;
    for other in Kind::ALL {
        let page = host.store.list(&ListQuery { kind: other, owner: None, after: None, limit: 100 }).await.unwrap();
        for stored in page.records {
            let mut body: Value = serde_json::from_slice(&stored.record.body).unwrap();
            let mut found = Vec::new();
            collect(&body, &old(), "", &mut found);
            for (field, _) in found.iter().filter(|(field, hashed)| *hashed && (other, field.as_str()) != (kind, path))
            {
                let Some(Value::String(text)) = body.pointer_mut(field) else { panic!("{field} is a text") };
                *text = text.replacen("k1.", "k2.", 1);
            }
            written += 1;
            let record = Record { body: serde_json::to_vec(&body).unwrap().into(), ..stored.record };
            let put = Write::put(Expect::At(stored.version), record);
            let batch = Batch::new(Version::from_bytes([written; 16]), vec![put]).unwrap();
            assert_eq!(host.store.commit(batch).await.unwrap(), Commit::Applied);
        }
    }
    let left = under(host, &old()).await.hashed;
    assert_eq!(left, table([(kind, path)]), "the control: that one alone");
    let report = host.restarted(&both()).await.unwrap().challenges.reseal(None, 500).await.unwrap();
    report.still_under.contains_key(&old()) && !report.done
}

#[tokio::test]
async fn r29_every_hash_of_every_kind_keeps_the_old_key_needed() {
    for (kind, path) in HASHED {
        let host = Host::new().await;
        fill(&host).await;
        assert!(knows_of(&host, kind, path).await, "{kind:?} {path}");
    }
}

#[tokio::test]
async fn r29_an_interrupted_walk_goes_on_where_it_was() {
    let host = Host::new().await;
    fill(&host).await;
    let before = under(&host, &old()).await;
    let host = host.restarted(&both()).await.unwrap();
    let all = host.challenges.reseal(None, 500).await.unwrap().looked_at;
    let again = Host::new().await;
    fill(&again).await;
    let again = again.restarted(&both()).await.unwrap();
    let (looked_at, resealed, last) = walk(&again, 1).await;
    assert_eq!((looked_at, resealed), (all, before.records - 1), "each record once");
    assert!(!last.done, "the last page knows what the first ones left");
    assert_eq!(walk(&again, 2).await.1, 0, "there is nothing left to do");
    for malformed in ["", "3", "-", "2-", "99-", "3-x", "3!", "x+"] {
        assert!(malformed.parse::<ResealCursor>().is_err(), "{malformed}");
    }
    for limit in [0, 501] {
        assert!(again.challenges.reseal(None, limit).await.is_err());
    }
}

#[tokio::test]
async fn r29_what_is_being_sent_is_left_to_whoever_sends_it() {
    let host = Host::new().await;
    decided(&host.challenges, 2, true).await;
    let courier = Scripted::new(&host.clock, [Step::Hang]);
    let old_host = host.restarted(KEYS).await.unwrap();
    let sending = tokio::spawn({
        let (challenges, courier) = (old_host.challenges.clone(), courier.clone());
        async move { challenges.dispatch(&courier, 1).await }
    });
    courier.hanging().await;
    let host = host.restarted(&both()).await.unwrap();
    let report = host.challenges.reseal(None, 500).await.unwrap();
    assert_eq!((report.busy, report.done), (1, false));
    let left = under(&host, &old()).await.sealed;
    assert!(left.contains(&(Kind::Outbox, "/task/act/action".to_owned())));
    sending.abort();
    host.clock.advance(Duration::from_secs(30));
    let report = host.challenges.reseal(None, 500).await.unwrap();
    assert_eq!((report.busy, report.resealed, report.done), (0, 2, true), "its lease is over, and the root followed");
    assert_eq!(host.challenges.dispatch(&courier, 10).await.unwrap().performed, 2);
}
