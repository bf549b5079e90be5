//! The account of a user: the factors, the locks, and a challenge by every completed factor.

mod ask;
mod erase;
mod import;
mod mask;
mod reset;
mod status;

pub use status::AccountStatus;

pub(crate) use ask::ask;

use crate::engine::{Change, Engine, Now};
use crate::error::Error;
use crate::factor::Factor;
use crate::grant::Grant;
use crate::notices;
use crate::observer::Observation;
use crate::outbox::Notice;
use crate::owner::Owner;
use crate::store::{Kind, Loaded, Write};
use crate::throttle::Counters;

/// The account of a user. See [`Challenges::account`](crate::Challenges::account).
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    engine: &'a Engine,
    owner: &'a Owner,
}

impl<'a> Account<'a> {
    pub(crate) const fn new(engine: &'a Engine, owner: &'a Owner) -> Self {
        Self { engine, owner }
    }

    /// Returns the factors, addresses, recovery codes, trusted devices and locks of the user, for the user's own page
    /// and for support. The call takes one round trip.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "account.status", level = "debug", skip_all))]
    pub async fn status(self) -> Result<AccountStatus, Error> {
        let Self { engine, owner } = self;
        let loaded = engine.store.load(&status::load(engine, owner)).await?;
        AccountStatus::read(engine, &loaded, owner, engine.now())
    }

