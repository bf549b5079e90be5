use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use challenges_core::Store;
use challenges_core::store::{Batch, Commit, Expect, Key, Kind, Load, Record, Stored, Write};
use futures::future::BoxFuture;

use super::failure::{Complaint, Verdict, ensure};
use super::fixture::{Fixture, brief, key, new_version, record, tag};
use crate::{Yielding, yield_now};

/// What one task of a race did.
struct Attempt {
    commit: Commit,
    would_stand: Stored,
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

/// Every task replaces what stood there before any of them began: one may.
async fn race(fixture: &Fixture<'_>, key: Key, tasks: usize) -> Verdict {
    let expect = fixture.find(key).await?.map_or(Expect::Absent, |stored| Expect::At(stored.version));
    let attempt = |number: usize| -> BoxFuture<'static, Verdict<Attempt>> {
        let store = Yielding::sharing(Arc::clone(&fixture.store));
        Box::pin(async move {
            let would_stand = Stored { record: record(key, format!("won by {number}")), version: new_version() };
            let write = Write::put(expect, would_stand.record.clone());
            let commit = store.commit(Batch::new(would_stand.version, vec![write])?).await?;
            Ok(Attempt { commit, would_stand })
        })
    };
    let attempts = fixture.race((0..tasks).map(attempt).collect()).await?;
    let winners: Vec<_> = attempts.into_iter().filter(|attempt| attempt.commit == Commit::Applied).collect();
    let [winner] = winners.as_slice() else {
        let count = winners.len();
        return Err(Complaint::Wrong(format!(
            "{tasks} tasks wrote one record at once, all with {expect:?}: {count} were Applied; it must be one"
        )));
    };
    fixture.stands("a race for it", &winner.would_stand).await
}

/// Each batch of a pair asserts the record that the other one writes: an order of the two exists only without one of them.
pub(super) async fn write_skew(fixture: &Fixture<'_>) -> Verdict {
    for (round, tasks) in rounds(fixture) {
        let (mut pairs, mut attempts) = (Vec::new(), Vec::new());
        for number in 0..(tasks / 2).max(1) {
            let owner = tag(number as u16 % 1_024, 1);
            let kinds = [Kind::Subject, Kind::TotpEnrollment];
            let [one, other] = kinds.map(|kind| key(kind, owner, round as u64, number as u128));
            // Absence is asserted as well: where there is no row, a lock on rows locks nothing.
            let expect = if (round + number) % 2 == 0 {
                let creates = [one, other].map(|key| Write::put(Expect::Absent, record(key, "both")));
                Expect::At(fixture.applied("the create of two records", creates.to_vec()).await?)
            } else {
                Expect::Absent
            };
            pairs.push((one, other, expect));
            attempts.push(put_beside(fixture, other, one, expect));
            attempts.push(put_beside(fixture, one, other, expect));
        }
        let attempts = fixture.race(attempts).await?;
        for (one, other, expect) in pairs {
            let of_pair = attempts.iter().filter(|attempt| [one, other].contains(&attempt.would_stand.record.key));
            let winners: Vec<_> = of_pair.filter(|attempt| attempt.commit == Commit::Applied).collect();
            let [winner] = winners.as_slice() else {
                let count = winners.len();
                return Err(Complaint::Wrong(format!(
                    "two batches at once, each of which keeps with {expect:?} what the other one puts: \
                     {count} were Applied; it must be one"
                )));
            };
            fixture.stands("a batch that puts it and keeps another", &winner.would_stand).await?;
            let kept = if winner.would_stand.record.key == one { other } else { one };
            let what = "a batch that keeps it, and a Conflict of one that would have put it";
            match expect {
                Expect::At(version) => fixture.stands(what, &Stored { record: record(kept, "both"), version }).await?,
                Expect::Absent => fixture.is_gone(what, kept).await?,
            }
        }
    }
    Ok(())
}

