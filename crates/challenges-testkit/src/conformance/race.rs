use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use challenges_core::Store;
use challenges_core::store::{Batch, Commit, Key, Kind, Load, Record, Stored, Write};
use futures::future::BoxFuture;

use super::failure::{Complaint, Verdict, ensure};
use super::fixture::{Fixture, brief, key, new_version, record, tag};
use crate::{Yielding, yield_now};

/// The result of one task of a race.
struct Attempt {
    commit: Commit,
    written: Stored,
}

pub(super) async fn one_creator(fixture: &Fixture<'_>) -> Verdict {
    for (round, tasks) in rounds(fixture) {
        let key = key(Kind::Reservation, tag(round as u16 % 1_024, 1), round as u64, tasks as u128);
        race(fixture, key, tasks).await?;
    }
    Ok(())
}

pub(super) async fn one_winner(fixture: &Fixture<'_>) -> Verdict {
    for (round, tasks) in rounds(fixture) {
        let key = key(Kind::Challenge, tag(round as u16 % 1_024, 1), round as u64, tasks as u128);
        fixture.create(record(key, "open")).await?;
        race(fixture, key, tasks).await?;
    }
    Ok(())
}

/// Lets every task write over the state from before the race. Exactly one commit must be applied.
async fn race(fixture: &Fixture<'_>, key: Key, tasks: usize) -> Verdict {
    let expect = fixture.find(key).await?.map(|stored| stored.version);
    let attempt = |number: usize| -> BoxFuture<'static, Verdict<Attempt>> {
        let store = Yielding::sharing(Arc::clone(&fixture.store));
        Box::pin(async move {
            let written = Stored { record: record(key, format!("won by {number}")), version: new_version() };
            let write = Write::put(expect, written.record.clone());
            let commit = store.commit(Batch::new(written.version, vec![write])?).await?;
            Ok(Attempt { commit, written })
        })
    };
    let attempts = fixture.race((0..tasks).map(attempt).collect()).await?;
    let winners: Vec<_> = attempts.into_iter().filter(|attempt| attempt.commit == Commit::Applied).collect();
    let [winner] = winners.as_slice() else {
        let count = winners.len();
        return Err(Complaint::Wrong(format!(
            "{tasks} concurrent writes of one record, all with {expect:?}: {count} returned Applied; expected one"
        )));
    };
    fixture.is_stored("a race for it", &winner.written).await
}

/// Races pairs of batches. Each batch asserts the record that the other batch writes, so at most one can be applied.
pub(super) async fn write_skew(fixture: &Fixture<'_>) -> Verdict {
    for (round, tasks) in rounds(fixture) {
        let (mut pairs, mut attempts) = (Vec::new(), Vec::new());
        for number in 0..(tasks / 2).max(1) {
            let owner = tag(number as u16 % 1_024, 1);
            let kinds = [Kind::Counters, Kind::TotpEnrollment];
            let [one, other] = kinds.map(|kind| key(kind, owner, round as u64, number as u128));
            // Half of the pairs assert absence: row locks do not protect a row that does not exist.
            let expect = if (round + number) % 2 == 0 {
                let creates = [one, other].map(|key| Write::create(record(key, "both")));
                Some(fixture.applied("the create of two records", creates.to_vec()).await?)
            } else {
                None
            };
            pairs.push((one, other, expect));
            attempts.push(put_beside(fixture, other, one, expect));
            attempts.push(put_beside(fixture, one, other, expect));
        }
        let attempts = fixture.race(attempts).await?;
        for (one, other, expect) in pairs {
            let of_pair = attempts.iter().filter(|attempt| [one, other].contains(&attempt.written.record.key));
            let winners: Vec<_> = of_pair.filter(|attempt| attempt.commit == Commit::Applied).collect();
            let [winner] = winners.as_slice() else {
                let count = winners.len();
                return Err(Complaint::Wrong(format!(
                    "two concurrent batches, each with a Keep of {expect:?} on the record that the other puts: \
                     {count} returned Applied; expected one"
                )));
            };
            fixture.is_stored("a batch with a Put of the record and a Keep of another", &winner.written).await?;
            let kept = if winner.written.record.key == one { other } else { one };
            let what = "a batch with a Keep of the record, and a Conflict of a batch with a Put";
            match expect {
                Some(version) => fixture.is_stored(what, &Stored { record: record(kept, "both"), version }).await?,
                None => fixture.is_gone(what, kept).await?,
            }
        }
    }
    Ok(())
}

fn put_beside(
    fixture: &Fixture<'_>,
    kept: Key,
    put: Key,
    expect: Option<[u8; 16]>,
) -> BoxFuture<'static, Verdict<Attempt>> {
    let store = Yielding::sharing(Arc::clone(&fixture.store));
    Box::pin(async move {
        let written = Stored { record: record(put, "one"), version: new_version() };
        let writes = vec![Write::keep(kept, expect), Write::put(expect, written.record.clone())];
        let commit = store.commit(Batch::new(written.version, writes)?).await?;
        Ok(Attempt { commit, written })
    })
}

