//! Calls inside a transaction of the host.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::approvals::{HttpAction, OneTimeUseAction};
use challenges_core::endpoints::Address;
use challenges_core::keyring::SealError;
use challenges_core::store::{Batch, Commit, HostTransaction, Kind, Load, Record, StoreError, Stored};
use challenges_core::{
    Answer, ChallengeId, ChallengeSpec, ChallengeType, Error, Invalid, Outcome, Owner, Policy, Refused, State,
    Store as _, Timeout,
};
use challenges_memory::MemoryStore;
use challenges_testkit::administrator;

use crate::harness::{Host, Seen, owner};
use crate::tagging::replace;

/// A transaction that keeps batches back until its commit. Reads show committed records only, which is enough for calls on
/// different users.
#[derive(Debug)]
struct Held {
    store: Arc<MemoryStore>,
    batches: Vec<Batch>,
    /// True if a connection is free to count a wrong answer on.
    spare: bool,
    reply: Reply,
}

/// The reply to the commit.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reply {
    Kept,
    LostAfterCommit,
    LostBeforeCommit,
}

impl Held {
    fn new(host: &Host) -> Self {
        Self { store: host.store.clone(), batches: Vec::new(), spare: true, reply: Reply::Kept }
    }
}

#[async_trait]
impl HostTransaction for Held {
    async fn load(&mut self, request: &Load) -> Result<Vec<Stored>, StoreError> {
        self.store.load(request).await
    }

    async fn apply(&mut self, batch: Batch) -> Result<Commit, StoreError> {
        for write in batch.writes() {
            let found = self.store.load(&Load::key(write.key())).await?.pop().map(|stored| stored.version);
            if write.expected() != found {
                return Ok(Commit::Conflict);
            }
        }
        self.batches.push(batch);
        Ok(Commit::Applied)
    }

    async fn reserve(&mut self) -> Result<(), StoreError> {
        self.spare.then_some(()).ok_or_else(|| StoreError::Unavailable("no free connection".into()))
    }

    async fn commit_apart(&mut self, batch: Batch) -> Result<Commit, StoreError> {
        self.store.commit(batch).await
    }

    async fn commit(self) -> Result<(), StoreError> {
        if self.reply != Reply::LostBeforeCommit {
            for batch in self.batches {
                assert_eq!(self.store.commit(batch).await?, Commit::Applied);
            }
        }
        if self.reply == Reply::Kept { Ok(()) } else { Err(StoreError::OutcomeUnknown("lost".into())) }
    }
}

async fn code(host: &Host, user: &str) -> (ChallengeId, Answer) {
    let created = host.create(user, ChallengeType::Code).await;
    let id = created.challenge.id();
    host.seen.take();
    (id, Answer::allow(id, ChallengeType::Code, created.code.unwrap().expose()))
}

async fn state(host: &Host, id: ChallengeId) -> State {
    host.challenges.get(id).await.unwrap().state()
}

/// R73: a verdict in a host's transaction is none until the commit.
#[tokio::test]
async fn right_answer_passes_with_the_commit() {
    let host = Host::new().await;
    let (id, answer) = code(&host, "alice").await;
    let mut joined = host.challenges.join(Held::new(&host));
    let pending = joined.answer(answer).await.unwrap();
    assert!(pending.allows());
    assert_eq!(state(&host, id).await, State::Issued);
    assert_eq!(host.seen.take(), []);

    let committed = joined.commit().await.unwrap();
    assert_eq!(state(&host, id).await, State::ChallengePassed);
    assert_eq!(host.seen.take(), [Seen::Moved(Outcome::Passed)]);
    let passed = committed.confirm(pending).unwrap().passed().unwrap();
    assert_eq!(passed.owner(), &owner("alice"));
}

/// R73, control: the same answer without a commit leaves the challenge open and reports nothing.
#[tokio::test]
async fn rollback_leaves_the_challenge_open() {
    let host = Host::new().await;
    let (id, answer) = code(&host, "alice").await;
    let mut joined = host.challenges.join(Held::new(&host));
    let pending = joined.answer(answer).await.unwrap();
    drop(joined);
    assert_eq!(state(&host, id).await, State::Issued);
    assert_eq!(host.seen.take(), []);

    let other = host.challenges.join(Held::new(&host)).commit().await.unwrap();
    assert!(matches!(other.confirm(pending), Err(Invalid::OtherTransaction)));
}

