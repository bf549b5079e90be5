mod factor_changes;
mod outgoing;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::failures::{FailureCounts, Lock};
use super::open_challenges::OpenChallenges;
use super::sends::Sends;
use crate::challenge_type::ChallengeType;
use crate::codec::{self, Form, is_zero};
use crate::engine::{Engine, Now};
use crate::error::{Error, Invalid, Refused};
use crate::factor::Factor;
use crate::id::ChallengeId;
use crate::observer::Observation;
use crate::owner::Owner;
use crate::policy::Policy;
use crate::store::{Key, Kind, Loaded, Record, Version, Write};
use crate::time::{SKEW, Timestamp};
use factor_changes::DeviceEpoch;

/// The counters of a user, as read from the store: failures of factors, open challenges, [outgoing] messages and
/// actions, and the devices that a [change of the factors](factor_changes) ends. Each user has one record.
#[derive(Debug)]
pub(crate) struct Counters {
    body: Body,
    key: Key,
    read: Option<Version>,
}

/// The stored form of [`Counters`].
#[derive(Debug, Serialize, Deserialize)]
struct Body {
    v: Form,
    owner: Owner,
    #[serde(default, skip_serializing_if = "FailureCounts::is_empty")]
    failures: FailureCounts,
    /// When an administrator last cleared the failures of [`Factor::Code`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    codes_cleared: Option<Timestamp>,
    /// Sends since the last success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sends: Option<Sends>,
    /// Sends regardless of successes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    all_sends: Option<Sends>,
    /// The HTTP actions of the created one-time-use actions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actions: Option<Sends>,
    /// The notices of changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notices: Option<Sends>,
    /// The notices of changes that anybody can cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alarms: Option<Sends>,
    /// The copies of `notices` to further addresses of a channel.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    notice_copies: BTreeMap<ChallengeType, u32>,
    /// The copies of `alarms` to further addresses of a channel.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    alarm_copies: BTreeMap<ChallengeType, u32>,
    #[serde(default, skip_serializing_if = "OpenChallenges::is_empty")]
    open: OpenChallenges,
    /// The trusted devices since the last change of the factors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    devices: Option<DeviceEpoch>,
    /// The channel of the last address that was deleted without the user's doing: gone, or registered by another user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lost: Option<ChallengeType>,
    /// The number of recalls of the messages sent before.
    #[serde(default, skip_serializing_if = "is_zero")]
    recalls: u32,
}

impl Counters {
    /// Reads the counters of the owner, or starts with empty counters.
    pub(crate) fn read(engine: &Engine, loaded: &Loaded, owner: &Owner) -> Result<Self, Error> {
        let key = Key::new(Kind::Counters, engine.owner_tags.counters_id(owner));
        Ok(match loaded.find(key) {
            Some(stored) => Self { body: codec::decode(&stored.record.body)?, key, read: Some(stored.version) },
            None => Self { body: Body::new(owner.clone()), key, read: None },
        })
    }

    /// Returns the write that stores the counters over the version read.
    ///
    /// Failures and lost addresses never expire. Without these, the record expires [`Policy::retention`] after the last
    /// send, notice or action stops counting, the last open challenge expires, and the trust in the last device ends,
    /// rounded up to a multiple of a sixteenth of the retention. Until then concurrent changes of the owner's records
    /// conflict here; see [`touch`].
    ///
    /// An answer soon after a creation therefore keeps the expiry, and a store changes no index.
    pub(crate) fn write(&self, engine: &Engine, now: Now) -> Result<Write, Error> {
        let policy = &engine.policy;
        let devices_end = self.body.devices.map(|devices| devices.until);
        let ends = [self.outgoing_end(policy), self.body.open.end(), devices_end];
        let counted_until = ends.into_iter().flatten().max().unwrap_or(now.clock);
        let counted_until = counted_until.max(now.clock);
        let keeps_nothing = self.body.failures.is_empty() && self.body.lost.is_none();
        let expires = keeps_nothing.then(|| counted_until.after(policy.retention).round_up(policy.retention / 16));
        let record = Record { key: self.key, due: None, expires, body: codec::encode(&self.body)? };
        Ok(Write::put(self.expected(), record))
    }

    /// Returns the owner.
    pub(crate) const fn owner(&self) -> &Owner {
        &self.body.owner
    }

    /// Returns the write that asserts the version read and changes nothing.
    pub(crate) fn unchanged(&self) -> Write {
        Write::keep(self.key, self.expected())
    }

    /// Checks that an answer of the factor may be compared now.
    pub(crate) fn admit(&self, factor: Factor, policy: &Policy, now: Timestamp) -> Result<(), Refused> {
        self.body.failures.admit(factor, policy, now)
    }

