use bytes::Bytes;
use challenges_core::Timestamp;
use challenges_core::store::{Kind, Record};

use super::failure::{Verdict, ensure};
use super::fixture::{Fixture, key, keys, record, tag};

pub(super) async fn bodies(fixture: &Fixture<'_>) -> Verdict {
    let every_byte: Vec<u8> = (0..=255).collect();
    let large: Vec<u8> = (0..4_usize << 20).map(|n| (n.wrapping_mul(31) >> 3).to_le_bytes()[0]).collect();
    let bodies =
        [Bytes::new(), every_byte.into(), Bytes::from_static(b"\0"), Bytes::from_static(b"{}\0"), large.into()];
    for (number, body) in bodies.iter().enumerate() {
        let key = key(Kind::Challenge, tag(3, 1), 1_000, number as u128);
        let what = format!("the create of a body of {} bytes", body.len());
        let created = fixture.create(record(key, body.clone())).await?;
        fixture.is_stored(&what, &created).await?;
        for next in &bodies {
            let found = fixture.find(key).await?;
            let Some(found) = found else { continue };
            let updated = fixture.update(&found, record(key, next.clone())).await?;
            fixture.is_stored(&format!("an update to a body of {} bytes", next.len()), &updated).await?;
        }
    }
    Ok(())
}

pub(super) async fn extreme_times(fixture: &Fixture<'_>) -> Verdict {
    let times = [0, 1, i64::MAX.unsigned_abs() - 1, i64::MAX.unsigned_abs(), 1 << 63, u64::MAX - 1, u64::MAX];
    let mut created = Vec::new();
    for (number, millis) in times.into_iter().enumerate().rev() {
        let time = Some(Timestamp::from_millis(millis));
        let key = key(Kind::Outbox, tag(3, 1), millis, number as u128);
        let stored = fixture.create(Record { due: time, expires: time, ..record(key, "{}") }).await?;
        fixture.is_stored(&format!("a create with times {millis}"), &stored).await?;
        created.insert(0, stored);
    }
    for (number, millis) in times.into_iter().enumerate() {
        let due = fixture.store.due(Kind::Outbox, 0..1_024, Timestamp::from_millis(millis), 10).await?;
        let expected: Vec<_> = created.iter().take(number + 1).cloned().collect();
        ensure!(
            due == expected,
            "at {millis}, the due times must be {:?} in this order; found {:?}",
            times.get(..=number),
            due.iter().map(|stored| stored.record.due.map(Timestamp::as_millis)).collect::<Vec<_>>(),
        );
    }
    let listed = fixture.walk(Kind::Outbox, None, 2).await?;
    ensure!(listed == created, "ids with extreme times are listed in the wrong order: {:?}", keys(&listed));
    for (number, millis) in times.into_iter().enumerate() {
        let purged = fixture.store.purge(0..1_024, Timestamp::from_millis(millis), 10).await?;
        let expected = usize::from(number > 0);
        ensure!(purged == expected, "a purge before {millis} must delete {expected} records; it returned {purged}");
    }
    let left = fixture.walk(Kind::Outbox, None, 10).await?;
    ensure!(left.len() == 1, "the record that expires at Timestamp::MAX must remain; {} records are left", left.len());
    Ok(())
}
