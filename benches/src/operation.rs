//! The hot operations and their preparation.

mod actions;
mod passkeys;
mod totp;

use std::time::Duration;

use challenges_core::outbox::DueEntry;
use challenges_core::{Answer, ChallengeId, ChallengeType, CreatedChallenge, Owner};
use futures::{StreamExt as _, stream};

pub(crate) use actions::approve;

use crate::host::{Host, Idle, user};

/// The number of users where an operation does not need more: a multiple of [`MANY`](crate::callers::MANY), so that the calls
/// for a user are on the same caller, in order.
pub(crate) const USERS: usize = 1_024;

/// Concurrent preparations.
const AT_ONCE: usize = 256;

/// Challenges per user, for listing.
pub(crate) const PAGE: usize = 20;

/// Longer than the lifetime and retention of a challenge.
const LONG: Duration = Duration::from_secs(3 * 86_400);

/// The number of slices, and of challenges in each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) slices: usize,
    pub(crate) each: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Get,
    AnswerByCode,
    AnswerByTotp,
    AnswerByWebauthn,
    List,
    Sweep,
    Dispatch,
}

/// A prepared call.
pub(crate) enum Job {
    Create(Owner),
    Get(ChallengeId),
    Answer(Answer),
    List(Owner),
    Sweep(usize),
    Dispatch(Box<DueEntry>),
}

impl Operation {
    pub(crate) const ALL: [Self; 8] = [
        Self::Create,
        Self::Get,
        Self::AnswerByCode,
        Self::AnswerByTotp,
        Self::AnswerByWebauthn,
        Self::List,
        Self::Sweep,
        Self::Dispatch,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Get => "get",
            Self::AnswerByCode => "answer by code",
            Self::AnswerByTotp => "answer by TOTP",
            Self::AnswerByWebauthn => "answer by WebAuthn",
            Self::List => "list 20 of a user",
            Self::Sweep => "sweep, each record",
            Self::Dispatch => "dispatch an action",
        }
    }

    /// Returns true if the floor verifies a signature, too.
    pub(crate) const fn verifies_signature(self) -> bool {
        matches!(self, Self::AnswerByWebauthn)
    }

    /// Returns true if concurrent callers make sense. One sweeper sweeps for all.
    pub(crate) const fn is_shared(self) -> bool {
        !matches!(self, Self::Sweep)
    }

    /// Returns the number of calls for `count` challenges.
    pub(crate) const fn calls(self, count: usize) -> usize {
        if matches!(self, Self::Sweep) { 1 } else { count }
    }

    /// Fills the store, and returns the calls of all slices.
    pub(crate) async fn prepare(self, host: &Host, size: Size) -> Vec<Job> {
        let count = size.slices * size.each;
        match self {
            Self::Create => (0..count).map(|number| Job::Create(user(number % USERS))).collect(),
            Self::Get => created(host, count).await.iter().map(|created| Job::Get(created.challenge.id())).collect(),
            Self::AnswerByCode => created(host, count).await.into_iter().map(by_code).collect(),
            Self::AnswerByTotp => all(count, |number| totp::enroll(host, number)).await,
            Self::AnswerByWebauthn => all(count, |number| passkeys::enroll(host, number)).await,
            Self::List => {
                let users = size.each.div_ceil(PAGE);
                all(users * PAGE, |number| host.create(user(number % users))).await;
                (0..count).map(|number| Job::List(user(number % users))).collect()
            }
            Self::Sweep => {
                created(host, count).await;
                host.clock.put_forward(LONG);
                (0..size.slices).map(|_| Job::Sweep(size.each)).collect()
            }
            Self::Dispatch => {
                all(count, |number| approve(&host.challenges, user(number), "https://hooks.example/done", 1)).await;
                let due = host.challenges.outbox().due(count).await.unwrap();
                assert_eq!(due.len(), count);
                due.into_iter().map(|entry| Job::Dispatch(Box::new(entry))).collect()
            }
        }
    }
}

impl Job {
    pub(crate) async fn run(self, host: &Host) {
        let challenges = &host.challenges;
        match self {
            Self::Create(owner) => assert!(host.create(owner).await.code.is_some()),
            Self::Get(id) => assert_eq!(challenges.get(id).await.unwrap().id(), id),
            Self::Answer(answer) => assert!(challenges.answer(answer).await.unwrap().passed().is_some()),
            Self::List(owner) => {
                assert_eq!(challenges.list(&owner, None, PAGE).await.unwrap().len(), PAGE);
            }
            Self::Sweep(count) => assert_eq!(challenges.sweep(count).await.unwrap(), count),
            Self::Dispatch(entry) => challenges.outbox().attempt(&entry, &Idle).await.unwrap(),
        }
    }
}

async fn created(host: &Host, count: usize) -> Vec<CreatedChallenge> {
    all(count, |number| host.create(user(number % USERS))).await
}

fn by_code(created: CreatedChallenge) -> Job {
    let code = created.code.unwrap();
    Job::Answer(Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose()))
}

async fn all<T, F: Future<Output = T>>(count: usize, each: impl Fn(usize) -> F) -> Vec<T> {
    stream::iter(0..count).map(each).buffered(AT_ONCE).collect().await
}
