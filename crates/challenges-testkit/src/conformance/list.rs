use challenges_core::Timestamp;
use challenges_core::store::Id;
use challenges_core::store::{Key, Kind, Stored, Write};

use super::failure::{Verdict, ensure};
use super::fixture::{Fixture, key, keys, record, tag};

/// Unsorted owner tags on both sides of the sign bit, two of them in the same shard.
const OWNERS: [u64; 6] = [1 << 63, tag(3, 9), u64::MAX, tag(3, 2), (1 << 63) - 1, 0];

/// Creates five challenges for each owner, mixed with records of another kind.
///
/// Owners with larger tags have older challenges, so the order of creation times is not the order of tags.
async fn populate(fixture: &Fixture<'_>) -> Verdict<Vec<Stored>> {
    let mut created = Vec::new();
    for owner in OWNERS {
        let newer = u64::from(1_024 - Id::shard_of(owner));
        for number in [4_u64, 0, 3, 1, 2] {
            let key = key(Kind::Challenge, owner, 1_000 * newer + number / 2, u128::from(number) << 90);
            created.push(fixture.create(record(key, format!("{key:?}"))).await?);
            fixture.create(record(Key::new(Kind::Outbox, key.id), "another kind")).await?;
        }
    }
    created.sort_by_key(|stored| (stored.record.key.id.owner(), stored.record.key.id));
    Ok(created)
}

fn check(what: &str, found: &[Stored], expected: &[Stored]) -> Verdict {
    ensure!(
        found == expected,
        "{what} must return, in this order, {:?}; it returned {:?}",
        keys(expected),
        keys(found),
    );
    Ok(())
}

pub(super) async fn list_of_an_owner(fixture: &Fixture<'_>) -> Verdict {
    let created = populate(fixture).await?;
    for owner in OWNERS {
        let expected: Vec<_> = created.iter().filter(|stored| stored.record.key.id.owner() == owner).cloned().collect();
        for limit in 1..7 {
            let found = fixture.walk(Kind::Challenge, Some(owner), limit).await?;
            check(&format!("a walk of one owner with limit {limit}"), &found, &expected)?;
        }
    }
    let found = fixture.walk(Kind::Endpoint, OWNERS.first().copied(), 3).await?;
    check("a walk of a kind without records of the owner", &found, &[])?;
    let found = fixture.walk(Kind::Challenge, Some(tag(3, 3)), 3).await?;
    check("a walk of an owner without records", &found, &[])
}

pub(super) async fn list_of_all(fixture: &Fixture<'_>) -> Verdict {
    let created = populate(fixture).await?;
    for limit in [1, 2, 3, 7, 29, 31] {
        let found = fixture.walk(Kind::Challenge, None, limit).await?;
        check(&format!("a walk of all owners with limit {limit}"), &found, &created)?;
    }
    for (number, stored) in created.iter().enumerate() {
        let id = stored.record.key.id;
        let page = fixture.store.list(Kind::Challenge, None, Some(id), 100).await?;
        check(&format!("a list after {id}"), &page, created.get(number + 1..).unwrap_or_default())?;
    }
    Ok(())
}

pub(super) async fn list_limits(fixture: &Fixture<'_>) -> Verdict {
    let created = populate(fixture).await?;
    // Limits that divide the number of records, after which an empty page ends the walk, and limits beyond it.
    for (owner, total, limits) in [
        (None, 30_usize, &[1_usize, 2, 3, 5, 6, 10, 15, 30, 31, 10_000, usize::MAX][..]),
        (OWNERS.first().copied(), 5, &[1, 5, 6, usize::MAX]),
    ] {
        for limit in limits {
            let found = fixture.walk(Kind::Challenge, owner, *limit).await?.len();
            ensure!(
                found == total,
                "a walk over {total} records with limit {limit} returned {found}: only the last page may have fewer \
                 records than the limit",
            );
        }
    }
    let page = fixture.store.list(Kind::Challenge, None, None, 0).await?;
    ensure!(page.is_empty(), "a page with limit 0 has {} records", page.len());
    ensure!(created.len() == 30, "bug in the conformance suite: wrong number of records");
    Ok(())
}

pub(super) async fn list_under_change(fixture: &Fixture<'_>) -> Verdict {
    let created = populate(fixture).await?;
    let mut after = None;
    let mut walked = Vec::new();
    let mut deleted = Vec::new();
    loop {
        let page = fixture.store.list(Kind::Challenge, None, after, 2).await?;
        walked.extend(keys(&page));
        ensure!(walked.len() <= 1_000, "a walk during creates and deletes does not end");
        let [_, last] = page.as_slice() else { break };
        let next = last.record.key.id;
        after = Some(next);
        // Delete the record of the cursor, and create a record of an owner that the walk has already passed.
        let cursor = Key::new(Kind::Challenge, next);
        if let Some(stored) = fixture.find(cursor).await? {
            fixture.applied("a delete", vec![Write::delete(cursor, stored.version)]).await?;
            deleted.push(cursor);
        }
        let nonce = walked.len() as u128;
        let passed = key(Kind::Challenge, 0, 1, nonce);
        fixture.applied("a create", vec![Write::create(record(passed, "passed"))]).await?;
    }
    for stored in created {
        let key = stored.record.key;
        let times = walked.iter().filter(|walked| **walked == key).count();
        ensure!(
            times == 1,
            "a walk during creates and deletes must return {key:?} once; it returned the record {times} times"
        );
    }
    let again = fixture.walk(Kind::Challenge, None, 3).await?;
    ensure!(
        again.iter().all(|stored| !deleted.contains(&stored.record.key)),
        "a walk returned a record that was deleted before the walk began",
    );
    let purged = fixture.store.purge(0..1_024, Timestamp::MAX, 1_000).await?;
    ensure!(purged == 0, "{purged} records without an expiry time were purged");
    Ok(())
}