pub(super) async fn exact_counter(fixture: &Fixture<'_>) -> Verdict {
    for (round, tasks) in rounds(fixture) {
        let key = key(Kind::Counters, tag(round as u16 % 1_024, 1), round as u64, tasks as u128);
        fixture.create(record(key, "0")).await?;
        let start = Arc::new(Start { waiting: AtomicUsize::new(tasks) });
        let increment =
            |_| -> BoxFuture<'static, _> { Box::pin(increment(Arc::clone(&fixture.store), key, Arc::clone(&start))) };
        let conflicts: usize = fixture.race((0..tasks).map(increment).collect()).await?.into_iter().sum();
        let counted = fixture.find(key).await?.and_then(|stored| count(&stored.record)).unwrap_or_default();
        ensure!(counted == tasks, "{tasks} tasks incremented a counter once each, but the counter is {counted}");
        ensure!(
            conflicts + 1 >= tasks,
            "{tasks} tasks all read before the first write, so all but one must meet a conflict; there were {conflicts}",
        );
    }
    Ok(())
}

/// Increments the counter once and returns the number of conflicts on the way.
async fn increment(store: Arc<dyn Store>, key: Key, start: Arc<Start>) -> Verdict<usize> {
    let store = Yielding::sharing(store);
    for conflicts in 0..100_000 {
        let found = store.load(&Load::key(key)).await?.pop();
        if conflicts == 0 {
            start.wait().await?;
        }
        let Some(stored) = found else {
            return Err(Complaint::Wrong("a counter disappeared during increments".to_owned()));
        };
        let next = count(&stored.record).unwrap_or_default() + 1;
        let write = Write::update(stored.version, record(key, next.to_string()));
        if store.commit(Batch::new(new_version(), vec![write])?).await? == Commit::Applied {
            return Ok(conflicts);
        }
    }
    Err(Complaint::Wrong("an increment met 100,000 conflicts, but one task must win each time".to_owned()))
}

/// A barrier for the tasks of a race, on any executor.
struct Start {
    waiting: AtomicUsize,
}

impl Start {
    async fn wait(&self) -> Verdict {
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        for _ in 0..10_000_000 {
            if self.waiting.load(Ordering::SeqCst) == 0 {
                return Ok(());
            }
            yield_now().await;
        }
        Err(Complaint::Wrong(
            "the tasks of a race never ran concurrently; the spawner must not wait for each task".to_owned(),
        ))
    }
}

fn count(record: &Record) -> Option<usize> {
    std::str::from_utf8(&record.body).ok()?.parse().ok()
}

pub(super) async fn snapshot(fixture: &Fixture<'_>) -> Verdict {
    const BATCHES: usize = 50;
    let owner = tag(700, 1);
    let pair = [key(Kind::Counters, owner, 1, 1), key(Kind::Endpoint, owner, 1, 2)];
    let creates = pair.map(|key| Write::create(record(key, "0")));
    let version = fixture.applied("the create of two records", creates.to_vec()).await?;
    let writer = Arc::clone(&fixture.store);
    let write = Box::pin(async move {
        let mut version = version;
        for number in 0..BATCHES {
            let puts = pair.map(|key| Write::update(version, record(key, number.to_string())));
            version = new_version();
            let commit = writer.commit(Batch::new(version, puts.to_vec())?).await?;
            ensure!(commit == Commit::Applied, "a batch of the only writer returned Conflict");
            yield_now().await;
        }
        Ok(())
    });
    let read = |_| -> BoxFuture<'static, Verdict> {
        let store = Arc::clone(&fixture.store);
        Box::pin(async move {
            let [first, second] = pair;
            for _ in 0..4 * BATCHES {
                let loaded = store.load(&Load::key(first).with_owned(&[second.kind])).await?;
                let find = |key| loaded.iter().find(|stored| stored.record.key == key);
                let (first, second) = (find(first), find(second));
                ensure!(
                    first.map(|stored| (stored.version, &stored.record.body))
                        == second.map(|stored| (stored.version, &stored.record.body)),
                    "a load returned half of a batch: {} beside {}",
                    brief(first),
                    brief(second),
                );
                yield_now().await;
            }
            Ok(())
        })
    };
    let mut tasks: Vec<BoxFuture<'static, Verdict>> = (0..4).map(read).collect();
    tasks.push(write);
    fixture.race(tasks).await.map(drop)
}

/// Returns every round as a unique number and a number of tasks.
pub(super) fn rounds(fixture: &Fixture<'_>) -> impl Iterator<Item = (usize, usize)> {
    let suite = fixture.suite;
    suite.tasks.iter().flat_map(|tasks| (0..suite.rounds).map(|_| *tasks)).enumerate()
}

/// Returns the rounds of a race in which the tasks write one after another, and meet conflicts until then. The last
/// round has all tasks, and the others have at most 32.
pub(super) fn costly_rounds(fixture: &Fixture<'_>) -> impl Iterator<Item = (usize, usize)> {
    let count = fixture.suite.tasks.len().saturating_mul(fixture.suite.rounds);
    rounds(fixture).map(move |(round, tasks)| (round, if round + 1 == count { tasks } else { tasks.min(32) }))
}
