//! Records that anybody but the service wrote.

mod effects;
mod postponed;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use challenges_core::keyring::SealError;
use challenges_core::store::{Id, Key, Kind, Record, Stored};
use challenges_core::{Challenges, Error, Store as _, Timestamp};
use challenges_memory::MemoryStore;
use challenges_testkit::administrator;

use crate::courier::{Scripted, decided};
use crate::devices;
use crate::harness::{Host, KEYS, Recorder, Seen, owner, service};
use crate::rotation::{both, fill, only_new, walk};
use crate::tagging::{Tags, content, replace, tag_key};

/// Creates a record of every kind.
async fn fill_every_kind(host: &Host) {
    fill(host).await;
    let courier = Scripted::new(&host.clock, []);
    host.challenges.outbox().dispatch(&courier, 100).await.unwrap();
    decided(&host.challenges, 1, true).await;
    host.challenges.recovery_codes().generate(&owner("alice"), &administrator()).await.unwrap();
    let trusting = service(host.store.clone(), devices::policy(), host.clock.clone(), ()).await;
    devices::trust(&trusting, "alice").await;
    // The ceremonies of WebAuthn are another crate.
    let key = Key::new(Kind::WebauthnEnrollment, Id::new(Timestamp::from_seconds(1), 7, 1));
    let record = Record { key, due: None, expires: None, body: r#"{"v":1}"#.into() };
    let version = [3; 16];
    let record = Tags::of(&*host.store).await.tagged("k1", record, version);
    replace(&*host.store, None, record, version).await;
}

async fn everything(host: &Host) -> Vec<Stored> {
    let mut found = Vec::new();
    for kind in Kind::ALL {
        found.extend(host.store.list(kind, None, None, 1_000).await.unwrap());
    }
    let kinds: BTreeSet<_> = found.iter().map(|stored| stored.record.key.kind).collect();
    assert_eq!(kinds, Kind::ALL.into(), "control: there is a record of every kind");
    found
}

/// The result of reading one record by a new service on a store with nothing but the salt and this record.
#[derive(Debug, PartialEq, Eq)]
enum Reading {
    /// Refused as forged, and observed.
    Refused,
    /// Verified.
    Verified,
}

async fn read(salt: &Stored, stored: &Stored) -> Reading {
    let store = Arc::new(MemoryStore::new());
    for stored in [salt, stored] {
        replace(&*store, None, stored.record.clone(), stored.version).await;
    }
    let seen = Arc::new(Recorder::default());
    let builder = Challenges::builder(store, KEYS.parse().unwrap()).observer(seen.clone());
    let report = builder.build().await.unwrap().reseal(None, 500).await.unwrap();
    assert_eq!(report.looked_at, 2, "control: the walk meets the record");
    let forged = |error: &Error| matches!(error, Error::Seal(SealError::ForgedRecord | SealError::UnknownKey(_)));
    let refused = report.unreadable.iter().any(|(_, error)| forged(error));
    assert_eq!(seen.take().contains(&Seen::Untrusted(stored.record.key)), refused, "{report:?}");
    if refused { Reading::Refused } else { Reading::Verified }
}

/// Returns every edit of a field that is not the body.
fn edits(stored: &Stored) -> Vec<(&'static str, Stored)> {
    let edit = |record: Record| Stored { record, version: stored.version };
    let Record { key, due, expires, .. } = stored.record;
    let (time, tag, random) = (Timestamp::from_millis(1), key.id.owner() ^ 1, 99);
    let with_id = |id: Id| edit(Record { key: Key::new(key.kind, id), ..stored.record.clone() });
    let mut edits = vec![
        ("creation time", with_id(Id::new(time, key.id.owner(), 0))),
        ("owner tag", with_id(Id::new(time, tag, 0))),
        ("id", with_id(Id::new(time, key.id.owner(), random))),
        ("version", Stored { version: [8; 16], ..stored.clone() }),
    ];
    let moved = |time: Option<Timestamp>| match time {
        Some(time) => vec![None, Some(time.after(Duration::from_millis(1))), Some(Timestamp::default())],
        None => vec![Some(Timestamp::default()), Some(Timestamp::MAX)],
    };
    edits.extend(moved(due).into_iter().map(|due| ("due", edit(Record { due, ..stored.record.clone() }))));
    edits.extend(
        moved(expires).into_iter().map(|expires| ("expires", edit(Record { expires, ..stored.record.clone() }))),
    );
    for kind in Kind::ALL.into_iter().filter(|kind| ![key.kind, Kind::Salt].contains(kind)) {
        edits.push(("kind", edit(Record { key: Key::new(kind, key.id), ..stored.record.clone() })));
    }
    edits
}

/// Returns edits of the body: bits, other lengths, other tags.
fn body_edits(stored: &Stored, others: &[Stored], foreign: &[Record]) -> Vec<(&'static str, Stored)> {
    let body = &stored.record.body;
    let edit =
        |body: Vec<u8>| Stored { record: Record { body: body.into(), ..stored.record.clone() }, ..stored.clone() };
    let mut edits = vec![
        ("no tag", edit(content(body).to_vec())),
        ("empty tag", edit([content(body), b"\nk1."].concat())),
        ("short tag", edit(body[..body.len() - 2].to_vec())),
        ("long tag", edit([body, &b"AA"[..]].concat())),
        ("empty", edit(Vec::new())),
        ("marked", edit([b"\0\n", content(body)].concat())),
        ("postponed", edit([body, &b"\n~-.AAAAAAAAAAAAAAAAAAAAAA.k1.AAAAAAAAAAAAAAAAAAAAAA"[..]].concat())),
    ];
    // A quarter of the bits here; a unit test of the key ring has all of them.
    for at in (0..body.len()).step_by(body.len() / 32) {
        let mut flipped = body.to_vec();
        flipped[at] ^= 1;
        edits.push(("bit", edit(flipped)));
    }
    for other in others.iter().filter(|other| other.record.key != stored.record.key) {
        let swapped = &other.record.body;
        edits.push(("body of another record", edit(swapped.to_vec())));
        let tag = &swapped[content(swapped).len()..];
        edits.push(("tag of another record", edit([content(body), tag].concat())));
    }
    edits.extend(foreign.iter().map(|record| ("tag of another store or ring", edit(record.body.to_vec()))));
    edits
}

/// R61: any edit of any field of any kind is refused, and observed. Control: with a new tag, the same record verifies.
#[tokio::test]
async fn every_edit_of_every_kind_is_refused() {
    let (host, other) = (Host::new().await, Host::new().await);
    fill_every_kind(&host).await;
    let all = everything(&host).await;
    let tags = Tags::of(&*host.store).await;
    let others_tags = Tags::of(&*other.store).await;
    let salt = &all[0];
    let mut edited = 0;
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Salt) {
        let of_kind: Vec<_> = all.iter().filter(|stored| stored.record.key.kind == kind).cloned().collect();
        let stored = &of_kind[0];
        assert_eq!(read(salt, stored).await, Reading::Verified, "control: {stored:?}");
        let plain = Record { body: content(&stored.record.body).to_vec().into(), ..stored.record.clone() };
        for (field, edit) in edits(stored) {
            assert_eq!(read(salt, &edit).await, Reading::Refused, "{field} of {stored:?}");
            let content = content(&edit.record.body).to_vec().into();
            let record = tags.tagged("k1", Record { body: content, ..edit.record.clone() }, edit.version);
            let signed = Stored { record, ..edit };
            assert_eq!(read(salt, &signed).await, Reading::Verified, "control: {field} of {stored:?}");
            edited += 1;
        }
        // The tag of another ring names the key of this one.
        let mut renamed = tags.tagged("k2", plain.clone(), stored.version);
        let at = renamed.body.len() - 25;
        assert_eq!(&renamed.body[at..at + 3], b"k2.");
        renamed.body = [&renamed.body[..at], b"k1", &renamed.body[at + 2..]].concat().into();
        let foreign = [others_tags.tagged("k1", plain, stored.version), renamed];
        for (field, edit) in body_edits(stored, &of_kind, &foreign) {
            assert_eq!(read(salt, &edit).await, Reading::Refused, "{field} of {stored:?}");
            edited += 1;
        }
    }
    assert!(edited > 9 * 50, "{edited}");
}

