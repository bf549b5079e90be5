macro_rules! defects {
    ($($(#[doc = $meaning:literal])+ $name:ident,)+) => {
        /// What is wrong with a [`DefectiveStore`](crate::DefectiveStore).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Defect {
            $($(#[doc = $meaning])+ $name,)+
        }

        impl Defect {
            /// Every defect.
            pub const ALL: &[Self] = &[$(Self::$name),+];
        }
    };
}

defects! {
    /// It takes any version for the expected one.
    IgnoresVersions,
    /// It creates a record over one that exists.
    CreatesOverExisting,
    /// It updates, and so creates, a record that does not exist.
    UpdatesMissing,
    /// It does not check the expectations of writes that only assert.
    IgnoresKeeps,
    /// It applies those writes of a batch whose expectations hold, one after another.
    AppliesPartly,
    /// It checks first and writes later: the naive store.
    ChecksThenWrites,
    /// It checks what a batch only asserts first, and later, in one step, what it writes.
    ChecksKeepsFirst,
    /// It answers `Applied` and stores nothing.
    ForgetsWrites,
    /// A record keeps the version that it was created under.
    KeepsVersions,
    /// A record keeps the due and expiry times that it was created with.
    KeepsTimes,
    /// A load that finds nothing is an error.
    MissesWithError,
    /// A load does not see the last commit.
    ReadsStale,
    /// Every third load does not see the last commit, as if it went to a replica.
    LagsBehind,
    /// Siblings are those of every owner.
    MixesOwners,
    /// A record that is asked for as a key and as a sibling is answered twice.
    RepeatsSiblings,
    /// Siblings are in the wrong order.
    ShufflesSiblings,
    /// It finds a record by the random part of its id.
    ConfusesTags,
    /// It cuts bodies off after 1 MiB.
    TruncatesBodies,
    /// It turns an empty body into another one.
    LosesEmptyBodies,
    /// It keeps times as signed numbers, and cuts off what does not fit.
    SaturatesTimes,
    /// It lists owners whose tags begin with a set bit first.
    SortsTagsAsSigned,
    /// It lists in the order of ids, whatever their owners.
    ListsByIdAlone,
    /// A page begins with the record that the cursor names.
    RepeatsCursor,
    /// A cursor whose record is gone ends the list.
    NeedsCursorRecord,
    /// The last page names a next one.
    PromisesEmptyPages,
    /// A record is due only after its time.
    DueAfterNow,
    /// A record without a due time is due.
    DueWithoutTime,
    /// Due records are in no order.
    ShufflesDue,
    /// It purges a record at the very time of its expiry.
    PurgesTooEarly,
    /// It purges records that never expire.
    PurgesWithoutTime,
    /// It selects what has expired first, and deletes it by its key later.
    SelectsThenPurges,
    /// It purges a few records of many, and leaves the others to the next call.
    PurgesInPart,
    /// It looks for due and expired records in every shard.
    IgnoresShards,
    /// It gives, or purges, more than was asked for.
    IgnoresLimits,
}
