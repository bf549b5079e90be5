use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::failures::{FailureCounts, Lock};
use super::open_challenges::OpenChallenges;
use super::sends::Sends;
use crate::challenge_type::ChallengeType;
use crate::codec::{self, Form};
use crate::engine::{Engine, Now};
use crate::error::{Error, Invalid, Refused};
use crate::factor::Factor;
use crate::id::{ChallengeId, Id};
use crate::observer::Observation;
use crate::owner::Owner;
use crate::policy::{Policy, SendLimit, SendPolicy};
use crate::store::{Key, Kind, Loaded, Record, Version, Write};
use crate::time::{SKEW, Timestamp};

/// The failures, sends and open challenges of a user, as read from the store. Each user has one record.
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
}

/// The devices trusted since the last change of the factors. A change of the factors deletes the epoch in its own
/// commit, and so ends all devices without reading the devices.
///
/// Each epoch has a new name, so an ended epoch never returns, not even after the counters were deleted. Without an
/// epoch no device is trusted.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct DeviceEpoch {
    /// The id of the first device of the epoch.
    epoch: Id,
    /// When the trust in the last device of the epoch ends. The counters are kept until then.
    until: Timestamp,
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
        let actions_end = self.body.actions.map(|actions| actions.end(policy.dispatch.action_age));
        let devices_end = self.body.devices.map(|devices| devices.until);
        let ends = [self.sends_end(policy.sends.window), actions_end, self.body.open.end(), devices_end];
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

    /// Notes that a factor is lost without the user's doing: an address disappears, or an erasure begins. A user whose
    /// last factor is lost this way must not count as a user without a factor. Otherwise, an attacker who makes the
    /// address disappear could enroll another factor. Does nothing for types that are no factor, such as e-mail.
    pub(crate) const fn lose_factor(&mut self, kind: ChallengeType) {
        if kind.is_factor() {
            self.body.lost = Some(kind);
        }
        self.factors_changed();
    }

    /// Forgets lost factors. Returns whether there were any.
    pub(crate) fn forget_lost(&mut self) -> bool {
        self.body.lost.take().is_some()
    }

    /// Returns the type of the last factor that was lost without the user's doing.
    pub(crate) const fn lost_factor(&self) -> Option<ChallengeType> {
        self.body.lost
    }

    /// Ends the trust in every device of the user. Returns whether there may be devices.
    ///
    /// Every change of the factors of a user calls this in its commit: an enrollment completed or deleted, an address
    /// confirmed, enabled, disabled, deleted or lost, recovery codes generated or deleted, and a reset.
    pub(crate) const fn factors_changed(&mut self) -> bool {
        self.body.devices.take().is_some()
    }

    /// Records a device trusted until `until`. Returns the epoch of the device.
    pub(crate) fn trust_device(&mut self, device: Id, until: Timestamp) -> Id {
        let devices = self.body.devices.get_or_insert(DeviceEpoch { epoch: device, until });
        devices.until = devices.until.max(until);
        devices.epoch
    }

    /// Returns the epoch of the trusted devices. The trust in a device of any other epoch has ended.
    pub(crate) fn device_epoch(&self) -> Option<Id> {
        self.body.devices.map(|devices| devices.epoch)
    }

    /// Counts a send to the user. When a limit forbids the send, counts nothing and returns the time to wait.
    pub(crate) fn count_send(&mut self, policy: &SendPolicy, now: Timestamp) -> Result<(), Duration> {
        let current = |sends: Option<Sends>| sends.unwrap_or(Sends::none(now)).current(policy.window, now);
        let (sends, all) = (current(self.body.sends), current(self.body.all_sends));
        let until_room = |sends: Sends, max| match sends.room(max) {
            0 => sends.remaining(policy.window, now),
            _ => Duration::ZERO,
        };
        let wait = until_room(sends, policy.per_user)
            .max(until_room(all, policy.per_user_in_window))
            .max(sends.cool_down_left(policy.cool_down, now));
        if !wait.is_zero() {
            return Err(wait);
        }
        self.body.sends = Some(sends.with(1, now));
        self.body.all_sends = Some(all.with(1, now));
        Ok(())
    }

    /// Ends the cool-down of the send made at `sent`, whose messages all failed. The send still counts. Returns whether
    /// there was a cool-down; the cool-down of a later send continues.
    pub(crate) fn forgive_cool_down(&mut self, sent: Timestamp) -> bool {
        let mut forgiven = false;
        for sends in [&mut self.body.sends, &mut self.body.all_sends].into_iter().flatten() {
            forgiven |= sends.forgive_cool_down(sent);
        }
        forgiven
    }

    /// Clears the sends before a success. Returns whether there were any.
    pub(crate) fn clear_sends(&mut self) -> bool {
        self.body.sends.take().is_some()
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

    /// Counts the HTTP actions of a new one-time-use action.
    pub(crate) fn count_actions(&mut self, engine: &Engine, actions: usize, now: Timestamp) -> Result<(), Invalid> {
        let policy = &engine.policy.dispatch;
        let counted = self.body.actions.unwrap_or(Sends::none(now)).current(policy.action_age, now);
        let more = u32::try_from(actions).unwrap_or(u32::MAX);
        if counted.room(policy.actions_per_user) < more {
            engine.observe(&Observation::ChallengesCapped { owner: &self.body.owner });
            let max = policy.actions_per_user.try_into().unwrap_or(usize::MAX);
            return Err(Invalid::TooMany { field: "dispatch.actions_per_user", max });
        }
        if more > 0 {
            self.body.actions = Some(counted.with(more, now));
        }
        Ok(())
    }

    /// Counts a notice to addresses of these channels, given in order of registration. Keeps the addresses that the
    /// limits admit: none when the notice is over the limit, else the first address of each channel, and of the others
    /// as many as there are copies left. Half of the copies are kept for the notices to come, so that nobody uses up the
    /// copies of the second address by adding further addresses.
    pub(crate) fn count_notice<A>(
        &mut self,
        engine: &Engine,
        is_alarm: bool,
        addresses: &mut Vec<(ChallengeType, A)>,
        now: Timestamp,
    ) {
        let policy = &engine.policy.sends;
        let Body { owner, notices, alarms, notice_copies, alarm_copies, .. } = &mut self.body;
        let (counted, copies) = if is_alarm { (alarms, alarm_copies) } else { (notices, notice_copies) };
        if policy.notices_per_user == 0 {
            addresses.clear();
        }
        if addresses.is_empty() {
            return;
        }
        let current = counted.unwrap_or(Sends::none(now)).current(policy.window, now);
        if current.count() == 0 {
            copies.clear();
        }
        let before = addresses.len();
        if current.room(policy.notices_per_user) == 0 {
            addresses.clear();
        } else {
            let current = current.with(1, now);
            *counted = Some(current);
            let kept =
                policy.notice_copies_per_user / 2 * current.room(policy.notices_per_user) / policy.notices_per_user;
            let max = policy.notice_copies_per_user - kept;
            let mut firsts = BTreeSet::new();
            addresses.retain(|(channel, _)| {
                if firsts.insert(*channel) {
                    return true;
                }
                let count = copies.entry(*channel).or_default();
                let admits = *count < max;
                *count += u32::from(admits);
                admits
            });
        }
        if addresses.len() < before {
            let wait = current.remaining(policy.window, now);
            engine.observe(&Observation::SendLimited { owner, limit: SendLimit::User.as_str(), wait });
        }
    }

    /// Gives back the place of a challenge. Returns whether there was one: challenges of earlier versions have none.
    pub(crate) fn close_challenge(&mut self, expires: Timestamp) -> bool {
        self.body.open.give_back(expires)
    }

    /// Changes the expiry of the place of a challenge.
    pub(crate) fn change_expiry(&mut self, before: Timestamp, after: Timestamp) {
        self.body.open.change(before, after);
    }

    /// Returns when the last send or notice stops counting.
    fn sends_end(&self, window: Duration) -> Option<Timestamp> {
        let Body { sends, all_sends, notices, alarms, .. } = &self.body;
        [*sends, *all_sends, *notices, *alarms].into_iter().flatten().map(|sends| sends.end(window)).max()
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
        }
    }
}

/// Rewrites the counters of the owner unchanged, so that two concurrent changes of the owner's enrollments or endpoints
/// conflict. Otherwise each could rely on a state that the other changes, and together exceed a cap.
pub(crate) fn touch(engine: &Engine, loaded: &Loaded, owner: &Owner, now: Now) -> Result<Write, Error> {
    Counters::read(engine, loaded, owner)?.write(engine, now)
}

/// Writes the counters like [`touch`], and notes that a push subscription was lost.
pub(crate) fn touch_losing(engine: &Engine, loaded: &Loaded, owner: &Owner, now: Now) -> Result<Write, Error> {
    let mut counters = Counters::read(engine, loaded, owner)?;
    counters.lose_factor(ChallengeType::WebPush);
    counters.write(engine, now)
}
