//! R72: erasing an account.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::approvals::OneTimeUseAction;
use challenges_core::endpoints::{Address, PushSubscription};
use challenges_core::outbox::{Failure, Job, Retry, Task};
use challenges_core::store::{Batch, Commit, Kind, Load, Record, Write};
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Challenges, Courier, Error, Store, Timeout, Timestamp};
use challenges_memory::MemoryStore;
use challenges_proofs::explore::{Explored, Explorer, Trial, Violation};
use challenges_testkit::{Authenticator, FakeClock, Fault, Flaky, administrator};

use crate::courier::{Scripted, Step, actor, http};
use crate::devices;
use crate::harness::{Host, START, Seen, owner, quiet, refused, service};

/// A name found in no other text.
const USER: &str = "alice-8fd1";
const SMS: ChallengeType = ChallengeType::Sms;

fn push(user: &str) -> PushSubscription {
    PushSubscription::new(&format!("https://push.example/{user}"), &"A".repeat(87), &"A".repeat(22)).unwrap()
}

/// Decides a one-time-use action of the user, with two HTTP actions.
async fn decide(challenges: &Challenges, user: &str) {
    let mut action = OneTimeUseAction::new(vec![actor(user)], Timeout::from_seconds(600).unwrap());
    action.approved_actions = vec![http("https://a.example/one"), http("https://a.example/two")];
    let created = challenges.actions().create(owner(user), action).await.unwrap();
    let approve = Answer::approve_action(created.challenge.id(), created.links[0].approve.expose());
    assert!(challenges.answer(approve).await.unwrap().passed().is_some());
}

/// Creates records of every kind for a user: factors, addresses and codes, also unfinished; open, pending and ended
/// challenges; messages and actions, performed, queued and dead.
async fn furnish(host: &Host, user: &str, numbers: [&str; 2]) {
    let challenges = &host.challenges;
    let (enrollment, key) = challenges.totp().create(owner(user), &administrator()).await.unwrap();
    let app = Authenticator::new(key.to_base32().expose()).unwrap();
    challenges
        .totp()
        .confirm(&owner(user), &administrator(), enrollment.id(), &app.code(host.now()).into())
        .await
        .unwrap();
    let _ = challenges.totp().create(owner(user), &administrator()).await.unwrap();
    let number = Address::Phone(numbers[0].parse().unwrap());
    challenges.endpoints().register_confirmed(owner(user), &administrator(), number).await.unwrap();
    challenges.endpoints().register_push(owner(user), &administrator(), push(user)).await.unwrap();
    challenges.endpoints().register_phone(owner(user), &administrator(), numbers[1].parse().unwrap()).await.unwrap();
    challenges.recovery_codes().generate(&owner(user), &administrator()).await.unwrap();
    devices::trust(challenges, user).await;
    let of = async |spec| challenges.create(owner(user), spec).await.unwrap().challenge.id();
    let code = of(ChallengeSpec::new(ChallengeType::Code).unwrap()).await;
    assert!(refused(host.answer(code, ChallengeType::Code, "wrong").await));
    let _pending = of(ChallengeSpec::new(ChallengeType::Totp).unwrap().pending()).await;
    host.next_step();
    let _sent = of(ChallengeSpec::new([SMS, ChallengeType::WebPush]).unwrap()).await;
    decide(challenges, user).await;
    // Of the messages and of the actions, the first fails for good and the second is performed. The third message waits.
    let (mut messages, mut actions) = (0, 0);
    for entry in challenges.outbox().due(100).await.unwrap() {
        if entry.owner() != Some(owner(user)) {
            continue;
        }
        let queued = challenges.outbox().list(Some(&owner(user)), None, 100).await.unwrap();
        let task = queued.into_iter().flatten().find(|found| found.id == entry.id()).unwrap().task;
        let count = if matches!(task, Task::Act { .. }) { &mut actions } else { &mut messages };
        *count += 1;
        let step = match count {
            1 => Step::Fail(Retry::Never),
            2 => Step::Perform(200),
            _ => continue,
        };
        challenges.outbox().attempt(&entry, &Scripted::new(&host.clock, [step])).await.unwrap();
    }
    decide(challenges, user).await;
}

/// Returns all records except reservations and budgets.
async fn owned(store: &MemoryStore) -> Vec<Record> {
    let mut records = Vec::new();
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Reservation) {
        let page = store.list(kind, None, None, 10_000).await.unwrap();
        records.extend(page.into_iter().map(|stored| stored.record));
    }
    records
}

/// Returns whether the name, or the reservation of an endpoint, stands in any record but those of `others`.
async fn is_left(store: &MemoryStore, others: &[Record]) -> bool {
    let mut left = owned(store).await;
    left.retain(|record| !others.contains(record));
    let reserved =
        store.list(Kind::Reservation, None, None, 10_000).await.unwrap().into_iter().map(|stored| stored.record);
    let reserved = reserved.filter(|record| {
        let body = String::from_utf8_lossy(&record.body);
        body.contains(USER) || body.contains("\"endpoint\"") || body.contains("attempts")
    });
    left.extend(reserved);
    !left.is_empty()
}

