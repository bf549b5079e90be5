//! Group commit: the batches of concurrent callers go in one call.
//!
//! Batches of a shard are in one running call at most, so calls of a process never wait for each other. Waiting batches
//! of a shard keep their order.
//!
//! The calls of a group never wait for a shard that another transaction holds. The batches of such a shard wait in
//! a task and on a connection of their own, so held shards occupy none of the [`CALLS`].

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use challenges_core::store::{Batch, Commit};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::client::Client;
use crate::fault::Fault;
use crate::row::Corruption;
use crate::schema::Functions;
use crate::write::{self, Lock, Outcome};

/// The maximum number of calls at the same time. More calls make smaller groups.
const CALLS: usize = 4;

/// The batches of a call.
const LARGEST_GROUP: usize = 64;

type Answer = Result<Commit, Arc<Fault>>;

/// The queue of batches, shared with the tasks that commit them.
#[derive(Clone)]
pub(crate) struct Group(Arc<Inner>);

struct Inner {
    client: Client,
    functions: Functions,
    channel: Option<String>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Waiting>,
    /// The shards of running calls.
    busy: HashSet<u16>,
    calls: usize,
}

struct Waiting {
    batch: Batch,
    deadline: Instant,
    answer: oneshot::Sender<Answer>,
}

impl Group {
    pub(crate) fn new(client: Client, functions: Functions, channel: Option<String>) -> Self {
        Self(Arc::new(Inner { client, functions, channel, state: Mutex::default() }))
    }

    /// Returns the channel of `NOTIFY`.
    pub(crate) fn channel(&self) -> Option<String> {
        self.0.channel.clone()
    }

    /// Commits a batch in a task, which continues if the caller goes away.
    pub(crate) async fn commit(&self, batch: Batch) -> Answer {
        let (answer, reply) = oneshot::channel();
        let deadline = Instant::now() + self.0.client.timeout();
        let starts = {
            let mut state = self.state();
            state.waiting.push_back(Waiting { batch, deadline, answer });
            state.start()
        };
        if starts {
            self.spawn();
        }
        reply.await.unwrap_or_else(|_| Err(Arc::new(Fault::Ended)))
    }

    fn spawn(&self) {
        tokio::spawn(self.clone().run());
    }

    async fn run(self) {
        loop {
            let Some(group) = self.state().take() else { return };
            let (batches, callers): (Vec<_>, Vec<_>) =
                group.into_iter().map(|waiting| (waiting.batch, (waiting.deadline, waiting.answer))).unzip();
            let outcomes = self.call(&batches, Lock::Try).await;
            let is_held =
                |index: usize| matches!(&outcomes, Ok(outcomes) if outcomes.get(index) == Some(&Outcome::Held));
            {
                // A held shard stays busy until `wait_for` has ended.
                let mut state = self.state();
                for (_, batch) in batches.iter().enumerate().filter(|(index, _)| !is_held(*index)) {
                    state.busy.remove(&batch.shard());
                }
            }
            let mut later: BTreeMap<u16, Vec<Waiting>> = BTreeMap::new();
            for (index, (batch, (deadline, answer))) in batches.into_iter().zip(callers).enumerate() {
                let outcome = match &outcomes {
                    Ok(outcomes) => outcomes.get(index).copied().ok_or_else(|| Arc::new(Corruption::Reply.into())),
                    Err(fault) => Err(Arc::clone(fault)),
                };
                let result = match outcome {
                    Ok(Outcome::Held) => {
                        later.entry(batch.shard()).or_default().push(Waiting { batch, deadline, answer });
                        continue;
                    }
                    Ok(Outcome::Done(commit)) => Ok(commit),
                    Err(fault) => Err(fault),
                };
                // The caller may have gone away.
                let _ = answer.send(result);
            }
            for (shard, waiting) in later {
                tokio::spawn(self.clone().wait_for(shard, waiting));
            }
        }
    }

    /// Commits batches of a held shard one by one, each waiting for the lock until its deadline.
    async fn wait_for(self, shard: u16, waiting: Vec<Waiting>) {
        for Waiting { batch, deadline, answer } in waiting {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let _ = answer.send(Err(Arc::new(Fault::Overloaded)));
                continue;
            }
            let lock = Lock::Wait(self.0.client.patience().min(left));
            let outcome = self.call(std::slice::from_ref(&batch), lock).await;
            let outcome = outcome.map(|outcomes| outcomes.first().copied());
            let _ = answer.send(match outcome {
                Ok(Some(Outcome::Done(commit))) => Ok(commit),
                Ok(Some(Outcome::Held) | None) => Err(Arc::new(Corruption::Reply.into())),
                Err(fault) => Err(fault),
            });
        }
        let starts = {
            let mut state = self.state();
            state.busy.remove(&shard);
            state.start()
        };
        if starts {
            self.spawn();
        }
    }

    async fn call(&self, batches: &[Batch], lock: Lock) -> Result<Vec<Outcome>, Arc<Fault>> {
        let Inner { client, functions, channel, .. } = &*self.0;
        write::commit(client, functions, batches, channel.as_deref(), lock).await.map_err(Arc::new)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Returns true if another call may start, and counts it.
    fn start(&mut self) -> bool {
        let starts = self.calls < CALLS && !self.waiting.is_empty();
        self.calls += usize::from(starts);
        starts
    }

    /// Takes the batches of the next call, or ends the task without one.
    fn take(&mut self) -> Option<Vec<Waiting>> {
        let now = Instant::now();
        let (mut group, mut rest, mut shards) = (Vec::new(), VecDeque::new(), HashSet::new());
        while let Some(waiting) = self.waiting.pop_front() {
            let shard = waiting.batch.shard();
            if waiting.deadline <= now {
                let _ = waiting.answer.send(Err(Arc::new(Fault::Overloaded)));
            } else if group.len() < LARGEST_GROUP && !self.busy.contains(&shard) {
                shards.insert(shard);
                group.push(waiting);
            } else {
                rest.push_back(waiting);
            }
        }
        self.waiting = rest;
        self.busy.extend(shards);
        if group.is_empty() {
            self.calls -= 1;
            return None;
        }
        Some(group)
    }
}