fn put_beside(fixture: &Fixture<'_>, kept: Key, put: Key, expect: Expect) -> BoxFuture<'static, Verdict<Attempt>> {
    let store = Yielding::sharing(Arc::clone(&fixture.store));
    Box::pin(async move {
        let would_stand = Stored { record: record(put, "one"), version: new_version() };
        let writes = vec![Write::keep(kept, expect), Write::put(expect, would_stand.record.clone())];
        let commit = store.commit(Batch::new(would_stand.version, writes)?).await?;
        Ok(Attempt { commit, would_stand })
    })
}

pub(super) async fn exact_counter(fixture: &Fixture<'_>) -> Verdict {
    for (round, tasks) in rounds(fixture) {
        let key = key(Kind::Subject, tag(round as u16 % 1_024, 1), round as u64, tasks as u128);
        fixture.create(record(key, "0")).await?;
        let start = Arc::new(Start { waiting: AtomicUsize::new(tasks) });
        let increment =
            |_| -> BoxFuture<'static, _> { Box::pin(increment(Arc::clone(&fixture.store), key, Arc::clone(&start))) };
        let conflicts: usize = fixture.race((0..tasks).map(increment).collect()).await?.into_iter().sum();
        let counted = fixture.find(key).await?.and_then(|stored| count(&stored.record)).unwrap_or_default();
        ensure!(counted == tasks, "{tasks} tasks incremented a counter once each; it stands at {counted}");
        ensure!(
            conflicts + 1 >= tasks,
            "{tasks} tasks all read before any wrote, so all but one must meet a conflict; there were {conflicts}",
        );
    }
    Ok(())
}

/// Increments the counter once, and answers how many conflicts that took.
async fn increment(store: Arc<dyn Store>, key: Key, start: Arc<Start>) -> Verdict<usize> {
    let store = Yielding::sharing(store);
    for conflicts in 0..100_000 {
        let loaded = store.load(&Load::key(key)).await?;
        if conflicts == 0 {
            start.wait().await?;
        }
        let Some(stored) = loaded.find(key) else {
            return Err(Complaint::Wrong("a counter vanished while it was incremented".to_owned()));
        };
        let next = count(&stored.record).unwrap_or_default() + 1;
        let write = Write::put(Expect::At(stored.version), record(key, next.to_string()));
        if store.commit(Batch::new(new_version(), vec![write])?).await? == Commit::Applied {
            return Ok(conflicts);
        }
    }
    Err(Complaint::Wrong("an increment met 100,000 conflicts, though one task has to win each time".to_owned()))
}

/// Where every task waits until all have come, on any executor.
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
            "the tasks of a race never ran at once: is the spawner one that waits for each?".to_owned(),
        ))
    }
}

fn count(record: &Record) -> Option<usize> {
    std::str::from_utf8(&record.body).ok()?.parse().ok()
}

pub(super) async fn snapshot(fixture: &Fixture<'_>) -> Verdict {
    const BATCHES: usize = 50;
    let owner = tag(700, 1);
    let pair = [key(Kind::Subject, owner, 1, 1), key(Kind::Endpoint, owner, 1, 2)];
    let creates = pair.map(|key| Write::put(Expect::Absent, record(key, "0")));
    let version = fixture.applied("the create of two records", creates.to_vec()).await?;
    let writer = Arc::clone(&fixture.store);
    let write = Box::pin(async move {
        let mut version = version;
        for number in 0..BATCHES {
            let puts = pair.map(|key| Write::put(Expect::At(version), record(key, number.to_string())));
            version = new_version();
            let commit = writer.commit(Batch::new(version, puts.to_vec())?).await?;
            ensure!(commit == Commit::Applied, "a batch of the only writer met a Conflict");
            yield_now().await;
        }
        Ok(())
    });
    let read = |_| -> BoxFuture<'static, Verdict> {
        let store = Arc::clone(&fixture.store);
        Box::pin(async move {
            let [first, second] = pair;
            for _ in 0..4 * BATCHES {
                let loaded = store.load(&Load::key(first).with_siblings(&[second.kind])).await?;
                let (first, second) = (loaded.find(first), loaded.find(second));
                ensure!(
                    first.map(|stored| (stored.version, &stored.record.body))
                        == second.map(|stored| (stored.version, &stored.record.body)),
                    "a load showed half of a batch: {} beside {}",
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

/// Every round of every number of tasks, each with a number of its own.
pub(super) fn rounds(fixture: &Fixture<'_>) -> impl Iterator<Item = (usize, usize)> {
    let suite = fixture.suite;
    suite.tasks.iter().flat_map(|tasks| (0..suite.rounds).map(|_| *tasks)).enumerate()
}
