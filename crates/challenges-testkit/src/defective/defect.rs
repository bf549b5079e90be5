macro_rules! defects {
    ($($(#[doc = $meaning:literal])+ $name:ident,)+) => {
        /// A breach of the store contract by a [`DefectiveStore`](crate::DefectiveStore).
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
    /// Accepts any version as the expected version.
    IgnoresVersions,
    /// Creates a record over an existing record.
    CreatesOverExisting,
    /// Creates a missing record on an update.
    UpdatesMissing,
    /// Skips the expectations of `Write::Keep` writes.
    IgnoresKeeps,
    /// Applies the writes with matching expectations one by one, instead of the whole batch or nothing.
    AppliesPartly,
    /// Checks expectations first and writes later, without a lock: the naive store.
    ChecksThenWrites,
    /// Checks `Write::Keep` writes first and all other writes in a later atomic step.
    ChecksKeepsFirst,
    /// Returns `Applied` and stores nothing.
    ForgetsWrites,
    /// Keeps the version of the create on every update.
    KeepsVersions,
    /// Keeps the due and expiry times of the create on every update.
    KeepsTimes,
    /// Returns an error from a load without a match.
    MissesWithError,
    /// Hides the last commit from every load.
    ReadsStale,
    /// Hides the last commit from every third load, like a lagging replica.
    LagsBehind,
    /// Returns siblings of every owner.
    MixesOwners,
    /// Returns a record twice when a load names the record as a key and as a sibling.
    RepeatsSiblings,
    /// Returns siblings in reverse order.
    ShufflesSiblings,
    /// Finds a record by the random part of the id only.
    ConfusesTags,
    /// Truncates bodies to 1 MiB.
    TruncatesBodies,
    /// Replaces an empty body.
    LosesEmptyBodies,
    /// Stores times as signed 64-bit numbers, saturating at the maximum.
    SaturatesTimes,
    /// Lists owner tags in the order of signed numbers, so tags with the highest bit set come first.
    SortsTagsAsSigned,
    /// Lists in order of ids, without regard to owner tags.
    ListsByIdAlone,
    /// Starts a page with the record of the cursor.
    RepeatsCursor,
    /// Ends the list when the record of the cursor is gone.
    NeedsCursorRecord,
    /// Returns one record fewer than the limit before the end of a list.
    CutsPages,
    /// Returns a record only after the due time, not at the due time.
    DueAfterNow,
    /// Treats a record without a due time as due.
    DueWithoutTime,
    /// Returns due records in order of their keys instead of their due times.
    ShufflesDue,
    /// Purges a record at the expiry time, not only after.
    PurgesTooEarly,
    /// Purges records without an expiry time.
    PurgesWithoutTime,
    /// Selects expired records first and deletes them by key later.
    SelectsThenPurges,
    /// Purges at most 20 records in one call, below the limit.
    PurgesInPart,
    /// Searches every shard for due and expired records.
    IgnoresShards,
    /// Returns or purges more records than the limit.
    IgnoresLimits,
}
