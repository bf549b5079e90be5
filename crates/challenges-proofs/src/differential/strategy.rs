use std::time::Duration;

use challenges_core::{ChallengeType, Factor};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::operation::{AnswerType, Attempted, By, Given, Named, Operation, Pick, Reply, Spec, User};

/// Returns sequences of at most `most` operations. Failures shrink to shorter and simpler sequences.
pub(super) fn sequences(most: usize) -> impl Strategy<Value = Vec<Operation>> {
    let step = prop_oneof![8 => operation().prop_map(|operation| vec![operation]), 2 => story().boxed()];
    vec(step, 0..=most).prop_map(move |steps| steps.into_iter().flatten().take(most).collect())
}

/// Returns sequences with a likely compared answer at the end.
///
/// Independent random operations would rarely occur in the necessary order.
fn story() -> impl Strategy<Value = Vec<Operation>> {
    use Operation::{
        Answer, CheckDevice, ConfirmTotp, ConfirmWebauthn, Create, EnrollTotp, EnrollWebauthn, Erase, GenerateCodes,
        LookIntoOutbox, Register, Trust,
    };
    const LAST: Pick = Pick(0);
    let reply = || reply().prop_map(|reply| Reply { kind: None, ..reply });
    let named = |kind| Spec { named: Named::Own, ..Spec::of(kind) };
    let step = Operation::Wait(Duration::from_secs(30));
    prop_oneof![
        (user(), reply())
            .prop_map(|(user, reply)| { vec![Create(user, Spec::of(ChallengeType::Code)), Answer(LAST, reply)] }),
        // A pending enrollment expires after an hour, is kept for a day, and is swept only later than that.
        user().prop_map(|user| {
            let kept = Operation::Wait(Duration::from_secs(90_000));
            vec![EnrollTotp(user), kept, Operation::Sweep]
        }),
        (user(), 0..3_u8).prop_map(|(user, ago)| {
            let right = Reply { kind: None, given: Given::Right, allowed: true, by: By::Nobody };
            let create = Create(user, Spec::of(ChallengeType::Code));
            let check = |ago| CheckDevice(LAST, Pick(ago));
            vec![create, Answer(LAST, right), Trust, check(0), Operation::Wait(Duration::from_secs(60)), check(ago)]
        }),
        (user(), reply()).prop_map(|(user, reply)| {
            let create = Create(user, Spec::of(ChallengeType::RecoveryCode));
            vec![Erase(user), GenerateCodes(user), create, Answer(LAST, reply)]
        }),
        (user(), 1..3_u8, reply())
            .prop_map(|(user, actors, reply)| { vec![Operation::CreateAction(user, actors), Answer(LAST, reply)] }),
        (user(), channel(), reply()).prop_map(|(user, channel, reply)| {
            vec![Register(user, channel), Create(user, Spec::of(channel)), LookIntoOutbox, Answer(LAST, reply)]
        }),
        (user(), reply()).prop_map(move |(user, reply)| {
            let create = Create(user, Spec::of(ChallengeType::Totp));
            vec![EnrollTotp(user), ConfirmTotp(LAST, Given::Right), step.clone(), create, Answer(LAST, reply)]
        }),
        (user(), reply()).prop_map(move |(user, reply)| {
            let create = Create(user, named(ChallengeType::Webauthn));
            vec![EnrollWebauthn(user), ConfirmWebauthn(LAST, Given::Right), create, Answer(LAST, reply)]
        }),
    ]
}

/// Returns any operation. Each group of operations has a function below with the weights.
fn operation() -> impl Strategy<Value = Operation> {
    // On the heap: the trees of all groups together are too large for the stack of a test.
    prop_oneof![
        12 => challenges().boxed(),
        6 => enrollments().boxed(),
        4 => endpoints().boxed(),
        1 => devices().boxed(),
        4 => accounts().boxed(),
        4 => time().boxed(),
        3 => upkeep().boxed(),
    ]
}

fn challenges() -> impl Strategy<Value = Operation> {
    use Operation::{Answer, Create, CreateAction, Delete, Read, Replace};
    prop_oneof![
        6 => (user(), spec()).prop_map(|(user, spec)| Create(user, spec)),
        2 => (user(), 0..4_u8).prop_map(|(user, actors)| CreateAction(user, actors)),
        12 => (pick(), reply()).prop_map(|(challenge, reply)| Answer(challenge, reply)),
        3 => (pick(), spec()).prop_map(|(challenge, spec)| Replace(challenge, spec)),
        2 => pick().prop_map(Read),
        1 => pick().prop_map(Delete),
    ]
}

fn enrollments() -> impl Strategy<Value = Operation> {
    use Operation::{
        ConfirmTotp, ConfirmWebauthn, DeleteTotp, DeleteWebauthn, EnrollTotp, EnrollWebauthn, RenameWebauthn,
    };
    prop_oneof![
        4 => user().prop_map(EnrollTotp),
        6 => (pick(), given()).prop_map(|(enrollment, given)| ConfirmTotp(enrollment, given)),
        1 => pick().prop_map(DeleteTotp),
        2 => user().prop_map(EnrollWebauthn),
        3 => (pick(), given()).prop_map(|(enrollment, given)| ConfirmWebauthn(enrollment, given)),
        1 => pick().prop_map(RenameWebauthn),
        1 => pick().prop_map(DeleteWebauthn),
    ]
}

