use std::future::Future;
use std::sync::Arc;

use challenges_core::store::{Kind, Stored, Write};
use challenges_core::{Answer, ChallengeId, ChallengeType, CodeForm, Policy, Store};

use super::Suite;
use super::failure::{Complaint, Verdict, ensure};
use super::fixture::{Fixture, key, new_version, record, tag};
use super::host::Host;

/// Writes to an empty store, drops it, opens it again with `reopen`, and checks that what was acknowledged stands, and that
/// a challenge whose attempts were used up takes no more (R6).
///
/// It shows that an orderly close loses nothing. That nothing is lost by a crash needs a process that is killed.
///
/// # Errors
///
/// [`Complaint`] when the store that was opened again is not what the first one acknowledged.
///
/// # Examples
///
/// ```
/// use challenges_testkit::conformance::survives_reopen;
/// use challenges_testkit::DefectiveStore;
///
/// # futures::executor::block_on(async {
/// // A store that begins anew is no durable one.
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
    // A service first: it does not start on a store that has records and nothing of a first start.
    let (id, code) = use_up(&fixture).await?;
    let (kept, deleted) = write(&fixture).await?;
    let before = fixture.walk(Kind::Challenge, None, 7).await?.len();
    drop(fixture);
    let fixture = Fixture::new(Arc::new(reopen().await), &suite);
    for stored in &kept {
        fixture.stands("a close and an open of the store", stored).await?;
        let stale = vec![Write::delete(stored.record.key, new_version())];
        fixture.refused("a delete of another version, after an open,", stale).await?;
    }
    for stored in deleted {
        fixture.is_gone("its delete, a close and an open of the store", stored.record.key).await?;
    }
    let listed = fixture.walk(Kind::Challenge, None, 7).await?;
    ensure!(listed.len() == before, "{before} records stood before a close; {} are listed after", listed.len());
    let passes = service(&fixture).await?.accepts(&fixture, Answer::allow(id, ChallengeType::Code, code)).await?;
    ensure!(!passes, "wrong answers that were counted before a close were forgotten after");
    Ok(())
}

/// Gives as many wrong answers to a challenge as it takes; answers its id and the right one.
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
    policy.code = CodeForm::Digits(10);
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
