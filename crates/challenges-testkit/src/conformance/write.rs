use challenges_core::Timestamp;
use challenges_core::store::{Key, Kind, Record, Stored, Write};

use super::failure::{Verdict, ensure};
use super::fixture::{Fixture, key, new_version, record, tag};

pub(super) async fn exclusive_create(fixture: &Fixture<'_>) -> Verdict {
    let key = key(Kind::Challenge, tag(3, 1), 1_000, 1);
    let created = fixture.create(record(key, "first")).await?;
    fixture.is_stored("its create", &created).await?;
    fixture.refused("a second create of a key", vec![Write::create(record(key, "second"))]).await?;
    fixture.refused("an assertion that an existing record is absent", vec![Write::keep(key, None)]).await?;
    let expired = Record { expires: Some(Timestamp::from_millis(1)), ..created.record.clone() };
    fixture.update(&created, expired).await?;
    let again = vec![Write::create(record(key, "second"))];
    fixture.refused("a create over an expired record before its purge", again).await
}

pub(super) async fn update(fixture: &Fixture<'_>) -> Verdict {
    let key = key(Kind::Counters, tag(3, 1), 0, 0);
    let mut stored = fixture.create(record(key, "0")).await?;
    let times =
        [(None, None), (Some(5), None), (Some(5), Some(9)), (Some(6), Some(9)), (Some(6), Some(8)), (None, None)];
    for (count, (due, expires)) in times.into_iter().enumerate() {
        let next = Record {
            due: due.map(Timestamp::from_millis),
            expires: expires.map(Timestamp::from_millis),
            ..record(key, format!("{count}"))
        };
        stored = fixture.update(&stored, next).await?;
        fixture.is_stored("an update", &stored).await?;
        fixture.applied("an assertion of the current version", vec![Write::keep(key, at(&stored))]).await?;
        fixture.is_stored("an assertion of the record", &stored).await?;
    }
    Ok(())
}

pub(super) async fn stale_update(fixture: &Fixture<'_>) -> Verdict {
    let key = key(Kind::Challenge, tag(1, 1), 1_000, 1);
    let first = fixture.create(record(key, "0")).await?;
    let second = fixture.update(&first, record(key, "1")).await?;
    let stale = at(&first);
    fixture.refused("an update of a replaced version", vec![Write::put(stale, record(key, "2"))]).await?;
    fixture.refused("a delete of a replaced version", vec![Write::delete(key, first.version)]).await?;
    fixture.refused("an assertion of a replaced version", vec![Write::keep(key, stale)]).await?;
    let invented = Some(new_version());
    fixture.refused("an update of an unknown version", vec![Write::put(invented, record(key, "2"))]).await?;
    fixture.is_stored("four conflicts", &second).await
}

pub(super) async fn recreated_record(fixture: &Fixture<'_>) -> Verdict {
    let key = key(Kind::TotpEnrollment, tag(1, 1), 1_000, 1);
    let first = fixture.create(record(key, "same")).await?;
    fixture.applied("a delete", vec![Write::delete(key, first.version)]).await?;
    let again = fixture.create(record(key, "same")).await?;
    let old = at(&first);
    let what = "an update of the version from before a delete and a new create";
    fixture.refused(what, vec![Write::put(old, record(key, "other"))]).await?;
    fixture
        .refused(
            "a delete of the version from before a delete and a new create",
            vec![Write::delete(key, first.version)],
        )
        .await?;
    fixture
        .refused("an assertion of the version from before a delete and a new create", vec![Write::keep(key, old)])
        .await?;
    fixture.is_stored("three conflicts", &again).await
}

pub(super) async fn missing_record(fixture: &Fixture<'_>) -> Verdict {
    let key = key(Kind::Outbox, tag(1, 1), 1_000, 1);
    let version = new_version();
    let missing = Some(version);
    fixture.refused("an update of a missing record", vec![Write::put(missing, record(key, "1"))]).await?;
    fixture.refused("a delete of a missing record", vec![Write::delete(key, version)]).await?;
    fixture.refused("an assertion that a missing record exists", vec![Write::keep(key, missing)]).await?;
    fixture.applied("an assertion that a missing record is absent", vec![Write::keep(key, None)]).await?;
    fixture.is_gone("an assertion of absence", key).await
}