fn endpoints() -> impl Strategy<Value = Operation> {
    prop_oneof![
        3 => (user(), channel()).prop_map(|(user, channel)| Operation::Register(user, channel)),
        1 => pick().prop_map(Operation::Remove),
        3 => Just(Operation::LookIntoOutbox),
        4 => (pick(), attempted()).prop_map(|(entry, ends)| Operation::Attempt(entry, ends)),
    ]
}

fn devices() -> impl Strategy<Value = Operation> {
    prop_oneof![
        1 => Just(Operation::Trust),
        2 => (pick(), pick()).prop_map(|(device, cookie)| Operation::CheckDevice(device, cookie)),
    ]
}

fn accounts() -> impl Strategy<Value = Operation> {
    use Operation::{Ask, Erase, GenerateCodes, Import, ReadStatus, Reset, RevokeDevices, SetEnabled};
    prop_oneof![
        3 => user().prop_map(GenerateCodes),
        3 => (user(), 0..3_u8).prop_map(|(user, seed)| Import(user, seed)),
        2 => (pick(), any::<bool>()).prop_map(|(endpoint, enabled)| SetEnabled(endpoint, enabled)),
        4 => user().prop_map(Ask),
        4 => user().prop_map(ReadStatus),
        1 => user().prop_map(Reset),
        1 => user().prop_map(Erase),
        1 => user().prop_map(RevokeDevices),
    ]
}

/// Returns changes of time: TOTP steps, timeouts, delays and retention, exactly and with small offsets.
fn time() -> impl Strategy<Value = Operation> {
    let forwards = prop_oneof![
        2 => select(vec![0, 1, 29_999, 30_000, 59_999, 60_000]),
        1 => select(vec![600_000, 3_600_000, 86_400_000, 90_000_000]),
    ];
    let back = select(vec![1, 30_000, 600_000, 3_600_000, 100_000_000]);
    prop_oneof![
        8 => forwards.prop_map(|millis| Operation::Wait(Duration::from_millis(millis))),
        1 => back.prop_map(|millis| Operation::TurnBack(Duration::from_millis(millis))),
        1 => Just(Operation::Restart),
    ]
}

fn upkeep() -> impl Strategy<Value = Operation> {
    let factor = || select(vec![Factor::Totp, Factor::TotpEnrollment, Factor::Code, Factor::RecoveryCode]);
    prop_oneof![
        4 => (user(), select(vec![0, 1, 2, 3, 500])).prop_map(|(user, limit)| Operation::List(user, limit)),
        4 => Just(Operation::Sweep),
        1 => (user(), factor()).prop_map(|(user, factor)| Operation::ReadFailures(user, factor)),
        1 => (user(), factor()).prop_map(|(user, factor)| Operation::ResetFactor(user, factor)),
    ]
}

fn user() -> impl Strategy<Value = User> {
    prop_oneof![3 => Just(0), 1 => Just(1), 1 => Just(2)].prop_map(User)
}

fn channel() -> impl Strategy<Value = ChallengeType> {
    select(vec![ChallengeType::Sms, ChallengeType::WebPush, ChallengeType::Email])
}

/// Returns mostly the latest object.
fn pick() -> impl Strategy<Value = Pick> {
    prop_oneof![4 => Just(0), 2 => 0..4_u8, 1 => any::<u8>()].prop_map(Pick)
}

fn spec() -> impl Strategy<Value = Spec> {
    use ChallengeType::{Code, Email, RecoveryCode, Sms, Totp, WebPush, Webauthn};
    let kind = || select(vec![Code, Totp, Sms, WebPush, Webauthn, Email, RecoveryCode]);
    let types = prop_oneof![6 => vec(kind(), 1), 3 => vec(kind(), 2), 1 => Just(Vec::new())];
    let timeout = option::of(select(vec![1, 60, 600, 86_400]));
    let named = select(vec![Named::Nothing, Named::Own, Named::Own, Named::Foreign]);
    let often = proptest::bool::weighted(0.8);
    (types, often, timeout, named, any::<bool>(), any::<bool>()).prop_map(
        |(types, send_now, timeout, named, page, answer_data)| Spec {
            types,
            send_now,
            timeout,
            named,
            page,
            answer_data,
        },
    )
}

fn reply() -> impl Strategy<Value = Reply> {
    use ChallengeType::{Code, Email, RecoveryCode, Sms, Totp, WebPush, Webauthn};
    let offered = select(vec![Code, Email, RecoveryCode, Sms, Totp, WebPush, Webauthn]).prop_map(AnswerType::Challenge);
    let kind = prop_oneof![
        30 => Just(None),
        5 => offered.prop_map(Some),
        1 => Just(Some(AnswerType::OneTimeUseAction)),
    ];
    let by = prop_oneof![4 => Just(By::Nobody), 2 => Just(By::Asked), 1 => Just(By::Another)];
    (kind, given(), proptest::bool::weighted(0.8), by).prop_map(|(kind, given, allowed, by)| Reply {
        kind,
        given,
        allowed,
        by,
    })
}

fn attempted() -> impl Strategy<Value = Attempted> {
    use Attempted::{AddressGone, FailedForGood, FailedForNow, Performed};
    prop_oneof![4 => Just(Performed), 2 => Just(FailedForNow), 2 => Just(FailedForGood), 1 => Just(AddressGone)]
}

fn given() -> impl Strategy<Value = Given> {
    prop_oneof![5 => Just(Given::Right), 4 => (0..3_u8).prop_map(Given::Wrong), 1 => Just(Given::Malformed)]
}