/// R61: the stored form of tags, computed independently.
#[tokio::test]
async fn every_tag_has_the_documented_form() {
    let host = Host::new().await;
    fill_every_kind(&host).await;
    let tags = Tags::of(&*host.store).await;
    for Stored { record, version } in everything(&host).await {
        let plain = Record { body: content(&record.body).to_vec().into(), ..record.clone() };
        assert_eq!(tags.tagged("k1", plain, version), record);
    }
}

/// R61: a finished walk leaves no tag under the old key, whatever the kind.
#[tokio::test]
async fn walk_moves_every_tag_to_the_active_key() {
    let host = Host::new().await;
    fill_every_kind(&host).await;
    let tagged = |all: &[Stored], key| {
        let of_key = all.iter().filter(|stored| tag_key(&stored.record.body) == Some(key));
        of_key.map(|stored| stored.record.key.kind).collect::<BTreeSet<_>>()
    };
    let kinds: BTreeSet<_> = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Salt).collect();
    assert_eq!(tagged(&everything(&host).await, "k1"), kinds, "control");
    let retired = format!("{}\n~{}", only_new(), &KEYS[1..]);
    for ring in [both(), retired] {
        let host = host.restarted(&ring).await.unwrap();
        walk(&host, 3).await;
        let all = everything(&host).await;
        assert_eq!((tagged(&all, "k1"), tagged(&all, "k2")), (BTreeSet::new(), kinds.clone()));
        assert_eq!(walk(&host, 500).await.1, 0, "a second walk has nothing to do");
    }
}

/// R61: a retired key still verifies, or nothing could be read until the walk ends. Control: without the key nothing is.
#[tokio::test]
async fn retired_key_verifies_until_removed() {
    let host = Host::new().await;
    let (enrollment, _) = host.enroll("alice").await;
    let salt_moved = host.restarted(&both()).await.unwrap();
    assert!(walk(&salt_moved, 500).await.2.done);
    let outdated = host.restarted(&format!("{KEYS}\n{}", &only_new()[1..])).await.unwrap();
    let (enrollment_under_old, _) = outdated.enroll("bob").await;
    let retired = host.restarted(&format!("{}\n~{}", only_new(), &KEYS[1..])).await.unwrap();
    let removed = host.restarted(&only_new()).await.unwrap();
    let read = async |host: &Host, user, id| host.challenges.totp().get(&owner(user), id).await;
    assert!(
        read(&retired, "alice", enrollment).await.is_ok() && read(&retired, "bob", enrollment_under_old).await.is_ok()
    );
    assert!(read(&removed, "alice", enrollment).await.is_ok());
    let missing = read(&removed, "bob", enrollment_under_old).await;
    assert!(matches!(missing, Err(Error::Seal(SealError::UnknownKey(_)))), "{missing:?}");
}