/// R61: records read through the transaction of the host are verified too. Control: the record as written passes.
#[tokio::test]
async fn forged_record_is_refused_in_a_joined_call() {
    let host = Host::new().await;
    let created = host.create("alice", ChallengeType::Code).await;
    let code = created.code.unwrap();
    let answer = || Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose());
    let stored = host.store.list(Kind::Challenge, None, None, 1).await.unwrap().remove(0);
    let forged = Record { expires: None, ..stored.record.clone() };
    replace(&*host.store, Some(stored.version), forged, stored.version).await;
    let answered = host.challenges.join(Held::new(&host)).answer(answer()).await;
    assert!(matches!(answered, Err(Error::Seal(SealError::ForgedRecord))), "{answered:?}");

    replace(&*host.store, Some(stored.version), stored.record, stored.version).await;
    let mut joined = host.challenges.join(Held::new(&host));
    let pending = joined.answer(answer()).await.unwrap();
    let committed = joined.commit().await.unwrap();
    assert!(committed.confirm(pending).unwrap().passed().is_some());
    assert!(host.seen.take().iter().any(|seen| matches!(seen, Seen::Untrusted(_))), "the refusal was observed");
}

/// R73: making the host roll back gives no free guess.
#[tokio::test]
async fn rollback_keeps_wrong_answers_counted() {
    let host = Host::new().await;
    let (_, authenticator) = host.enroll("alice").await;
    host.next_step();
    let id = host.create("alice", ChallengeType::Totp).await.challenge.id();
    let right = authenticator.code(host.now());
    for wrong in 0..5 {
        let wrong = format!("{:06}", (right.parse::<u32>().unwrap() + 100_000 + wrong) % 1_000_000);
        let mut joined = host.challenges.join(Held::new(&host));
        let refused = joined.answer(Answer::allow(id, ChallengeType::Totp, &wrong)).await;
        assert!(matches!(refused, Err(Error::AnswerRefused)));
        drop(joined);
    }
    let mut joined = host.challenges.join(Held::new(&host));
    let refused = joined.answer(Answer::allow(id, ChallengeType::Totp, &right)).await;
    assert!(matches!(refused, Err(Error::AnswerRefused)));
    assert_eq!(host.seen.take().last(), Some(&Seen::Refused(Refused::Exhausted)));
}

/// R67: the notice of a used recovery code is queued with the commit of the host, and the notice of a lock at once.
#[tokio::test]
async fn notices_follow_the_transaction() {
    let mut policy = Policy::default();
    policy.failures_before_delay = 1;
    let host = Host::with_policy(policy).await;
    let codes = host.challenges.recovery_codes().generate(&owner("alice"), &administrator()).await.unwrap();
    let address = Address::Email("alice@example.org".parse().unwrap());
    host.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), address).await.unwrap();
    let queued = async || host.records(Kind::Outbox).await.len();
    let answer = async |text: &str| {
        let id = host.create("alice", ChallengeType::RecoveryCode).await.challenge.id();
        Answer::allow(id, ChallengeType::RecoveryCode, text)
    };
    for (text, lasting) in [("ZZZZ-ZZZZ-0000", 1), (codes[0].expose(), 0)] {
        let before = queued().await;
        let mut joined = host.challenges.join(Held::new(&host));
        let answered = joined.answer(answer(text).await).await;
        assert_eq!((answered.is_ok(), queued().await - before), (lasting == 0, lasting));
        drop(joined);
        assert_eq!(queued().await - before, lasting, "a rollback keeps the notice of a lock only");
        host.clock.advance(Duration::from_secs(60));
    }
    let before = queued().await;
    let mut joined = host.challenges.join(Held::new(&host));
    let pending = joined.answer(answer(codes[0].expose()).await).await.unwrap();
    assert!(joined.commit().await.unwrap().confirm(pending).is_ok());
    assert_eq!(queued().await - before, 1);

    // The type loads no addresses, unless an answer locks.
    let (_, app) = host.enroll("alice").await;
    host.next_step();
    let before = queued().await;
    let id = host.create("alice", ChallengeType::Totp).await.challenge.id();
    let wrong = Answer::allow(id, ChallengeType::Totp, app.wrong_code(host.now(), 1));
    assert!(host.challenges.join(Held::new(&host)).answer(wrong).await.is_err());
    assert_eq!(queued().await - before, 1);
}

