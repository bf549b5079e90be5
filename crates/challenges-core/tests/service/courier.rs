//! A scripted courier, and decided one-time-use actions to dispatch.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use challenges_core::approvals::{HttpAction, OneTimeUseAction};
use challenges_core::outbox::{Courier, Errand, Failure, Job, Message, Retry};
use challenges_core::{Answer, ChallengeId, Challenges, Decision, OutboxId, Owner, Timeout};
use challenges_testkit::FakeClock;
use tokio::sync::Notify;

use crate::harness::owner;

/// The result of one attempt. After the last step of the script, every attempt succeeds.
#[derive(Debug)]
pub(crate) enum Step {
    /// Performs the job; the receiver responds with this status.
    Perform(u16),
    /// Fails without an effect.
    Fail(Retry),
    /// Performs the job, but reports a failure.
    DropAfterEffect,
    /// Performs the job, and reports success after this time.
    Late(Duration),
    /// Performs the job, and never returns.
    Hang,
}

/// A courier that follows a script. Clones share the script and the records.
#[derive(Clone, Debug)]
pub(crate) struct Scripted {
    script: Arc<Mutex<VecDeque<Step>>>,
    done: Arc<Mutex<Vec<Effect>>>,
    attempts: Arc<Mutex<Vec<(OutboxId, u32)>>>,
    clock: FakeClock,
    hanging: Arc<Notify>,
}

/// A job performed by the receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Effect {
    pub(crate) key: OutboxId,
    pub(crate) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Sms { to: String, link: String, origin: Option<String>, remaining: Duration },
    Email { to: String, link: String, code: Option<String> },
    Push { to: String, link: String },
    Code { to: String, code: String, remaining: Duration },
    Act { actor: Owner, uri: String },
    Other,
}

impl Scripted {
    pub(crate) fn new(clock: &FakeClock, script: impl IntoIterator<Item = Step>) -> Self {
        Self {
            script: Arc::new(Mutex::new(script.into_iter().collect())),
            done: Arc::default(),
            attempts: Arc::default(),
            clock: clock.clone(),
            hanging: Arc::default(),
        }
    }

    pub(crate) fn script(&self, steps: impl IntoIterator<Item = Step>) {
        self.script.lock().unwrap().extend(steps);
    }

    /// Returns the performed jobs, in order.
    pub(crate) fn done(&self) -> Vec<Effect> {
        self.done.lock().unwrap().clone()
    }

    /// Returns the idempotency key and the number of each attempt.
    pub(crate) fn attempts(&self) -> Vec<(OutboxId, u32)> {
        self.attempts.lock().unwrap().clone()
    }

    /// Waits until an attempt hangs.
    pub(crate) async fn hanging(&self) {
        self.hanging.notified().await;
    }

    fn effect(&self, job: &Job) {
        let what = match &job.errand {
            Errand::Sms { to, message: Message::Link { link, origin, remaining, .. } } => What::Sms {
                to: to.as_str().to_owned(),
                link: link.expose().to_owned(),
                origin: origin.as_ref().map(ToString::to_string),
                remaining: *remaining,
            },
            Errand::Email { to, message: Message::Link { link, code, .. } } => What::Email {
                to: to.as_str().to_owned(),
                link: link.expose().to_owned(),
                code: code.as_ref().map(|code| code.expose().to_owned()),
            },
            Errand::Email { to, message: Message::Confirmation { code, remaining, .. } } => {
                What::Code { to: to.as_str().to_owned(), code: code.expose().to_owned(), remaining: *remaining }
            }
            Errand::Sms { to, message: Message::Confirmation { code, remaining, .. } } => {
                What::Code { to: to.as_str().to_owned(), code: code.expose().to_owned(), remaining: *remaining }
            }
            Errand::Push { to, message: Message::Link { link, .. } } => {
                What::Push { to: to.endpoint().to_owned(), link: link.expose().to_owned() }
            }
            Errand::Act { actor, action } => What::Act { actor: actor.clone(), uri: action.uri().to_owned() },
            _ => What::Other,
        };
        self.done.lock().unwrap().push(Effect { key: job.id, what });
    }
}

#[async_trait]
impl Courier for Scripted {
    async fn perform(&self, job: &Job) -> Result<Option<u16>, Failure> {
        self.attempts.lock().unwrap().push((job.id, job.attempt));
        let step = self.script.lock().unwrap().pop_front();
        match step.unwrap_or(Step::Perform(200)) {
            Step::Perform(status) => {
                self.effect(job);
                Ok(Some(status))
            }
            Step::Fail(then) => Err(Failure::new(then, "scripted").with_status(503)),
            Step::DropAfterEffect => {
                self.effect(job);
                Err(Failure::new(Retry::Later(None), "the connection was dropped"))
            }
            Step::Late(after) => {
                self.effect(job);
                self.clock.advance(after);
                Ok(Some(200))
            }
            Step::Hang => {
                self.effect(job);
                self.hanging.notify_one();
                std::future::pending().await
            }
        }
    }
}

pub(crate) fn actor(user_id: &str) -> Owner {
    Owner::in_tenant("org", user_id).unwrap()
}

pub(crate) fn http(uri: &str) -> HttpAction {
    HttpAction::new("POST", uri).unwrap()
}

/// Creates and decides a one-time-use action of alice, with `actions` HTTP actions for either outcome, such as
/// `https://a.example/true/0`.
pub(crate) async fn decided(challenges: &Challenges, actions: usize, approved: bool) -> ChallengeId {
    let mut action = OneTimeUseAction::new(vec![actor("alice")], Timeout::from_seconds(600).unwrap());
    let all = |approved| (0..actions).map(|index| http(&format!("https://a.example/{approved}/{index}"))).collect();
    action.approved_actions = all(true);
    action.declined_actions = all(false);
    let created = challenges.actions().create(owner("alice"), action).await.unwrap();
    let (id, links) = (created.challenge.id(), &created.links[0]);
    let answer = match approved {
        true => Answer::approve_action(id, links.approve.expose()),
        false => Answer::decline_action(id, links.decline.expose()),
    };
    let decision = challenges.answer(answer).await.unwrap();
    assert_eq!(matches!(decision, Decision::Passed(_)), approved);
    // Without entries, tests that wait for the courier would hang.
    let queued = challenges.outbox().list(None, None, 500).await.unwrap();
    assert_eq!(queued.iter().flatten().filter(|entry| entry.challenge == Some(id)).count(), actions);
    id
}
