//! Reseal walks: the values under old keys, and the progress of a walk.

use std::collections::BTreeSet;
use std::time::Duration;

use challenges_core::approvals::OneTimeUseAction;
use challenges_core::endpoints::{Address, PushSubscription};
use challenges_core::key_rotation::ResealReport;
use challenges_core::outbox::Retry;
use challenges_core::store::{Kind, Store as _};
use challenges_core::{AnswerData, ChallengeSpec, ChallengeType, Error, Invalid, Owner, Timeout, Timestamp};
use challenges_testkit::{Authenticator, administrator};
use serde_json::Value;

use crate::courier::{Scripted, Step, decided};
use crate::harness::{Host, KEYS, Seen, owner, refused};
use crate::tagging::{json, rewrite, tag_key};

const K2: &str = "k2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";

/// Returns a ring of both keys, with the new one active.
pub(crate) fn both() -> String {
    format!("*{K2}\n{}", &KEYS[1..])
}

/// Returns a ring without the old key.
pub(crate) fn only_new() -> String {
    format!("*{K2}")
}

/// The id of the old key.
pub(crate) const OLD: &str = "k1";

/// The sealed fields of a store with every field in use, as JSON pointers.
const SEALED: [(Kind, &str); 10] = [
    (Kind::Salt, "/salt"),
    (Kind::Challenge, "/request/approval/open/approved"),
    (Kind::Challenge, "/request/approval/open/declined"),
    (Kind::Challenge, "/request/types/spec/answer_data"),
    (Kind::TotpEnrollment, "/key"),
    (Kind::Endpoint, "/address"),
    (Kind::Outbox, "/task/act/action"),
    (Kind::Outbox, "/task/confirm/code"),
    (Kind::Outbox, "/task/deliver/secret"),
    (Kind::DeadLetter, "/task/act/action"),
];
/// The MACs of the same store.
const MACS: [(Kind, &str); 9] = [
    (Kind::Challenge, "/request/approval/open/actors/0/approve"),
    (Kind::Challenge, "/request/approval/open/actors/0/decline"),
    (Kind::Challenge, "/request/types/code/mac"),
    (Kind::Challenge, "/request/types/link/mac"),
    (Kind::Challenge, "/request/types/number"),
    (Kind::Challenge, "/wrong/last"),
    (Kind::TotpEnrollment, "/last_wrong"),
    (Kind::Endpoint, "/unconfirmed/code"),
    (Kind::Endpoint, "/unconfirmed/last_wrong"),
];

/// Creates records of every kind, with each sealed field and each MAC in use.
pub(crate) async fn fill(host: &Host) {
    let alice = owner("alice");
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
    decided(&host.challenges, 1, true).await;
    assert_eq!(host.challenges.outbox().dispatch(&courier, 10).await.unwrap().dead, 1);
    decided(&host.challenges, 1, true).await;
    let actor = Owner::in_tenant("o", "alice").unwrap();
    let open = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(600).unwrap());
    let _ = host.challenges.actions().create(alice.clone(), open).await.unwrap();

    host.enroll("alice").await;
    let (pending, key) = host.challenges.totp().create(owner("bob"), &administrator()).await.unwrap();
    let app = Authenticator::new(key.to_base32().expose()).unwrap();
    let (id, wrong) = (pending.id(), app.wrong_code(host.now(), 0).into());
    assert!(host.challenges.totp().confirm(&owner("bob"), &administrator(), id, &wrong).await.is_err());

    let data = AnswerData::new(&serde_json::json!({ "some": "data" })).unwrap();
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_answer_data(data);
    let code = host.challenges.create(alice.clone(), spec).await.unwrap().challenge.id();
    assert!(refused(host.answer(code, ChallengeType::Code, "wrong").await));

    let number = "+4915112345678".parse().unwrap();
    let phone = host.challenges.endpoints().register_phone(alice.clone(), &administrator(), number).await.unwrap();
    assert!(host.challenges.endpoints().confirm(&alice, &administrator(), phone.id(), &"wrong".into()).await.is_err());
    host.clock.advance(Duration::from_secs(30));
    let push = PushSubscription::new("https://push.example/1", &"A".repeat(87), &"A".repeat(22)).unwrap();
    host.challenges.endpoints().register_confirmed(alice.clone(), &administrator(), Address::Push(push)).await.unwrap();
    let spec = ChallengeSpec::new(ChallengeType::WebPush).unwrap().with_number_match();
    let _ = host.challenges.create(alice, spec).await.unwrap();
}

