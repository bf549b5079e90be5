//! Limits of everything that leaves the host for a user: messages, notices and HTTP actions.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Body, Counters};
use crate::challenge_type::ChallengeType;
use crate::engine::Engine;
use crate::error::Invalid;
use crate::observer::Observation;
use crate::policy::{Policy, SendLimit, SendPolicy};
use crate::throttle::sends::Sends;
use crate::time::Timestamp;

impl Counters {
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

    /// Returns when the last send, notice or action stops counting.
    pub(super) fn outgoing_end(&self, policy: &Policy) -> Option<Timestamp> {
        let Body { sends, all_sends, notices, alarms, actions, .. } = &self.body;
        let sent = [*sends, *all_sends, *notices, *alarms].into_iter().flatten();
        let ends = sent.map(|sends| sends.end(policy.sends.window));
        ends.chain(actions.map(|actions| actions.end(policy.dispatch.action_age))).max()
    }
}
