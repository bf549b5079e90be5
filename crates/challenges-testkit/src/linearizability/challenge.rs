use challenges_core::State;

use super::Model;

/// One challenge of the type `code`, called once at a time: the contract's diagram, without time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OneChallenge {
    /// `None` once it is deleted.
    standing: Option<Standing>,
    /// Wrong answers that it takes.
    limit: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Standing {
    state: State,
    /// What the last replacement made of it.
    particulars: u32,
    wrong: u32,
    last_wrong: Option<u32>,
}

/// What can be asked of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Read it.
    Read,
    /// Replace its particulars with those of that number.
    Replace {
        /// Its timeout, and what its answer data says.
        particulars: u32,
        /// Whether it is issued.
        issue: bool,
    },
    /// Give the right answer.
    Right {
        /// Whether it allows.
        allowed: bool,
    },
    /// Give the wrong answer of that number, allowing.
    Wrong(u32),
    /// Delete it.
    Delete,
}

/// What a challenge answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// There is none.
    NotFound,
    /// This is how it stands.
    Stands {
        /// Its state.
        state: State,
        /// The number of its particulars.
        particulars: u32,
        /// Wrong answers that it has taken.
        wrong: u32,
    },
    /// The answer is not accepted.
    Refused,
    /// It is passed.
    Passed {
        /// The number in the answer data that was handed out.
        particulars: u32,
    },
    /// It is declined.
    Declined,
    /// It is deleted.
    Deleted,
}

impl OneChallenge {
    /// A pending challenge with those particulars, which takes so many wrong answers.
    #[must_use]
    pub const fn pending(particulars: u32, limit: u32) -> Self {
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
