use challenges_core::Timestamp;
use challenges_core::store::{Key, Kind, Load, Stored};

use super::failure::{Verdict, ensure};
use super::fixture::{Fixture, key, keys, record, tag};

pub(super) async fn load_of_nothing(fixture: &Fixture<'_>) -> Verdict {
    let owner = tag(3, 1);
    let missing = key(Kind::Challenge, owner, 1_000, 1);
    for request in [
        Load::of(owner),
        Load::key(missing),
        Load::of(owner).with_owned(&Kind::ALL),
        Load::key(missing).with_owned(&Kind::ALL),
    ] {
        let found = fixture.store.load(&request).await?;
        ensure!(found.is_empty(), "a load from an empty store returned {:?}", keys(&found));
    }
    let page = fixture.walk(Kind::Challenge, None, 10).await?;
    ensure!(page.is_empty(), "a list of an empty store returned {:?}", keys(&page));
    let purged = fixture.store.purge(0..1_024, Timestamp::MAX, 10).await?;
    ensure!(purged == 0, "a purge of an empty store returned {purged}");
    Ok(())
}

pub(super) async fn siblings(fixture: &Fixture<'_>) -> Verdict {
    let (owner, neighbour, other) = (tag(3, 1), tag(3, 2), tag(900, 1));
    let mut created = Vec::new();
    for owner in [owner, neighbour, other] {
        // Latest first, so that insertion order differs from the order of ids.
        for age in (0..5_u64).rev() {
            for kind in [Kind::Challenge, Kind::TotpEnrollment, Kind::Endpoint] {
                let key = key(kind, owner, 1_000 + age, u128::from(10 - age));
                created.push(fixture.create(record(key, format!("{key:?}"))).await?);
            }
        }
        created.push(fixture.create(record(key(Kind::Counters, owner, 0, 0), "subject")).await?);
    }
    let of = |kinds: &[Kind]| -> Vec<&Stored> {
        let is_asked_for = |key: &Key| key.id.owner() == owner && kinds.contains(&key.kind);
        let mut found: Vec<_> = created.iter().filter(|stored| is_asked_for(&stored.record.key)).collect();
        found.sort_by_key(|stored| stored.record.key);
        found
    };
    let named = key(Kind::TotpEnrollment, owner, 1_002, 8);
    let missing = key(Kind::TotpEnrollment, owner, 1_009, 8);
    for kinds in [
        &[Kind::TotpEnrollment][..],
        &[Kind::Counters, Kind::TotpEnrollment],
        &[Kind::TotpEnrollment, Kind::TotpEnrollment],
        &[Kind::Challenge, Kind::Counters, Kind::Outbox, Kind::TotpEnrollment, Kind::Endpoint],
    ] {
        for request in [Load::of(owner), Load::key(named), Load::key(missing)] {
            let request = request.with_owned(kinds);
            check(&fixture.store.load(&request).await?.iter().collect::<Vec<_>>(), &of(kinds), kinds)?;
        }
    }
    let named = of(&[Kind::Challenge]).into_iter().take(1);
    for stored in named {
        let request = Load::key(stored.record.key).with_owned(&[Kind::Endpoint]);
        let mut expected = of(&[Kind::Endpoint]);
        expected.push(stored);
        let loaded = fixture.store.load(&request).await?;
        check(&loaded.iter().collect::<Vec<_>>(), &expected, &[Kind::Challenge, Kind::Endpoint])?;
    }
    Ok(())
}

/// Checks for the same records, with the same order within each kind.
fn check(found: &[&Stored], expected: &[&Stored], kinds: &[Kind]) -> Verdict {
    let keys = keys(found.iter().copied());
    ensure!(
        found.len() == expected.len(),
        "a load with siblings {kinds:?} must return {} records, each once; it returned {keys:?}",
        expected.len(),
    );
    for kind in kinds {
        let of_kind = |records: &[&Stored]| -> Vec<Stored> {
            records.iter().filter(|stored| stored.record.key.kind == *kind).map(|stored| (*stored).clone()).collect()
        };
        ensure!(
            of_kind(found) == of_kind(expected),
            "a load with siblings {kinds:?} must return the owner's {kind:?} records in order; it returned {keys:?}",
        );
    }
    Ok(())
}

pub(super) async fn equal_random_parts(fixture: &Fixture<'_>) -> Verdict {
    // Two owners in one shard, an owner in another shard, and an equal owner and random part with another creation
    // time.
    let owners = [(tag(5, 1), 1_000), (tag(5, 2), 1_000), (tag(6, 1), 1_000), (tag(5, 1), 1_001)];
    let mut created = Vec::new();
    for (owner, time) in owners {
        let key = key(Kind::Challenge, owner, time, 42);
        fixture.is_gone("the create of another record with the same random part", key).await?;
        created.push(fixture.create(record(key, format!("{time} {owner:?}"))).await?);
    }
    let other_kind = key(Kind::Outbox, tag(5, 1), 1_000, 42);
    created.push(fixture.create(record(other_kind, "the same id under another kind")).await?);
    for stored in &created {
        fixture.is_stored("creates of records with equal random parts", stored).await?;
    }
    Ok(())
}
