mod pending;

pub use pending::{Committed, Pending};

use std::fmt;

use super::Challenges;
use crate::approvals::OneTimeUseAction;
use crate::challenge::{self, Answer, ChallengeSpec, CreatedChallenge, Decision, create_action_in, create_in};
use crate::engine::{Report, Session};
use crate::error::Error;
use crate::owner::Owner;
use crate::store::HostTransaction;
use pending::TransactionId;

/// Calls inside a transaction of the host, from [`Challenges::join`].
///
/// [`commit`](Self::commit) commits the writes of the calls together with the host's own statements on
/// [`transaction`](Self::transaction). Dropping the value rolls all of them back.
///
/// - **A right answer joins; a wrong answer does not.** A wrong answer is counted in a separate commit, which no
///   rollback of the host undoes. A user who can make the host roll back therefore gains no guesses.
/// - **Answer first.** After a call has written for a user, an answer of the same user in the same transaction is
///   refused with [`Invalid::AnswerAfterWrite`](crate::Invalid::AnswerAfterWrite), before anything is compared.
/// - **Observers, dispatchers and results wait for the commit.** After a rollback nothing is reported.
/// - **Keep the transaction short.** All other calls that write for the user, or for any user of
///   the same shard (1 of 1,024), wait for its end.
/// - **An answer takes a second connection of the store** before anything is compared, so that a wrong answer can be
///   counted. Without a free connection the answer fails with [`Error::Store`], right or wrong. Give the store
///   connections that no open transaction of the host can take.
#[must_use = "commit the transaction"]
pub struct Joined<T> {
    challenges: Challenges,
    session: Session<T>,
    id: TransactionId,
    reports: Vec<Report>,
}

impl<T: HostTransaction> Joined<T> {
    pub(super) fn new(challenges: Challenges, transaction: T) -> Self {
        let session = Session::new(transaction);
        Self { challenges, session, id: TransactionId::default(), reports: Vec::new() }
    }

    /// Returns the host's transaction, for the host's own statements.
    pub const fn transaction(&mut self) -> &mut T {
        self.session.transaction()
    }

    /// Creates a challenge in the transaction, as [`Challenges::create`] does.
    ///
    /// # Errors
    ///
    /// The errors of [`Challenges::create`]. After [`Error::Store`] the transaction can only be rolled back.
    pub async fn create(&mut self, owner: Owner, spec: ChallengeSpec) -> Result<Pending<CreatedChallenge>, Error> {
        let (created, report) = create_in(&self.challenges.inner.engine, &mut self.session, owner, spec).await?;
        Ok(self.pending(created, report))
    }

    /// Creates a one-time-use action in the transaction, as [`Actions::create`](crate::approvals::Actions::create)
    /// does.
    ///
    /// # Errors
    ///
    /// The errors of [`Actions::create`](crate::approvals::Actions::create). After [`Error::Store`] the transaction can
    /// only be rolled back.
    pub async fn create_action(
        &mut self,
        owner: Owner,
        action: OneTimeUseAction,
    ) -> Result<Pending<CreatedChallenge>, Error> {
        let (created, report) =
            create_action_in(&self.challenges.inner.engine, &mut self.session, owner, action).await?;
        Ok(self.pending(created, report))
    }

    /// Answers a challenge in the transaction, as [`Challenges::answer`] does. Approving and declining a one-time-use
    /// action is an answer too.
    ///
    /// A wrong answer is counted at once, outside the transaction.
    ///
    /// # Errors
    ///
    /// - The errors of [`Challenges::answer`]. After [`Error::Store`] the transaction can only be rolled back.
    /// - [`Invalid::AnswerAfterWrite`](crate::Invalid::AnswerAfterWrite) when the transaction has already written for
    ///   the user. Nothing was compared.
    pub async fn answer(&mut self, answer: Answer) -> Result<Pending<Decision>, Error> {
        let (decision, report) =
            challenge::answer_in(&self.challenges.inner.engine, &mut self.session, &answer).await?;
        Ok(self.pending(decision, report))
    }

    /// Commits the transaction. Afterwards wakes the dispatchers, and reports the results of the calls to the observer.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the transaction was not committed, or when the outcome is unknown
    /// ([`StoreError::OutcomeUnknown`](crate::store::StoreError::OutcomeUnknown)). An error is never a pass.
    pub async fn commit(self) -> Result<Committed, Error> {
        let Self { challenges, session, id, reports } = self;
        let engine = &challenges.inner.engine;
        session.commit(engine).await?;
        for report in reports {
            report(engine);
        }
        Ok(Committed::new(id))
    }

    fn pending<V>(&mut self, value: V, report: Report) -> Pending<V> {
        self.reports.push(report);
        Pending::new(value, self.id.clone())
    }
}

impl<T: fmt::Debug> fmt::Debug for Joined<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Joined").field("session", &self.session).finish_non_exhaustive()
    }
}
