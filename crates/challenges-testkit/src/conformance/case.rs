use std::fmt;

use super::failure::Verdict;
use super::fixture::Fixture;
use super::{
    addresses, devices, due, factors, history, linearizability, list, load, purge, race, record, service, write,
};

macro_rules! cases {
    ($($(#[doc = $meaning:literal])+ $name:ident = $text:literal => $check:path,)+) => {
        /// A test case of the conformance suite.
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
    /// Creates succeed only for missing records.
    ExclusiveCreate = "exclusive create" => write::exclusive_create,
    /// Updates replace the whole record and the version.
    Update = "update" => write::update,
    /// Updates, deletes and assertions of an old version return a conflict.
    StaleUpdate = "stale update" => write::stale_update,
    /// Versions from before a delete do not match a record that was created again.
    RecreatedRecord = "deleted and created again" => write::recreated_record,
    /// Missing records match no version.
    MissingRecord = "missing record" => write::missing_record,
    /// Deleted records disappear from loads, lists, due records and purges.
    Delete = "delete" => write::delete,
    /// A single failed expectation rejects the whole batch.
    AllOrNothing = "all or nothing" => write::all_or_nothing,
    /// Batches of 64 writes over every kind are applied as a whole.
    ManyWrites = "many writes" => write::many_writes,
    /// Loads of missing records return no record and no error.
    LoadOfNothing = "load of nothing" => load::load_of_nothing,
    /// Loads return the owner's records of the named kinds, each record once.
    Siblings = "load with siblings" => load::siblings,
    /// Ids with equal random parts and different owners are different.
    EqualRandomParts = "equal random parts" => load::equal_random_parts,
    /// Bodies from empty to 4 MiB are preserved.
    Bodies = "bodies" => record::bodies,
    /// Times are preserved and compared as unsigned 64-bit numbers.
    ExtremeTimes = "extreme times" => record::extreme_times,
    /// Lists return the records of one owner and kind in order, page by page.
    ListOfAnOwner = "list of an owner" => list::list_of_an_owner,
    /// Lists return the records of all owners in order of owner tag and id, page by page.
    ListOfAll = "list of all" => list::list_of_all,
    /// Pages keep every limit, and the last page has no cursor.
    ListLimits = "list limits" => list::list_limits,
    /// A walk returns each unchanged record exactly once during concurrent creates and deletes.
    ListUnderChange = "list under change" => list::list_under_change,
    /// Due records are returned in order of due times, up to the given time and limit.
    DueOrder = "due order" => due::due_order,
    /// Due records belong to the named shards and kind.
    DueShards = "due shards" => due::due_shards,
    /// Due records reflect every write.
    DueChanges = "due changes" => due::due_changes,
    /// A purge deletes only records that expired before the given time.
    PurgeOfExpired = "purge of expired" => purge::purge_of_expired,
    /// A purge deletes only records of the named shards, up to the limit.
    PurgeShards = "purge shards" => purge::purge_shards,
    /// A purge reaches the limit while expired records remain, in whichever shard.
    PurgeBacklog = "purge backlog" => purge::purge_backlog,
    /// Purges reflect every write.
    PurgeChanges = "purge changes" => purge::purge_changes,
    /// An update that races with a purge keeps the record or returns a conflict.
    PurgeRace = "purge race" => purge::purge_race,
    /// Exactly one of many concurrent creates of a record succeeds.
    OneCreator = "one creator among many" => race::one_creator,
    /// Exactly one of many concurrent updates of the same version succeeds.
    OneWinner = "one winner among many" => race::one_winner,
    /// Exactly one of two batches is applied when each asserts a record that the other writes.
    WriteSkew = "write skew" => race::write_skew,
    /// A shared counter counts every concurrent increment.
    ExactCounter = "exact counter" => race::exact_counter,
    /// Loads never return half of a batch.
    Snapshot = "snapshot" => race::snapshot,
    /// A random sequence of 2,000 calls returns the same results as the model.
    RandomHistory = "random history" => history::random_history,
    /// Exactly one of many concurrent right answers to a challenge is accepted.
    OneRightAnswer = "one right answer among many" => service::one_right_answer,
    /// A TOTP code is accepted once over many concurrent challenges.
    OneUseOfACode = "one use of a code" => service::one_use_of_a_code,
    /// A recovery code is accepted once over many concurrent challenges, and none of an earlier set is.
    OneUseOfARecoveryCode = "one use of a recovery code" => service::one_use_of_a_recovery_code,
    /// An account erased during concurrent creates leaves no record, and other accounts stay.
    NothingAfterErasure = "nothing after erasure" => service::nothing_after_erasure,
    /// Concurrent checks of a trusted device receive one new secret, and find a theft once.
    OneSecretOfADevice = "one secret of a trusted device" => devices::one_secret_of_a_device,
    /// Many concurrent imports of a TOTP seed store one enrollment.
    OneImport = "one import among many" => service::one_import,
    /// Exactly one of concurrent first factors of a user is completed.
    OneFirstFactor = "one first factor" => factors::one_first_factor,
    /// One factor of a user stays when all are removed at once.
    LastFactorStays = "last factor stays" => factors::last_factor_stays,
    /// Exactly one of many concurrent confirmations of an e-mail address succeeds, with one notice.
    OneConfirmation = "one confirmation among many" => addresses::one_confirmation,
    /// A burst of wrong answers is compared exactly as often as the challenge allows.
    AttemptBudget = "attempt budget" => service::attempt_budget,
    /// A burst of guesses over many challenges is compared exactly as often as the user may guess.
    GuessesOverChallenges = "guesses over challenges" => service::guesses_over_challenges,
    /// Concurrent approvals and declines have exactly one outcome.
    OneOutcome = "one outcome" => service::one_outcome,
    /// Expiry depends on the arrival time of the answer, even without a sweep.
    EndOfTime = "end of time" => service::end_of_time,
    /// A clock set back revives no challenge and no TOTP code.
    ClockGoingBack = "clock going back" => service::clock_going_back,
    /// Concurrent calls on one challenge are linearizable.
    OneChallenge = "histories of one challenge" => linearizability::one_challenge,
    /// Concurrent calls on one challenge are linearizable while replies of the store are lost.
    LostReplies = "histories with lost replies" => linearizability::lost_replies,
}
