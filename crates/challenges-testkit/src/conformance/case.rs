use std::fmt;

use super::failure::Verdict;
use super::fixture::Fixture;
use super::{due, history, linearizability, list, load, purge, race, record, service, write};

macro_rules! cases {
    ($($(#[doc = $meaning:literal])+ $name:ident = $text:literal => $check:path,)+) => {
        /// One thing that a store must do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Case {
            $($(#[doc = $meaning])+ $name,)+
        }

        impl Case {
            /// Every case.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            pub(super) async fn run(self, fixture: &Fixture<'_>) -> Verdict {
                match self {
                    $(Self::$name => $check(fixture).await,)+
                }
            }
        }

        impl fmt::Display for Case {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$name => $text,)+
                })
            }
        }
    };
}

cases! {
    /// A record is created only where none is.
    ExclusiveCreate = "exclusive create" => write::exclusive_create,
    /// An update replaces all of a record and its version.
    Update = "update" => write::update,
    /// An update, a delete or an assertion of an old version is a conflict.
    StaleUpdate = "stale update" => write::stale_update,
    /// A record that was deleted and created again is not the one that was read before.
    RecreatedRecord = "deleted and created again" => write::recreated_record,
    /// A missing record does not stand at any version.
    MissingRecord = "missing record" => write::missing_record,
    /// A deleted record is gone everywhere.
    Delete = "delete" => write::delete,
    /// One expectation that does not hold keeps the whole batch from being applied.
    AllOrNothing = "all or nothing" => write::all_or_nothing,
    /// A batch of many writes of every kind is applied as a whole.
    ManyWrites = "many writes" => write::many_writes,
    /// What does not exist is not found, and that is no error.
    LoadOfNothing = "load of nothing" => load::load_of_nothing,
    /// A load answers the owner's records of the named kinds, each once.
    Siblings = "load with siblings" => load::siblings,
    /// Ids that differ in their owner alone are different.
    EqualRandomParts = "equal random parts" => load::equal_random_parts,
    /// Bodies come back as they were, empty or of 4 MiB.
    Bodies = "bodies" => record::bodies,
    /// Times come back as they were, and are compared as unsigned numbers.
    ExtremeTimes = "extreme times" => record::extreme_times,
    /// The records of one owner and kind, in order, page by page.
    ListOfAnOwner = "list of an owner" => list::list_of_an_owner,
    /// The records of all owners, ordered by owner tag and id, page by page.
    ListOfAll = "list of all" => list::list_of_all,
    /// Pages of every size, and none after the last.
    ListLimits = "list limits" => list::list_limits,
    /// A walk meets what stays exactly once, whatever comes and goes.
    ListUnderChange = "list under change" => list::list_under_change,
    /// Due records come in order, up to now and up to the limit.
    DueOrder = "due order" => due::due_order,
    /// Due records come from the named shards and kind alone.
    DueShards = "due shards" => due::due_shards,
    /// What is due follows every write.
    DueChanges = "due changes" => due::due_changes,
    /// Only what expired before the time given is purged.
    PurgeOfExpired = "purge of expired" => purge::purge_of_expired,
    /// Only the named shards are purged, up to the limit.
    PurgeShards = "purge shards" => purge::purge_shards,
    /// As much is purged as was asked for while there is more, wherever it lies.
    PurgeBacklog = "purge backlog" => purge::purge_backlog,
    /// What may be purged follows every write.
    PurgeChanges = "purge changes" => purge::purge_changes,
    /// What is written again while it is purged stays, or is gone and the write a conflict.
    PurgeRace = "purge race" => purge::purge_race,
    /// Of many tasks that create one record at once, one does.
    OneCreator = "one creator among many" => race::one_creator,
    /// Of many tasks that change what they all read, one does.
    OneWinner = "one winner among many" => race::one_winner,
    /// Of two batches that each assert what the other changes, one is applied.
    WriteSkew = "write skew" => race::write_skew,
    /// A counter that many tasks increment counts every increment.
    ExactCounter = "exact counter" => race::exact_counter,
    /// A load never shows half of a batch.
    Snapshot = "snapshot" => race::snapshot,
    /// A long random history reads as it does on the model.
    RandomHistory = "random history" => history::random_history,
    /// Of many right answers to one challenge at once, one is accepted.
    OneRightAnswer = "one right answer among many" => service::one_right_answer,
    /// A TOTP code is accepted once, whatever number of challenges it is given to at once.
    OneUseOfACode = "one use of a code" => service::one_use_of_a_code,
    /// A burst of wrong answers is compared as often as the challenge allows, and no more.
    AttemptBudget = "attempt budget" => service::attempt_budget,
    /// A burst of guesses over many challenges of one user is compared as often as the user may guess, and no more.
    GuessesOverChallenges = "guesses over challenges" => service::guesses_over_challenges,
    /// Approvals and declines at once have one outcome.
    OneOutcome = "one outcome" => service::one_outcome,
    /// The time at which an answer arrives decides, though nothing is ever swept.
    EndOfTime = "end of time" => service::end_of_time,
    /// A clock that goes back revives nothing.
    ClockGoingBack = "clock going back" => service::clock_going_back,
    /// What clients of one challenge see at once is explained by one call after another.
    OneChallenge = "histories of one challenge" => linearizability::one_challenge,
    /// The same, while replies of the store are lost.
    LostReplies = "histories with lost replies" => linearizability::lost_replies,
}