/// A host with an account of every kind of record, and another account that must stay. Returns the records of the latter.
async fn furnished() -> (Host, Vec<Record>) {
    let host = Host::with_policy(devices::policy()).await;
    let mobile = Address::Phone("+15550000001".parse().unwrap());
    host.challenges.endpoints().register_confirmed(owner("bob"), &administrator(), mobile).await.unwrap();
    host.enroll("bob").await;
    let others = owned(&host.store).await;
    furnish(&host, USER, ["+4915112345678", "+4915112345679"]).await;
    (host, others)
}

/// R72: nothing that names the user is left, in any record of any kind, and the other account stays as it was.
#[tokio::test]
async fn erasure_leaves_nothing_of_the_owner() {
    let (host, others) = furnished().await;
    let before = owned(&host.store).await;
    for kind in Kind::ALL {
        // Credentials need a verifier; see the tests of `challenges-webauthn`.
        let is_of_all = matches!(kind, Kind::Salt | Kind::Reservation | Kind::WebauthnEnrollment);
        let count = before.iter().filter(|record| record.key.kind == kind && !others.contains(record)).count();
        assert_eq!(count == 0, is_of_all, "control: {kind:?}");
    }
    assert!(host.dump().await.contains(USER) && is_left(&host.store, &others).await, "control");
    host.seen.take();
    let records = host.challenges.account(&owner(USER)).erase().await.unwrap();
    assert!(records > before.len() - others.len(), "{records}: the reservations count too");
    assert_eq!(host.seen.take(), [Seen::AccountErased(records)]);
    assert!(!is_left(&host.store, &others).await);
    assert!(!host.dump().await.contains(USER));
    let unknown = host.challenges.account(&owner(USER)).status().await.unwrap();
    assert!(!unknown.has_factor() && unknown.recovery_codes == 0 && unknown.endpoints.is_empty());
    assert_eq!(host.challenges.account(&owner(USER)).erase().await.unwrap(), 0, "nothing is left to delete");
    assert_eq!(owned(&host.store).await, others, "an erasure of nobody writes nothing");

    // A new account begins, and the addresses are free.
    host.enroll(USER).await;
    host.challenges.endpoints().register_push(owner("bob"), &administrator(), push(USER)).await.unwrap();
    assert!(!host.seen.take().iter().any(|seen| matches!(seen, Seen::EndpointTakenOver(_))));
}

/// R72: an erasure that fails at any call, before or after its effect, is finished by the next. Meanwhile the user is no
/// user without a factor.
#[tokio::test]
async fn interrupted_erasure_is_finished_by_the_next() {
    let (mut call, mut left_something) = (0, 0);
    loop {
        let (host, others) = furnished().await;
        let store = Flaky::sharing(host.store.clone());
        let failing = service(store.clone(), quiet(), host.clock.clone(), ()).await;
        let first = store.calls() + call / 2;
        let fault = if call % 2 == 0 { Fault::Before } else { Fault::After };
        store.fail_when(move |made| (made.index >= first).then_some(fault));
        let erased = failing.account(&owner(USER)).erase().await;
        if erased.is_ok() {
            assert!(!is_left(&host.store, &others).await, "control: this erasure was not interrupted");
            break;
        }
        assert!(matches!(erased, Err(Error::Store(_))), "{erased:?}");
        let is_left_over = is_left(&host.store, &others).await;
        left_something += usize::from(is_left_over);
        let status = host.challenges.account(&owner(USER)).status().await.unwrap();
        assert!(status.has_factor() || !is_left_over, "call {call}: open to a first factor");
        host.challenges.account(&owner(USER)).erase().await.unwrap();
        assert!(!is_left(&host.store, &others).await, "call {call}");
        call += 1;
    }
    assert!(left_something > 40, "control: {left_something} erasures were interrupted in the middle");
}

/// A courier during whose attempt the account is erased.
#[derive(Debug)]
struct Erasing(Challenges);

#[async_trait]
impl Courier for Erasing {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        self.0.account(&job.owner).erase().await.unwrap();
        Ok(Some(200))
    }
}

/// R72: a dispatcher in the middle of an attempt loses the lease, and writes nothing about the user.
#[tokio::test]
async fn attempt_in_progress_leaves_no_record() {
    let host = Host::new().await;
    let others = owned(&host.store).await;
    decide(&host.challenges, USER).await;
    let dispatched = host.challenges.outbox().dispatch(&Erasing(host.challenges.clone()), 10).await.unwrap();
    assert_eq!((dispatched.performed, dispatched.lost), (0, 2));
    assert!(!is_left(&host.store, &others).await);

    decide(&host.challenges, USER).await;
    let courier = Scripted::new(&host.clock, []);
    assert_eq!(host.challenges.outbox().dispatch(&courier, 10).await.unwrap().performed, 2, "control");
    assert!(is_left(&host.store, &others).await, "control: the results are records");
}

