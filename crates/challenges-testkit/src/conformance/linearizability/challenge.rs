use challenges_core::State;

use super::Model;

/// The sequential model of one challenge of type `code`: the state diagram of the contract, without time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct OneChallenge {
    /// The stored challenge, or `None` after a delete.
    standing: Option<Standing>,
    /// The number of wrong answers that closes the challenge.
    limit: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Standing {
    state: State,
    /// The number of the last replacement.
    particulars: u32,
    wrong: u32,
    last_wrong: Option<u32>,
}

/// A call on a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// Reads the challenge.
    Read,
    /// Replaces the particulars of the challenge.
    Replace {
        /// The number of the particulars, found in the timeout and in the answer data.
        particulars: u32,
        /// Issues the challenge if true.
        issue: bool,
    },
    /// Gives the right answer.
    Right {
        /// Allows if true, declines otherwise.
        allowed: bool,
    },
    /// Gives the wrong answer with this number. The answer allows.
    Wrong(u32),
    /// Deletes the challenge.
    Delete,
}

/// The result of a call on a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Return {
    /// The challenge does not exist.
    NotFound,
    /// The stored challenge.
    Stands {
        /// The state.
        state: State,
        /// The number of the current particulars.
        particulars: u32,
        /// The number of wrong answers so far.
        wrong: u32,
    },
    /// The answer was refused.
    Refused,
    /// The answer passed the challenge.
    Passed {
        /// The number in the returned answer data.
        particulars: u32,
    },
    /// The answer declined the challenge.
    Declined,
    /// The challenge was deleted.
    Deleted,
}

impl OneChallenge {
    /// Returns a pending challenge that closes after `limit` wrong answers.
    #[must_use]
    pub(super) const fn pending(particulars: u32, limit: u32) -> Self {
        let standing = Standing { state: State::Pending, particulars, wrong: 0, last_wrong: None };
        Self { standing: Some(standing), limit }
    }
}

impl Model for OneChallenge {
    type Call = Call;
    type Return = Return;

    fn apply(&mut self, call: &Call) -> Return {
        let Some(standing) = &mut self.standing else { return Return::NotFound };
        let open = standing.state == State::Issued && standing.wrong < self.limit;
        match *call {
            Call::Read => standing.shown(),
            Call::Replace { particulars, issue } => {
                if standing.state == State::Pending {
                    standing.particulars = particulars;
                    standing.state = if issue { State::Issued } else { State::Pending };
                }
                standing.shown()
            }
            Call::Right { allowed } if open => {
                standing.last_wrong = None;
                standing.state = if allowed { State::ChallengePassed } else { State::ChallengeDeclined };
                if allowed { Return::Passed { particulars: standing.particulars } } else { Return::Declined }
            }
            Call::Wrong(number) if open && standing.last_wrong != Some(number) => {
                standing.wrong += 1;
                standing.last_wrong = Some(number);
                Return::Refused
            }
            Call::Right { .. } | Call::Wrong(_) => Return::Refused,
            Call::Delete => {
                self.standing = None;
                Return::Deleted
            }
        }
    }
}

impl Standing {
    const fn shown(&self) -> Return {
        Return::Stands { state: self.state, particulars: self.particulars, wrong: self.wrong }
    }
}