pub(super) async fn delete(fixture: &Fixture<'_>) -> Verdict {
    let owner = tag(9, 1);
    let key = key(Kind::Outbox, owner, 1_000, 1);
    let all = Timestamp::MAX;
    let times =
        Record { due: Some(Timestamp::from_millis(1)), expires: Some(Timestamp::from_millis(1)), ..record(key, "{}") };
    let stored = fixture.create(times).await?;
    fixture.applied("a delete", vec![Write::delete(key, stored.version)]).await?;
    fixture.is_gone("its delete", key).await?;
    let listed =
        fixture.walk(Kind::Outbox, Some(owner), 10).await?.len() + fixture.walk(Kind::Outbox, None, 10).await?.len();
    ensure!(listed == 0, "a deleted record is still listed");
    let due = fixture.store.due(Kind::Outbox, 0..1_024, all, 10).await?;
    ensure!(due.is_empty(), "a deleted record is still due");
    let purged = fixture.store.purge(0..1_024, all, 10).await?;
    ensure!(purged == 0, "a purge deleted {purged} records that were already deleted");
    Ok(())
}

pub(super) async fn all_or_nothing(fixture: &Fixture<'_>) -> Verdict {
    let owner = tag(512, 7);
    let name = |kind| key(kind, owner, 1_000, 1);
    let [changed, deleted, kept, created] =
        [Kind::Challenge, Kind::TotpEnrollment, Kind::Counters, Kind::Outbox].map(name);
    let mut old = Vec::new();
    for key in [changed, deleted, kept] {
        let first = fixture.create(record(key, "old")).await?;
        let second = fixture.update(&first, record(key, "new")).await?;
        old.push((first, second));
    }
    let [(changed_old, changed_new), (deleted_old, deleted_new), (kept_old, kept_new)] = old.as_slice() else {
        return Ok(());
    };
    let batch = |expect_changed, expect_deleted: &Stored, expect_kept, expect_created| {
        vec![
            Write::put(expect_changed, record(changed, "changed")),
            Write::delete(deleted, expect_deleted.version),
            Write::keep(kept, expect_kept),
            Write::put(expect_created, record(created, "created")),
        ]
    };
    let (good, absent) = (at(kept_new), None);
    for (which, mut writes) in [
        ("update", batch(at(changed_old), deleted_new, good, absent)),
        ("delete", batch(at(changed_new), deleted_old, good, absent)),
        ("assertion", batch(at(changed_new), deleted_new, at(kept_old), absent)),
        ("assertion of absence", batch(at(changed_new), deleted_new, absent, absent)),
        ("create", batch(at(changed_new), deleted_new, good, Some(new_version()))),
    ] {
        for _ in 0..writes.len() {
            writes.rotate_left(1);
            let what = format!("a batch of four writes whose {which} expects the wrong version");
            fixture.refused(&what, writes.clone()).await?;
        }
    }
    fixture.applied("a batch with every expectation met", batch(at(changed_new), deleted_new, good, absent)).await?;
    fixture.is_stored("a batch that asserts the record", kept_new).await?;
    fixture.is_gone("a batch that deletes the record", deleted).await
}

pub(super) async fn many_writes(fixture: &Fixture<'_>) -> Verdict {
    // Two owners in one shard: batches are limited to a shard, not to an owner.
    let kinds = Kind::ALL.into_iter().cycle().zip(0_u64..64);
    let keys: Vec<Key> = kinds.map(|(kind, n)| key(kind, tag(77, n / 8 % 2), 1_000, n.into())).collect();
    let creates = keys.iter().map(|key| Write::create(record(*key, format!("{key:?}")))).collect();
    let version = fixture.applied("a batch of 64 creates", creates).await?;
    for key in &keys {
        fixture
            .is_stored("a batch that creates the record", &Stored { record: record(*key, format!("{key:?}")), version })
            .await?;
    }
    let updates = keys.iter().map(|key| Write::update(version, record(*key, "updated"))).collect();
    let version = fixture.applied("a batch of 64 updates", updates).await?;
    for key in &keys {
        fixture
            .is_stored("a batch that updates the record", &Stored { record: record(*key, "updated"), version })
            .await?;
    }
    let deletes = keys.iter().map(|key| Write::delete(*key, version)).collect();
    fixture.applied("a batch of 64 deletes", deletes).await?;
    for key in keys {
        fixture.is_gone("a batch that deletes the record", key).await?;
    }
    Ok(())
}

const fn at(stored: &Stored) -> Option<[u8; 16]> {
    Some(stored.version)
}