/// R72: a record that a writer in the database has changed is deleted too.
#[tokio::test]
async fn unreadable_records_are_erased() {
    let (host, others) = furnished().await;
    for record in owned(&host.store).await.into_iter().filter(|record| !others.contains(record)) {
        tamper(&host, record).await;
    }
    assert!(matches!(host.challenges.account(&owner(USER)).status().await, Err(Error::Seal(_))), "control");
    host.challenges.account(&owner(USER)).erase().await.unwrap();
    assert!(owned(&host.store).await.iter().all(|record| others.contains(record)));
    assert!(!host.dump().await.contains(USER));
}

/// Changes the content of a record, as a writer in the database could.
async fn tamper(host: &Host, record: Record) {
    let key = record.key;
    let stored = host.store.load(&Load::key(key)).await.unwrap().pop().unwrap().version;
    let body = String::from_utf8(record.body.to_vec()).unwrap().replacen(':', ": ", 1);
    let write = Write::update(stored, Record { body: body.into(), ..record });
    let batch = Batch::new([7; 16], vec![write]).unwrap();
    assert_eq!(host.store.commit(batch).await.unwrap(), Commit::Applied);
}

/// Deletes every record but the salt, kind by kind, and looks at no kind again: the naive erasure.
async fn erase_once(store: &dyn Store) -> Result<usize, Error> {
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Salt) {
        for stored in store.list(kind, None, None, 10).await? {
            let delete = vec![Write::delete(stored.record.key, stored.version)];
            let _ = store.commit(Batch::new([7; 16], delete)?).await?;
        }
    }
    Ok(0)
}

/// Runs an erasure, and the retry of a dead letter that moves the letter to another kind, in every order of calls.
fn erase_and_retry(naive: bool) -> Result<Explored, Violation> {
    Explorer::new(0).run(async |scheduler| {
        let clock = FakeClock::at(Timestamp::from_seconds(START));
        let store = Arc::new(MemoryStore::new());
        let before = service(store.clone(), quiet(), clock.clone(), ()).await;
        decide(&before, USER).await;
        let courier = Scripted::new(&clock, [Step::Fail(Retry::Never), Step::Fail(Retry::Never)]);
        before.outbox().dispatch(&courier, 10).await.unwrap();
        let letters = before.outbox().dead_letters(None, None, 10).await.unwrap();
        let letter = letters.into_iter().flatten().next().unwrap().id;
        let challenges = service(scheduler.gate(store.clone()), quiet(), clock, ()).await;
        let (erasing, gate) = (challenges.clone(), scheduler.gate(store.clone()));
        let mut trial = Trial::new(move |replies: Vec<Option<Result<usize, Error>>>| async move {
            let is_acknowledged = matches!(replies.first(), Some(Some(Ok(_))));
            let left = owned(&store).await.into_iter().map(|record| record.key.kind);
            let left: Vec<_> = left.filter(|kind| *kind != Kind::Salt).collect();
            if is_acknowledged && !left.is_empty() { Err(format!("{left:?} left")) } else { Ok(()) }
        });
        trial.task(
            async move { if naive { erase_once(&gate).await } else { erasing.account(&owner(USER)).erase().await } },
        );
        trial.task(async move { challenges.outbox().retry(letter).await.map(|()| 0) });
        trial
    })
}

/// R72: in every order of calls, an acknowledged erasure leaves nothing.
#[test]
fn acknowledged_erasure_leaves_nothing_in_any_order() {
    let explored = erase_and_retry(false).unwrap_or_else(|violation| panic!("{violation}"));
    println!("erasure and retry: {} schedules", explored.schedules);
    println!("control: {}", erase_and_retry(true).unwrap_err());
}

/// Deadlines of enrollment, at the edges.
#[tokio::test]
async fn enrollment_is_due_at_the_end_of_the_grace() {
    let host = Host::new().await;
    let (since, grace) = (host.now(), Duration::from_secs(60));
    let status = host.challenges.account(&owner(USER)).status().await.unwrap();
    let due = |now: Timestamp| status.enrollment_due(since, grace, now);
    let millis = Duration::from_millis(1);
    assert_eq!(due(since), Some(grace));
    assert_eq!(due(since.after(grace - millis)), Some(millis));
    assert_eq!(due(since.after(grace)), Some(Duration::ZERO));
    assert_eq!(due(Timestamp::MAX), Some(Duration::ZERO));
    assert_eq!(due(Timestamp::default()), Some(grace), "a clock set back gives no more than the grace");
    assert_eq!(status.enrollment_due(since, Duration::ZERO, since), Some(Duration::ZERO));
    assert_eq!(status.enrollment_due(since, Duration::MAX, Timestamp::MAX), Some(Duration::ZERO));
    host.enroll(USER).await;
    let enrolled = host.challenges.account(&owner(USER)).status().await.unwrap();
    assert_eq!(enrolled.enrollment_due(since, Duration::ZERO, Timestamp::MAX), None);
}
