use challenges_core::Timestamp;
use challenges_core::store::{Kind, Record, Stored, Write};

use super::failure::{Verdict, ensure};
use super::fixture::{Fixture, due_at, key, record, tag};

/// Returns the due times of the due records, in the order of the store.
async fn due(fixture: &Fixture<'_>, shards: std::ops::Range<u16>, now: u64, limit: usize) -> Verdict<Vec<u64>> {
    let found = fixture.store.due(Kind::Outbox, shards, Timestamp::from_millis(now), limit).await?;
    let wrong = found.iter().find(|stored| stored.record.key.kind != Kind::Outbox);
    ensure!(
        wrong.is_none(),
        "due records of Kind::Outbox contain a record of {:?}",
        wrong.map(|stored| stored.record.key.kind)
    );
    Ok(found.iter().map(|stored| stored.record.due.map_or(u64::MAX, Timestamp::as_millis)).collect())
}

pub(super) async fn due_order(fixture: &Fixture<'_>) -> Verdict {
    // Ids and shards are unrelated to the order of due times.
    for (number, time) in [700_u64, 100, 900, 300, 500, 200, 800, 400, 600].into_iter().enumerate() {
        let key = key(Kind::Outbox, tag(113 * number as u16, 1), 1_000 + number as u64, 1);
        let stored = fixture.create(due_at(key, Some(time))).await?;
        let found = fixture.store.due(Kind::Outbox, 0..1_024, Timestamp::from_millis(time), 100).await?;
        ensure!(
            found.contains(&stored),
            "a record due at {time} must be returned at {time}, complete and with its version"
        );
        fixture
            .create(Record {
                due: stored.record.due,
                ..record(super::fixture::key(Kind::Challenge, key.id.owner(), 1, 1), "")
            })
            .await?;
    }
    fixture.create(due_at(key(Kind::Outbox, tag(1, 1), 1, 9), None)).await?;
    for (now, limit, expected) in [
        (99, 10, &[][..]),
        (100, 10, &[100]),
        (101, 10, &[100]),
        (599, 10, &[100, 200, 300, 400, 500]),
        (599, 2, &[100, 200]),
        (u64::MAX, 100, &[100, 200, 300, 400, 500, 600, 700, 800, 900]),
        (u64::MAX, usize::MAX, &[100, 200, 300, 400, 500, 600, 700, 800, 900]),
        (u64::MAX, 1, &[100]),
        (u64::MAX, 0, &[]),
    ] {
        let found = due(fixture, 0..1_024, now, limit).await?;
        ensure!(found == expected, "at {now}, with limit {limit}, the due times must be {expected:?}; found {found:?}");
    }
    Ok(())
}

pub(super) async fn due_shards(fixture: &Fixture<'_>) -> Verdict {
    // The due time equals the shard, so the result shows the shard of each record.
    let shards = [0_u16, 1, 15, 16, 17, 511, 512, 1_022, 1_023];
    for shard in shards {
        for (rest, random) in [(0, 1), (u64::MAX >> 10, 2)] {
            let key = key(Kind::Outbox, tag(shard, rest), 1_000, random);
            fixture.create(due_at(key, Some(u64::from(shard)))).await?;
        }
    }
    for range in [0..1_024, 0..0, 0..1, 1..16, 16..17, 15..18, 17..17, 512..1_024, 1_023..1_024, 2..15, 0..512] {
        let inside = shards.into_iter().filter(|shard| range.contains(shard)).map(u64::from);
        let expected: Vec<_> = inside.flat_map(|shard| [shard, shard]).collect();
        let found = due(fixture, range.clone(), u64::MAX, 100).await?;
        ensure!(found == expected, "due records of {range:?} must be in the shards {expected:?}; found {found:?}");
    }
    Ok(())
}

pub(super) async fn due_changes(fixture: &Fixture<'_>) -> Verdict {
    let key = key(Kind::Outbox, tag(3, 1), 1_000, 1);
    let mut stored: Stored = fixture.create(due_at(key, Some(500))).await?;
    for next in [Some(100), None, Some(300), Some(300), Some(u64::MAX), Some(0), None, Some(200)] {
        stored = fixture.update(&stored, due_at(key, next)).await?;
        let expected: Vec<_> = next.into_iter().collect();
        let found = due(fixture, 0..1_024, u64::MAX, 10).await?;
        ensure!(
            found == expected,
            "after an update to due {next:?}, the due times must be {expected:?}; found {found:?}"
        );
        let late: Vec<_> = next.into_iter().filter(|due| *due <= 250).collect();
        let found = due(fixture, 0..1_024, 250, 10).await?;
        ensure!(
            found == late,
            "after an update to due {next:?}, the due times at 250 must be {late:?}; found {found:?}"
        );
    }
    fixture.applied("a delete", vec![Write::delete(key, stored.version)]).await?;
    let found = due(fixture, 0..1_024, u64::MAX, 10).await?;
    ensure!(found.is_empty(), "a deleted record is still due at {found:?}");
    Ok(())
}