/// A wrong answer could not be counted while the transaction holds the user's records.
#[tokio::test]
async fn answer_after_a_write_is_refused_uncompared() {
    let host = Host::new().await;
    let (id, answer) = code(&host, "alice").await;
    let (_, other) = code(&host, "bob").await;
    let mut joined = host.challenges.join(Held::new(&host));
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let created = joined.create(owner("alice"), spec).await.unwrap();
    let refused = joined.answer(answer).await;
    assert!(matches!(refused, Err(Error::Invalid(Invalid::AnswerAfterWrite))));
    let decided = joined.answer(other).await.unwrap();

    let new = created.challenge().id();
    assert!(matches!(host.challenges.get(new).await, Err(Error::NotFound)));
    let committed = joined.commit().await.unwrap();
    assert_eq!(committed.confirm(created).unwrap().challenge.id(), new);
    assert!(committed.confirm(decided).unwrap().passed().is_some());
    assert_eq!(state(&host, new).await, State::Issued);
    assert_eq!(state(&host, id).await, State::Issued);
}

/// R73: an approval, and the actions of the outcome, are stored with the commit.
#[tokio::test]
async fn approval_queues_actions_with_the_commit() {
    let host = Host::new().await;
    let mut action = OneTimeUseAction::new(vec![Owner::user("bob").unwrap()], Timeout::from_seconds(600).unwrap());
    action.approved_actions = vec![HttpAction::new("POST", "https://hooks.example/paid").unwrap()];
    let mut joined = host.challenges.join(Held::new(&host));
    let pending = joined.create_action(owner("alice"), action).await.unwrap();
    let created = joined.commit().await.unwrap().confirm(pending).unwrap();

    let approve = Answer::approve_action(created.challenge.id(), created.links[0].approve.expose());
    let mut joined = host.challenges.join(Held::new(&host));
    let pending = joined.answer(approve).await.unwrap();
    assert_eq!(host.records(Kind::Outbox).await.len(), 0);
    let woken = host.challenges.outbox().written();
    let committed = joined.commit().await.unwrap();
    assert_eq!(host.records(Kind::Outbox).await.len(), 1);
    woken.await;
    assert!(committed.confirm(pending).unwrap().passed().is_some());
}

/// R73: after a lost reply, only records found under their new version count as committed.
#[tokio::test]
async fn lost_commit_passes_only_when_found() {
    for (reply, found) in [(Reply::LostAfterCommit, true), (Reply::LostBeforeCommit, false)] {
        let host = Host::new().await;
        let (id, answer) = code(&host, "alice").await;
        let mut joined = host.challenges.join(Held { reply, ..Held::new(&host) });
        let pending = joined.answer(answer).await.unwrap();
        match joined.commit().await {
            Ok(committed) => {
                assert!(found && committed.confirm(pending).unwrap().passed().is_some());
                assert_eq!(host.seen.take(), [Seen::Moved(Outcome::Passed)]);
            }
            Err(error) => {
                assert!(!found && matches!(error, Error::Store(StoreError::OutcomeUnknown(_))));
                assert_eq!(host.seen.take(), []);
                assert_eq!(state(&host, id).await, State::Issued);
            }
        }
    }
}

/// R73: without a free connection to count a wrong answer on, nothing is compared.
#[tokio::test]
async fn answer_that_cannot_be_counted_is_not_compared() {
    let host = Host::new().await;
    let created = host.create("alice", ChallengeType::Code).await;
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    let answer = async |spare, text: &str| {
        let mut joined = host.challenges.join(Held { spare, ..Held::new(&host) });
        joined.answer(Answer::allow(id, ChallengeType::Code, text)).await.map(|pending| pending.allows())
    };
    let wrong_answers = async || host.challenges.get(id).await.unwrap().wrong_answers();
    for text in ["wrong", code.expose()] {
        assert!(matches!(answer(false, text).await, Err(Error::Store(_))), "{text}");
    }
    assert_eq!(wrong_answers().await, 0);

    assert!(matches!(answer(true, "wrong").await, Err(Error::AnswerRefused)));
    assert_eq!(wrong_answers().await, 1, "control: with a connection the answer is counted");
    assert!(answer(true, code.expose()).await.unwrap());
}
