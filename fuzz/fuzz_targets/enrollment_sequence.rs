//! Runs any sequence of enrollment and challenge operations on two stores.
//!
//! Both stores give the same results, and no more challenges pass than right answers were given.
#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use challenges_core::{ChallengeType, Factor};
use challenges_memory::MemoryStore;
use challenges_proofs::differential::{By, Differential, Given, Named, Operation, Pick, Reply, Spec, User};
use challenges_testkit::DefectiveStore;
use challenges_webauthn::Webauthn;
use futures::executor::block_on;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

static STORES: LazyLock<Differential> = LazyLock::new(|| {
    Differential::new(|| async { DefectiveStore::sound() })
        .service(|builder| builder.webauthn(Webauthn::new()))
        .subject("memory", || async { MemoryStore::new() })
});

#[derive(Arbitrary, Debug)]
enum Step {
    Enroll { user: u8, webauthn: bool },
    Confirm { which: u8, webauthn: bool, given: u8 },
    Delete { which: u8, webauthn: bool },
    Rename { which: u8 },
    Challenge { user: u8, webauthn: bool, named: u8 },
    Answer { which: u8, given: u8, allowed: bool },
    Wait { seconds: u16 },
    TurnBack { seconds: u8 },
    Restart,
    List { user: u8 },
    Reset { user: u8 },
    Sweep,
}

const fn given(choice: u8) -> Given {
    match choice {
        0..128 => Given::Right,
        128..240 => Given::Wrong(choice % 3),
        _ => Given::Malformed,
    }
}

const fn named(choice: u8) -> Named {
    match choice % 3 {
        0 => Named::Nothing,
        1 => Named::Own,
        _ => Named::Foreign,
    }
}

fn operation(step: &Step) -> Operation {
    let user = |user: u8| User(user % 3);
    match *step {
        Step::Enroll { user: whose, webauthn: false } => Operation::EnrollTotp(user(whose)),
        Step::Enroll { user: whose, webauthn: true } => Operation::EnrollWebauthn(user(whose)),
        Step::Confirm { which, webauthn: false, given: choice } => Operation::ConfirmTotp(Pick(which), given(choice)),
        Step::Confirm { which, webauthn: true, given: choice } => {
            Operation::ConfirmWebauthn(Pick(which), given(choice))
        }
        Step::Delete { which, webauthn: false } => Operation::DeleteTotp(Pick(which)),
        Step::Delete { which, webauthn: true } => Operation::DeleteWebauthn(Pick(which)),
        Step::Rename { which } => Operation::RenameWebauthn(Pick(which)),
        Step::Challenge { user: whose, webauthn, named: choice } => {
            let kind = if webauthn { ChallengeType::Webauthn } else { ChallengeType::Totp };
            let (types, named) = (vec![kind], named(choice));
            let spec = Spec { types, send_now: true, timeout: None, named, page: false, answer_data: false };
            Operation::Create(user(whose), spec)
        }
        Step::Answer { which, given: choice, allowed } => {
            Operation::Answer(Pick(which), Reply { kind: None, given: given(choice), allowed, by: By::Nobody })
        }
        Step::Wait { seconds } => Operation::Wait(Duration::from_secs(seconds.into())),
        Step::TurnBack { seconds } => Operation::TurnBack(Duration::from_secs(seconds.into())),
        Step::Restart => Operation::Restart,
        Step::List { user: whose } => Operation::List(user(whose), 500),
        Step::Reset { user: whose } => Operation::ResetFactor(user(whose), Factor::Totp),
        Step::Sweep => Operation::Sweep,
    }
}

fuzz_target!(|steps: Vec<Step>| {
    let operations: Vec<_> = steps.iter().take(24).map(operation).collect();
    let report = block_on(STORES.compare(1, &operations)).expect("two equal stores");
    let right = |operation: &Operation| {
        matches!(operation, Operation::Answer(_, Reply { given: Given::Right, allowed: true, .. }))
    };
    let most = operations.iter().filter(|operation| right(operation)).count();
    assert!(report.passed.values().sum::<usize>() <= most, "{operations:?}");
});