    /// Clears the failures of every factor, like [`reset_factor`](Self::reset_factor) for each. Delayed and disabled
    /// factors can be used again at once. The sends since the last success are forgotten, so that a user who had
    /// reached that limit receives messages again. A user whose last address is gone can then enroll another factor,
    /// and the links and codes sent before are refused; see [`Challenges::ask`](crate::Challenges::ask).
    ///
    /// The call ends the trust in every [device](crate::devices) of the user.
    ///
    /// Each factor with at least one failure is observed as [`Observation::FactorReset`].
    ///
    /// # Errors
    ///
    /// - [`Invalid::AdministratorOnly`](crate::Invalid::AdministratorOnly) for any other grant than
    ///   [`Grant::administrator`].
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "account.unlock", level = "debug", skip_all))]
    pub async fn unlock(self, grant: &Grant) -> Result<(), Error> {
        grant.admit_administrator()?;
        self.clear(grant, false).await
    }

    /// Clears the locks. `recalls` ends the links and codes sent before, also without a lost address.
    async fn clear(self, grant: &Grant, recalls: bool) -> Result<(), Error> {
        let Self { engine, owner } = self;
        let load = engine.load_owned(owner, &[Kind::Counters, Kind::Endpoint]);
        let (cleared, changed) = engine
            .transact(Some(&load), |loaded, now| {
                let mut counters = Counters::read(engine, loaded, owner)?;
                if recalls {
                    counters.recall_messages();
                }
                let changed = recalls | counters.forget_lost() | counters.factors_changed() | counters.clear_sends();
                let cleared = counters.reset_all_failures(now.clock);
                if cleared.is_empty() && !changed {
                    return Ok(Change::none((cleared, changed)));
                }
                Ok(Change::new(reset(engine, loaded, counters, now)?, (cleared, changed)))
            })
            .await?;
        if changed || !cleared.is_empty() {
            grant.observe(engine, owner);
        }
        for factor in cleared {
            engine.observe(&Observation::FactorReset { owner, factor });
        }
        Ok(())
    }

    /// Removes every factor, address, recovery code and trusted device of a user who lost everything, and clears the
    /// locks. Returns the status before the call. Challenges stay, but refuse the links and codes sent before; see
    /// [`Endpoints::delete`](crate::endpoints::Endpoints::delete).
    ///
    /// - **End the sessions of the user first.** After the call, any session of the user can enroll by
    ///   [`Grant::first_factor`].
    /// - **After an error, call again**: the next call removes the rest.
    /// - A factor completed during the call is removed too.
    /// - The addresses receive a [notice](crate::outbox::Notice) of each removal, up to and including their own.
    ///
    /// # Errors
    ///
    /// - [`Invalid::AdministratorOnly`](crate::Invalid::AdministratorOnly) for any other grant than
    ///   [`Grant::administrator`].
    /// - [`Error::Contended`] when the user keeps adding factors.
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "account.reset", level = "debug", skip_all))]
    pub async fn reset(self, grant: &Grant) -> Result<AccountStatus, Error> {
        grant.admit_administrator()?;
        reset::reset(self, grant).await
    }

    /// Deletes everything stored about the user, and returns the number of deleted records. Afterwards the library does
    /// not know the user.
    ///
    /// - **After an error, call again**: the next call deletes the rest. Until then, factors that are not deleted yet
    ///   still answer. A user without any factor left cannot enroll one.
    /// - **End the sessions of the user first.** The first record created after the deletion starts a new account. A
    ///   record created during the call is deleted too, or starts a new account.
    /// - Never give the name to another person.
    /// - Outbox entries are not sent any more. An attempt in progress is completed, and may store a message budget.
    /// - The credentials and push subscriptions of the user can be registered again, by any user.
    ///
    /// The deletion is observed as [`Observation::AccountErased`], without the name. The following stays:
    ///
    /// | what | until |
    /// |---|---|
    /// | the name as an actor of other users' one-time-use actions | the challenges expire, and their dead letters are discarded |
    /// | step-up tokens, which are not stored | they expire, within [`StepUps::LONGEST_AGE`](crate::step_up::StepUps::LONGEST_AGE) |
    /// | message budgets, under a keyed hash and without a name | the window ends, within a day by default |
    /// | deleted bytes in files, logs and backups of the database | the database reuses or compacts them; the guide's chapter on operation has the statements |
    /// | earlier events in the log of the [`Observer`](crate::Observer) | the host deletes them |
    ///
    /// Only administrators may call this. The call takes no [`Grant`], because an event with the name of the administrator
    /// would name the user. Keep the record of who deleted which account outside the library.
    ///
    /// # Errors
    ///
    /// - [`Error::Store`] when the store fails.
    /// - [`Error::Contended`] when the user keeps creating records.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "account.erase", level = "debug", skip_all))]
    pub async fn erase(self) -> Result<usize, Error> {
        let records = erase::erase(self.engine, self.owner).await?;
        self.engine.observe(&Observation::AccountErased { records });
        Ok(records)
    }

    /// Returns the number of consecutive failures of a factor.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "account.failures", level = "debug", skip_all))]
    pub async fn failures(self, factor: Factor) -> Result<u32, Error> {
        let load = self.engine.load_owned(self.owner, &[Kind::Counters]);
        let loaded = self.engine.store.load(&load).await?;
        Ok(Counters::read(self.engine, &loaded, self.owner)?.failures(factor))
    }

    /// Clears the failures of a factor. A delayed or disabled factor can be used again at once. The call ends the trust
    /// in every [device](crate::devices) of the user.
    ///
    /// Each reset admits further guesses of a code. A reset of at least one failure is observed as
    /// [`Observation::FactorReset`]. A challenge at the limit of wrong answers stays closed; create another challenge.
    ///
    /// # Errors
    ///
    /// - [`Invalid::AdministratorOnly`](crate::Invalid::AdministratorOnly) for any other grant than
    ///   [`Grant::administrator`].
    /// - [`Error::Store`] when the store fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(name = "account.reset_factor", level = "debug", skip_all))]
    pub async fn reset_factor(self, grant: &Grant, factor: Factor) -> Result<(), Error> {
        grant.admit_administrator()?;
        let Self { engine, owner } = self;
        let load = engine.load_owned(owner, &[Kind::Counters, Kind::Endpoint]);
        let cleared = engine
            .transact(Some(&load), |loaded, now| {
                let mut counters = Counters::read(engine, loaded, owner)?;
                let (cleared, changed) = (counters.reset_failures(factor, now.clock), counters.factors_changed());
                if !cleared && !changed {
                    return Ok(Change::none(false));
                }
                Ok(Change::new(reset(engine, loaded, counters, now)?, cleared))
            })
            .await?;
        if cleared {
            grant.observe(engine, owner);
            engine.observe(&Observation::FactorReset { owner, factor });
        }
        Ok(())
    }
}

/// Returns the writes of a reset: the counters, and the notice to the user.
fn reset(engine: &Engine, loaded: &Loaded, mut counters: Counters, now: Now) -> Result<Vec<Write>, Error> {
    let mut writes = notices::queue(engine, loaded, &mut counters, Notice::Reset, now)?;
    writes.push(counters.write(engine, now)?);
    Ok(writes)
}
