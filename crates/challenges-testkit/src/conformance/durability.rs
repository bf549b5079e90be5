use std::future::Future;
use std::sync::Arc;

use challenges_core::store::{Kind, Stored, Write};
use challenges_core::{Answer, ChallengeId, ChallengeType, Policy, Store};

use super::Suite;
use super::failure::{Complaint, Verdict, ensure};
use super::fixture::{Fixture, key, new_version, record, tag};
use super::host::Host;

/// Checks that acknowledged writes survive a close and a reopen of an empty durable store.
///
/// A challenge without attempts left must refuse the right answer after the reopen (R6). The check covers an orderly
/// close only; durability across a crash needs a test that kills the process.
///
/// # Errors
///
/// [`Complaint`] when the reopened store differs from the acknowledged writes.
///
/// # Examples
///
/// ```
/// use challenges_testkit::conformance::survives_reopen;
/// use challenges_testkit::DefectiveStore;
///
/// # futures::executor::block_on(async {
/// // A store in memory does not survive a reopen.
/// let volatile = survives_reopen(DefectiveStore::sound(), || async { DefectiveStore::sound() }).await;
/// assert!(volatile.is_err());
/// # });
/// ```
pub async fn survives_reopen<S, F, Fut>(store: S, reopen: F) -> Result<(), Complaint>
where
    S: Store,
    F: FnOnce() -> Fut,
    Fut: Future<Output = S>,
{
    let suite = Suite::new(|| async { crate::DefectiveStore::sound() });
    let fixture = Fixture::new(Arc::new(store), &suite);
    // The service comes first, because no service starts on a non-empty store that was never initialized.
    let (id, code) = use_up(&fixture).await?;
    let (kept, deleted) = write(&fixture).await?;
    let before = fixture.walk(Kind::Challenge, None, 7).await?.len();
    drop(fixture);
    let fixture = Fixture::new(Arc::new(reopen().await), &suite);
    for stored in &kept {
        fixture.is_stored("a close and a reopen of the store", stored).await?;
        let stale = vec![Write::delete(stored.record.key, new_version())];
        fixture.refused("a delete of another version, after a reopen,", stale).await?;
    }
    for stored in deleted {
        fixture.is_gone("its delete, a close and a reopen of the store", stored.record.key).await?;
    }
    let listed = fixture.walk(Kind::Challenge, None, 7).await?;
    ensure!(listed.len() == before, "{before} records were listed before a close; {} after the reopen", listed.len());
    let passes = service(&fixture).await?.accepts(&fixture, Answer::allow(id, ChallengeType::Code, code)).await?;
    ensure!(!passes, "wrong answers from before a close were forgotten after the reopen");
    Ok(())
}

/// Uses up the attempts of a challenge. Returns the id and the right answer.
async fn use_up(fixture: &Fixture<'_>) -> Verdict<(ChallengeId, String)> {
    let host = service(fixture).await?;
    let (id, code) = host.create("alice", ChallengeType::Code).await?;
    for number in 0..host.challenges.policy().guesses_per_challenge {
        let wrong = Answer::allow(id, ChallengeType::Code, format!("wrong {number}"));
        ensure!(!host.accepts(fixture, wrong).await?, "a wrong answer was accepted");
    }
    Ok((id, code))
}

async fn service(fixture: &Fixture<'_>) -> Verdict<Host> {
    let mut policy = Policy::default();
    policy.code_digits = Some(10);
    Host::new(fixture, policy).await
}

async fn write(fixture: &Fixture<'_>) -> Verdict<(Vec<Stored>, Vec<Stored>)> {
    let (mut kept, mut deleted) = (Vec::new(), Vec::new());
    for number in 0..100_u16 {
        let key = key(Kind::Challenge, tag(number * 10, 1), u64::from(number), 1);
        let mut stored = fixture.create(record(key, "created")).await?;
        if number % 3 == 0 {
            stored = fixture.update(&stored, record(key, "updated")).await?;
        }
        if number % 5 == 0 {
            fixture.applied("a delete", vec![Write::delete(key, stored.version)]).await?;
            deleted.push(stored);
        } else {
            kept.push(stored);
        }
    }
    Ok((kept, deleted))
}
