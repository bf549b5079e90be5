use std::time::Duration;

use challenges_core::{Error, Grant, Invalid, Policy, Purpose};
use challenges_testkit::administrator;
use proptest::prelude::*;
use proptest::sample::select;

use super::{Alice, CHANGES, Change, step_up};
use crate::harness::owner;

/// The origin of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// The session of alice alone.
    Session,
    /// A step-up of another user.
    Bob,
    /// A step-up for a transfer.
    Transfer,
    /// A step-up that is too old.
    Late,
    /// A step-up for managing factors.
    StepUp,
    Administrator,
}

const ALL: [By; 6] = [By::Session, By::Bob, By::Transfer, By::Late, By::StepUp, By::Administrator];

async fn grant(alice: &Alice, by: By) -> Grant {
    let (host, manage) = (&alice.host, Purpose::manage_factors());
    match by {
        By::Session => Grant::first_factor(),
        By::Bob => Grant::step_up(&step_up(host, "bob", &manage).await),
        By::Transfer => Grant::step_up(&step_up(host, "alice", &Purpose::new("transfer").unwrap()).await),
        By::Late => {
            let step_up = step_up(host, "alice", &manage).await;
            host.clock.advance(Policy::default().grant_age + Duration::from_millis(1));
            Grant::step_up(&step_up)
        }
        By::StepUp => Grant::step_up(&step_up(host, "alice", &manage).await),
        By::Administrator => administrator(),
    }
}

async fn has_factor(alice: &Alice) -> bool {
    alice.host.challenges.account(&owner("alice")).status().await.unwrap().has_factor()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// R67, R69: in any order of changes, a session alone changes an account without a factor only, a step-up of another
    /// kind changes nothing, and only an administrator removes the last factor.
    #[test]
    fn grants_admit_as_the_model_says(steps in prop::collection::vec((select(CHANGES.to_vec()), select(ALL.to_vec())), 1..16)) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let alice = Alice::new(Policy::default()).await;
            for (change, by) in steps {
                let grant = grant(&alice, by).await;
                let (had_factor, before) = (has_factor(&alice).await, alice.host.dump().await);
                let made = alice.change(change, &grant).await;
                let admits = match by {
                    By::Session => !had_factor,
                    By::Bob | By::Transfer | By::Late => false,
                    By::StepUp | By::Administrator => true,
                };
                prop_assert_eq!(matches!(made, Err(Error::Grant(_))) && admits, false, "{:?} by {:?}", change, by);
                if !admits {
                    prop_assert!(made.is_err(), "{:?} by {:?}", change, by);
                    prop_assert_eq!(alice.host.dump().await, before, "{:?} by {:?}", change, by);
                }
                let lost = had_factor && !has_factor(&alice).await;
                prop_assert!(!lost || by == By::Administrator, "{:?} by {:?}", change, by);
                if let Err(Error::Invalid(Invalid::LastFactor)) = made {
                    prop_assert!(by == By::StepUp && matches!(change, Change::DeleteTotp | Change::DeletePhone));
                }
            }
            Ok(())
        })?;
    }
}