/// The values under one key in a store.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Under {
    pub(crate) sealed: BTreeSet<(Kind, String)>,
    pub(crate) macs: BTreeSet<(Kind, String)>,
    /// When the last record with a MAC expires.
    pub(crate) ends: Option<Timestamp>,
    /// The number of records with a tag or a sealed value.
    pub(crate) records: usize,
}

/// Finds the values under a key by searching the stored JSON, independently of the library.
pub(crate) async fn under(host: &Host, key: &str) -> Under {
    let mut under = Under::default();
    for kind in Kind::ALL {
        let page = host.store.list(kind, None, None, 10_000).await.unwrap();
        for stored in page {
            let mut found = Vec::new();
            collect(&json(&stored.record), key, "", &mut found);
            let is_tagged = tag_key(&stored.record.body) == Some(key);
            under.records += usize::from(is_tagged || found.iter().any(|(_, is_mac)| !is_mac));
            for (path, is_mac) in found {
                if is_mac {
                    under.ends = under.ends.max(Some(stored.record.expires.unwrap()));
                    under.macs.insert((kind, path));
                } else {
                    under.sealed.insert((kind, path));
                }
            }
        }
    }
    under
}

/// Collects the paths of values under a key, and whether each is a MAC. A MAC has 43 characters of base64url; sealed values
/// are longer.
fn collect(value: &Value, key: &str, path: &str, found: &mut Vec<(String, bool)>) {
    match value {
        Value::String(text) => {
            if let Some((id, rest)) = text.split_once('.')
                && id == key
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

fn table<const N: usize>(rows: [(Kind, &str); N]) -> BTreeSet<(Kind, String)> {
    rows.into_iter().map(|(kind, path)| (kind, path.to_owned())).collect()
}

/// Walks to the end. Returns the numbers of records looked at and sealed again, and the last report.
pub(crate) async fn walk(host: &Host, limit: usize) -> (usize, usize, ResealReport) {
    let (mut looked_at, mut resealed, mut cursor) = (0, 0, None::<String>);
    loop {
        let page = host.challenges.reseal(cursor.as_deref(), limit).await.unwrap();
        assert!(page.looked_at <= limit && page.unreadable.is_empty(), "{page:?}");
        looked_at += page.looked_at;
        resealed += page.resealed;
        cursor.clone_from(&page.next);
        if cursor.is_none() {
            return (looked_at, resealed, page);
        }
    }
}

/// R29: the salt moves last, once no MAC needs the old key.
#[tokio::test]
async fn every_sealed_value_moves_to_the_active_key() {
    let host = Host::new().await;
    fill(&host).await;
    let before = under(&host, OLD).await;
    assert_eq!(before.sealed, table(SEALED), "control: every field is under the old key");
    assert_eq!(before.macs, table(MACS));

    let host = host.restarted(&both()).await.unwrap();
    let report = host.challenges.reseal(None, 500).await.unwrap();
    assert_eq!(report.resealed, before.records - 1, "all but the salt");
    assert_eq!((report.skipped, report.next, report.done), (0, None, false));
    assert_eq!(report.still_under.get(OLD).copied(), before.ends);
    let after = under(&host, OLD).await;
    assert_eq!(after.sealed, table([(Kind::Salt, "/salt")]), "the salt waits until the MACs expire");
    assert_eq!(after.macs, before.macs);

    host.clock.set(before.ends.unwrap());
    let report = host.challenges.reseal(None, 500).await.unwrap();
    assert!(report.done && report.still_under.is_empty() && report.resealed == 1, "{report:?}");
    assert_eq!(under(&host, OLD).await.sealed, BTreeSet::new());
    assert_eq!(under(&host, "k2").await.sealed, before.sealed);
}

/// R28: the pages add up to the whole walk.
#[tokio::test]
async fn each_page_of_a_walk_is_observed() {
    let host = Host::new().await;
    fill(&host).await;
    let host = host.restarted(&both()).await.unwrap();
    host.seen.take();
    let (looked_at, resealed, _) = walk(&host, 3).await;
    let pages = host.seen.take();
    let mut observed = (0, 0);
    for (number, page) in (1..).zip(&pages) {
        let Seen::Resealed { looked_at, resealed, last } = *page else { panic!("{page:?} is no page") };
        observed = (observed.0 + looked_at, observed.1 + resealed);
        assert_eq!(last, number == pages.len());
    }
    assert!(resealed > 0 && pages.len() > 3, "{pages:?}");
    assert_eq!(observed, (looked_at, resealed));
    assert!(host.challenges.reseal(None, 0).await.is_err());
    assert_eq!(host.seen.take(), [], "control: a refused call is no page");
}

/// Leaves one MAC under the old key, by renaming the key of all others. Returns whether a walk reports the key as needed.
async fn walk_reports_mac(host: &Host, kind: Kind, path: &str) -> bool {
    let mut written = 0_u8;
    for other in Kind::ALL {
        let page = host.store.list(other, None, None, 100).await.unwrap();
        for stored in page {
            let mut body = json(&stored.record);
            let mut found = Vec::new();
            collect(&body, OLD, "", &mut found);
            for (field, _) in found.iter().filter(|(field, is_mac)| *is_mac && (other, field.as_str()) != (kind, path))
            {
                let Some(Value::String(text)) = body.pointer_mut(field) else { panic!("{field} is a text") };
                *text = text.replacen("k1.", "k2.", 1);
            }
            written += 1;
            rewrite(&*host.store, &stored, serde_json::to_vec(&body).unwrap(), [written; 16]).await;
        }
    }
    let left = under(host, OLD).await.macs;
    assert_eq!(left, table([(kind, path)]), "control: only that MAC is left");
    let report = host.restarted(&both()).await.unwrap().challenges.reseal(None, 500).await.unwrap();
    report.still_under.contains_key(OLD) && !report.done
}

/// R29: one MAC under the old key is enough.
#[tokio::test]
async fn every_mac_keeps_the_old_key_needed() {
    for (kind, path) in MACS {
        let host = Host::new().await;
        fill(&host).await;
        assert!(walk_reports_mac(&host, kind, path).await, "{kind:?} {path}");
    }
}

/// R29: a walk in pages of one record seals each record once.
#[tokio::test]
async fn interrupted_walk_resumes_at_its_cursor() {
    let host = Host::new().await;
    fill(&host).await;
    let before = under(&host, OLD).await;
    let host = host.restarted(&both()).await.unwrap();
    let all = host.challenges.reseal(None, 500).await.unwrap().looked_at;
    let again = Host::new().await;
    fill(&again).await;
    let again = again.restarted(&both()).await.unwrap();
    let (looked_at, resealed, last) = walk(&again, 1).await;
    assert_eq!((looked_at, resealed), (all, before.records - 1), "each record once");
    assert!(!last.done, "the cursor carries what earlier pages left");
    assert_eq!(walk(&again, 2).await.1, 0, "a second walk finds nothing to do");
}

/// R29: a page has 1 to 500 records.
#[tokio::test]
async fn malformed_cursors_and_limits_are_refused() {
    let host = Host::new().await;
    for malformed in ["", "3", "-", "0-", "99-", "3-x", "3!", "x+"] {
        let refused = host.challenges.reseal(Some(malformed), 500).await;
        assert!(matches!(refused, Err(Error::Invalid(Invalid::ResealCursor))), "{malformed}");
    }
    assert!(host.challenges.reseal(Some("3-"), 500).await.is_ok(), "control");
    for limit in [0, 501] {
        assert!(host.challenges.reseal(None, limit).await.is_err());
    }
    assert!(host.challenges.reseal(None, 500).await.is_ok(), "control");
}

/// R29: a change would end the lease of the dispatcher, and the entry would be sent twice.
#[tokio::test]
async fn leased_entries_are_left_to_their_dispatcher() {
    let host = Host::new().await;
    decided(&host.challenges, 2, true).await;
    let courier = Scripted::new(&host.clock, [Step::Hang]);
    let old_host = host.restarted(KEYS).await.unwrap();
    let sending = tokio::spawn({
        let (challenges, courier) = (old_host.challenges.clone(), courier.clone());
        async move { challenges.outbox().dispatch(&courier, 1).await }
    });
    courier.hanging().await;
    let host = host.restarted(&both()).await.unwrap();
    let report = host.challenges.reseal(None, 500).await.unwrap();
    assert_eq!((report.skipped, report.done), (1, false));
    let left = under(&host, OLD).await.sealed;
    assert!(left.contains(&(Kind::Outbox, "/task/act/action".to_owned())));
    sending.abort();
    host.clock.advance(Duration::from_secs(30));
    let report = host.challenges.reseal(None, 500).await.unwrap();
    assert_eq!((report.skipped, report.resealed, report.done), (0, 2, true), "the entry and the salt");
    assert_eq!(host.challenges.outbox().dispatch(&courier, 10).await.unwrap().performed, 2);
}