    /// Returns the number of consecutive failures of the factor.
    pub(crate) fn failures(&self, factor: Factor) -> u32 {
        self.body.failures.in_a_row(factor)
    }

    /// Counts a failure, and returns the resulting lock of the factor.
    pub(crate) fn count_failure(&mut self, factor: Factor, policy: &Policy, now: Timestamp) -> Option<Lock> {
        self.body.failures.count(factor, policy, now)
    }

    /// Clears the failures of the factor and of no other, after a success. Returns whether there were any.
    pub(crate) fn clear_failures(&mut self, factor: Factor) -> bool {
        self.body.failures.clear(factor)
    }

    /// Takes back the `count` failures of a `code` challenge. Returns whether there were any.
    ///
    /// Failures of a challenge that is older than the last reset are cleared already. Taking these back would clear
    /// failures of other challenges instead.
    pub(crate) fn forgive_failures(&mut self, challenge: ChallengeId, count: u32, now: Timestamp) -> bool {
        // A reset in the future was stored by a clock that ran ahead.
        let cleared = self.body.codes_cleared.filter(|cleared| *cleared <= now.after(SKEW));
        let is_cleared = cleared.is_some_and(|cleared| challenge.0.created() <= cleared.after(SKEW));
        !is_cleared && self.body.failures.forgive(Factor::Code, count)
    }

    /// Clears the failures of the factor for an administrator. Returns whether there were any.
    pub(crate) fn reset_failures(&mut self, factor: Factor, now: Timestamp) -> bool {
        let cleared = self.body.failures.clear(factor);
        if cleared && factor == Factor::Code {
            self.body.codes_cleared = Some(now);
        }
        cleared
    }

    /// Clears the failures of every factor for an administrator. Returns the factors that had any.
    pub(crate) fn reset_all_failures(&mut self, now: Timestamp) -> Vec<Factor> {
        let cleared = self.body.failures.clear_all();
        if cleared.contains(&Factor::Code) {
            self.body.codes_cleared = Some(now);
        }
        cleared
    }

    /// Returns the locked factors, each with the end of the lock: [`Timestamp::MAX`] when disabled until a reset.
    pub(crate) fn locks(&self, policy: &Policy, now: Timestamp) -> Vec<(Factor, Timestamp)> {
        self.body.failures.locks(policy, now)
    }

    /// Takes a place for a new challenge until the expiry.
    ///
    /// A place is given back by the commit that ends the challenge with an answer or deletes the challenge. A failed
    /// challenge keeps the place until the expiry: a user without a factor could otherwise fill the store.
    pub(crate) fn open_challenge(&mut self, engine: &Engine, expires: Timestamp, now: Now) -> Result<(), Invalid> {
        let max = engine.policy.open_challenges;
        if self.body.open.take(expires, max, now) {
            return Ok(());
        }
        engine.observe(&Observation::ChallengesCapped { owner: &self.body.owner });
        Err(Invalid::TooMany { field: "open_challenges", max })
    }

    /// Gives back the place of a challenge. Returns whether there was one: challenges of earlier versions have none.
    pub(crate) fn close_challenge(&mut self, expires: Timestamp) -> bool {
        self.body.open.give_back(expires)
    }

    /// Changes the expiry of the place of a challenge.
    pub(crate) fn change_expiry(&mut self, before: Timestamp, after: Timestamp) {
        self.body.open.change(before, after);
    }

    fn expected(&self) -> Option<Version> {
        self.read
    }
}

impl Body {
    fn new(owner: Owner) -> Self {
        Self {
            v: Form,
            owner,
            failures: FailureCounts::default(),
            codes_cleared: None,
            sends: None,
            all_sends: None,
            actions: None,
            notices: None,
            alarms: None,
            notice_copies: BTreeMap::new(),
            alarm_copies: BTreeMap::new(),
            open: OpenChallenges::default(),
            devices: None,
            lost: None,
            recalls: 0,
        }
    }
}

/// Rewrites the counters of the owner unchanged, so that two concurrent changes of the owner's enrollments or endpoints
/// conflict. Otherwise each could rely on a state that the other changes, and together exceed a cap.
pub(crate) fn touch(engine: &Engine, loaded: &Loaded, owner: &Owner, now: Now) -> Result<Write, Error> {
    Counters::read(engine, loaded, owner)?.write(engine, now)
}

/// Writes the counters like [`touch`], recalls the messages sent before, and notes that a push subscription was lost.
pub(crate) fn touch_losing(engine: &Engine, loaded: &Loaded, owner: &Owner, now: Now) -> Result<Write, Error> {
    let mut counters = Counters::read(engine, loaded, owner)?;
    counters.recall_messages();
    counters.lose_factor(ChallengeType::WebPush);
    counters.write(engine, now)
}
