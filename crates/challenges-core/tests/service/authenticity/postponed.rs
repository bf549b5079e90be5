//! Outbox entries that do not verify are postponed, and never become valid by that.

use std::time::Duration;

use challenges_core::outbox::Retry;
use challenges_core::store::{Kind, Record, Stored};
use challenges_core::{Store as _, Timestamp};

use crate::courier::{Scripted, Step, decided};
use crate::harness::{Host, KEYS, Seen};
use crate::rotation::{both, only_new, walk};
use crate::tagging::replace;

async fn entry(host: &Host) -> Stored {
    let mut page = host.store.list(Kind::Outbox, None, None, 2).await.unwrap();
    assert_eq!(page.len(), 1);
    page.remove(0)
}

async fn unreadable(host: &Host, courier: &Scripted) -> usize {
    host.clock.advance(Duration::from_secs(120));
    host.challenges.outbox().dispatch(courier, 10).await.unwrap().unreadable
}

/// R61: no number of postponements makes a forged entry valid, or grows the entry. Control: the same entry as written
/// is performed.
#[tokio::test]
async fn forged_entry_is_postponed_for_ever() {
    let edits: [fn(&mut Stored); 4] = [
        |stored| stored.record.due = Some(Timestamp::default()),
        |stored| stored.record.expires = Some(Timestamp::MAX),
        |stored| stored.version = [9; 16],
        |stored| {
            let body = String::from_utf8(stored.record.body.to_vec()).unwrap();
            stored.record.body = body.replacen("alice", "alicf", 1).into();
        },
    ];
    for edit in edits {
        let host = Host::new().await;
        decided(&host.challenges, 1, true).await;
        let written = entry(&host).await;
        let mut forged = written.clone();
        edit(&mut forged);
        assert_ne!(forged, written);
        replace(&*host.store, Some(written.version), forged.record.clone(), forged.version).await;
        let courier = Scripted::new(&host.clock, []);
        host.seen.take();
        assert_eq!(unreadable(&host, &courier).await, 1);
        let seen = host.seen.take();
        assert!(seen.contains(&Seen::Untrusted(written.record.key)) && seen.contains(&Seen::Unreadable), "{seen:?}");
        let postponed = entry(&host).await;
        assert!(postponed.record.body.starts_with(&forged.record.body), "every stored byte is kept");
        assert_ne!(postponed.version, forged.version);
        for _ in 0..5 {
            assert_eq!(unreadable(&host, &courier).await, 1);
            assert_eq!(entry(&host).await.record.body.len(), postponed.record.body.len());
        }
        let stored = entry(&host).await;
        replace(&*host.store, Some(stored.version), written.record.clone(), written.version).await;
        assert_eq!(unreadable(&host, &courier).await, 0);
        assert_eq!(courier.done().len(), 1, "control: the entry as written is performed");
    }
}

/// R61: an entry is performed under no other version or time than core gave it. Control: core's own postponement works.
#[tokio::test]
async fn postponed_entry_cannot_be_edited() {
    let host = Host::new().await;
    let newer = host.restarted(&both()).await.unwrap();
    decided(&newer.challenges, 1, true).await;
    let courier = Scripted::new(&host.clock, []);
    assert_eq!(unreadable(&host, &courier).await, 1, "the process without the new key postpones the entry");
    let postponed = entry(&host).await;
    let moved = Record { due: Some(Timestamp::default()), ..postponed.record.clone() };
    replace(&*host.store, Some(postponed.version), moved, postponed.version).await;
    newer.seen.take();
    assert_eq!(newer.challenges.outbox().dispatch(&courier, 10).await.unwrap().unreadable, 1);
    assert!(newer.seen.take().contains(&Seen::Untrusted(postponed.record.key)));

    let stored = entry(&host).await;
    replace(&*host.store, Some(stored.version), postponed.record, postponed.version).await;
    assert_eq!(unreadable(&newer, &courier).await, 0);
    assert_eq!(courier.done().len(), 1, "control");
}

/// R61: a walk gives a postponed entry a plain tag under the active key.
#[tokio::test]
async fn walk_replaces_the_tag_of_a_postponed_entry() {
    let host = Host::new().await;
    let newer = host.restarted(&both()).await.unwrap();
    decided(&newer.challenges, 1, true).await;
    let courier = Scripted::new(&host.clock, [Step::Fail(Retry::Never)]);
    assert_eq!(unreadable(&host, &courier).await, 1);
    assert!(entry(&host).await.record.body.windows(2).any(|pair| pair == b"\n~"), "control");
    walk(&newer, 500).await;
    assert!(!entry(&host).await.record.body.windows(2).any(|pair| pair == b"\n~"));
    let last = host.restarted(&format!("{}\n~{}", only_new(), &KEYS[1..])).await.unwrap();
    last.clock.advance(Duration::from_secs(120));
    assert_eq!(last.challenges.outbox().dispatch(&courier, 10).await.unwrap().dead, 1);
}
