//! R68: recovery codes.

use std::sync::Arc;
use std::time::Duration;

use challenges_core::store::Kind;
use challenges_core::{
    Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Decision, Error, Factor, Outcome, Policy, Refused,
    Secret, State, Timeout, Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_proofs::explore::{Explored, Explorer, Trial, Violation};
use challenges_testkit::{Defect, DefectiveStore, FakeClock, Interrupted, Yielding, administrator};

use crate::harness::{Host, KEYS, START, Seen, owner, passed, refused, service};
use crate::rotation::{OLD, both, only_new, walk};

const RECOVERY: ChallengeType = ChallengeType::RecoveryCode;
const TOTP: ChallengeType = ChallengeType::Totp;
const WRONG: Seen = Seen::Moved(Outcome::Wrong);

async fn generate(challenges: &Challenges, user: &str) -> Vec<Secret> {
    challenges.recovery_codes().generate(&owner(user), &administrator()).await.unwrap()
}

async fn left(challenges: &Challenges, user: &str) -> usize {
    challenges.recovery_codes().left(&owner(user)).await.unwrap()
}

async fn create(challenges: &Challenges, user: &str) -> ChallengeId {
    challenges.create(owner(user), ChallengeSpec::new(RECOVERY).unwrap()).await.unwrap().challenge.id()
}

/// Returns a well-formed code of nobody.
fn wrong_code(number: usize) -> String {
    format!("ZZZZ-ZZZZ-{number:04}")
}

#[tokio::test]
async fn each_code_passes_once_in_any_order() {
    let host = Host::new().await;
    let codes = generate(&host.challenges, "alice").await;
    assert_eq!(codes.len(), 10);
    for (spent, index) in (1..).zip([3, 9, 0, 5, 1, 7, 2, 8, 6, 4]) {
        host.seen.take();
        let id = create(&host.challenges, "alice").await;
        let typed = codes[index].expose().to_lowercase().replace('-', "\u{a0}");
        let Ok(Decision::Passed(passed)) = host.answer(id, RECOVERY, &typed).await else { panic!("code {index}") };
        assert_eq!((passed.kind(), passed.recovery_codes_left()), (Some(RECOVERY), Some(10 - spent)));
        let reason = if 10 - spent <= 2 { "few_left" } else { "" };
        let expected = [Seen::Created, Seen::Moved(Outcome::Passed), Seen::RecoveryCodeUsed(10 - spent, reason)];
        assert_eq!(host.seen.take(), expected);
        assert_eq!(left(&host.challenges, "alice").await, 10 - spent);
        if spent < 10 {
            let again = create(&host.challenges, "alice").await;
            assert!(refused(host.answer(again, RECOVERY, &typed).await), "code {index} is used up");
            host.challenges
                .account(&owner("alice"))
                .reset_factor(&administrator(), Factor::RecoveryCode)
                .await
                .unwrap();
        }
    }
    let last = host.create("alice", RECOVERY).await.challenge;
    assert_eq!(last.state(), State::ChallengeFailed, "no code is left to answer with");
}

/// Recovery is never issued to a user without a usable code, and leaves the other types of a challenge as they are.
#[tokio::test]
async fn challenge_without_codes_is_not_issued() {
    let host = Host::new().await;
    let both = || ChallengeSpec::new([TOTP, RECOVERY]).unwrap();
    let of = async |user| host.challenges.create(owner(user), both()).await.unwrap().challenge;
    assert_eq!(host.create("alice", RECOVERY).await.challenge.state(), State::ChallengeFailed);
    assert_eq!(of("alice").await.state(), State::ChallengeFailed);
    let (_, app) = host.enroll("alice").await;
    host.next_step();
    let issued = of("alice").await;
    assert_eq!(issued.state(), State::Issued, "TOTP can answer");
    host.seen.take();
    assert!(refused(host.answer(issued.id(), RECOVERY, &wrong_code(0)).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::NothingToCompare)]);
    let totp = host.challenges.answer(Answer::allow(issued.id(), TOTP, app.code(host.now()))).await;
    assert_eq!(totp.unwrap().passed().unwrap().recovery_codes_left(), None);

    generate(&host.challenges, "bob").await;
    assert_eq!(of("bob").await.state(), State::Issued, "a code can answer without an enrollment");
    assert_eq!(of("carol").await.state(), State::ChallengeFailed, "control: the codes of another user do not count");
}

/// R68: a right code is refused, and not used up, wherever the challenge does not ask for it.
#[tokio::test]
async fn table_of_challenges_and_refusals() {
    let host = Host::new().await;
    let codes = generate(&host.challenges, "alice").await;
    let code = codes[0].expose();
    generate(&host.challenges, "bob").await;
    host.enroll("alice").await;
    let spec = || ChallengeSpec::new(RECOVERY).unwrap();
    let create = async |user, spec| host.challenges.create(owner(user), spec).await.unwrap().challenge.id();

    let pending = create("alice", spec().pending()).await;
    let not_offered = create("alice", ChallengeSpec::new(TOTP).unwrap()).await;
    let ended = create("alice", spec()).await;
    assert!(passed(host.answer(ended, RECOVERY, codes[1].expose()).await));
    let declined = create("alice", spec()).await;
    let decline = Answer::decline(declined, RECOVERY, codes[2].expose());
    assert!(matches!(host.challenges.answer(decline).await, Ok(Decision::Declined(_))), "declining uses a code up too");
    assert_eq!(left(&host.challenges, "alice").await, 8);
    let bobs = create("bob", spec()).await;
    let open = create("alice", spec()).await;
    let late = create("alice", spec().with_timeout(Timeout::from_seconds(5).unwrap())).await;
    host.clock.advance(Duration::from_secs(10));

    let rows = [
        (pending, Answer::allow(pending, RECOVERY, code), Refused::Pending),
        (not_offered, Answer::allow(not_offered, RECOVERY, code), Refused::TypeNotOffered),
        (ended, Answer::allow(ended, RECOVERY, code), Refused::Final),
        (declined, Answer::allow(declined, RECOVERY, code), Refused::Final),
        (late, Answer::allow(late, RECOVERY, code), Refused::TimedOut),
        (open, Answer::allow(open, RECOVERY, code).by_owner(&owner("bob")), Refused::OtherUser),
        (open, Answer::allow(open, TOTP, code), Refused::TypeNotOffered),
        (open, Answer::allow(open, RECOVERY, "123456"), Refused::NothingToCompare),
        (open, Answer::allow(open, RECOVERY, format!("{code}0")), Refused::NothingToCompare),
    ];
    for (id, answer, reason) in rows {
        host.seen.take();
        assert!(refused(host.challenges.answer(answer).await), "{reason:?}");
        let seen = host.seen.take();
        assert_eq!(seen.last(), Some(&Seen::Refused(reason)));
        assert_eq!(host.challenges.get(id).await.unwrap().wrong_answers(), 0, "{reason:?} counts against nobody");
    }
    host.seen.take();
    assert!(refused(host.answer(bobs, RECOVERY, code).await));
    assert_eq!(host.seen.take(), [WRONG], "the code of another user is a wrong one");
    assert_eq!(left(&host.challenges, "alice").await, 8);
    assert!(passed(host.answer(open, RECOVERY, code).await), "control: the code was not used up");
}

/// R68, R7: five wrong codes close the type in a challenge, the sixth in a row delays the user, and no right code is used
/// up meanwhile. The other factors go on.
#[tokio::test]
async fn guesses_are_limited_per_challenge_and_user() {
    let host = Host::new().await;
    let codes = generate(&host.challenges, "alice").await;
    let (_, app) = host.enroll("alice").await;
    host.next_step();
    let spec = ChallengeSpec::new([RECOVERY, TOTP]).unwrap();
    let first = host.challenges.create(owner("alice"), spec).await.unwrap().challenge.id();
    host.seen.take();
    for guess in 0..5 {
        assert!(refused(host.answer(first, RECOVERY, &wrong_code(guess)).await));
    }
    assert_eq!(host.seen.take().into_iter().filter(|seen| *seen == WRONG).count(), 5);
    assert!(refused(host.answer(first, RECOVERY, codes[0].expose()).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Exhausted)]);
    assert!(passed(host.answer(first, TOTP, &app.code(host.now())).await), "TOTP is counted apart");
    assert_eq!(host.challenges.account(&owner("alice")).failures(Factor::RecoveryCode).await.unwrap(), 5);

    let second = create(&host.challenges, "alice").await;
    generate(&host.challenges, "alice").await;
    assert!(refused(host.answer(second, RECOVERY, &wrong_code(5)).await), "new codes clear no failures");
    let codes = generate(&host.challenges, "alice").await;
    host.seen.take();
    assert!(refused(host.answer(second, RECOVERY, codes[0].expose()).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Delayed)]);
    host.clock.advance(Duration::from_secs(30));
    assert!(passed(host.answer(second, RECOVERY, codes[0].expose()).await));
    assert_eq!(host.challenges.account(&owner("alice")).failures(Factor::RecoveryCode).await.unwrap(), 0);
}

/// R68: a repetition of the last wrong code counts once.
#[tokio::test]
async fn repeated_wrong_code_counts_once() {
    let host = Host::new().await;
    generate(&host.challenges, "alice").await;
    let id = create(&host.challenges, "alice").await;
    host.seen.take();
    for expected in [WRONG, Seen::Refused(Refused::Repeated)] {
        assert!(refused(host.answer(id, RECOVERY, &wrong_code(0)).await));
        assert_eq!(host.seen.take(), [expected]);
    }
}

/// R68: new codes replace all earlier ones, in open challenges too. A deletion leaves none.
#[tokio::test]
async fn new_codes_replace_all_earlier_ones() {
    let host = Host::new().await;
    let earlier = generate(&host.challenges, "alice").await;
    generate(&host.challenges, "bob").await;
    let id = create(&host.challenges, "alice").await;
    host.seen.take();
    let codes = generate(&host.challenges, "alice").await;
    assert_eq!(host.seen.take(), [Seen::AdministratorActed, Seen::RecoveryCodesChanged(10)]);
    assert_eq!(host.records(Kind::RecoveryCodes).await.len(), 2, "one record per user");
    for code in earlier.iter().take(3) {
        assert!(refused(host.answer(id, RECOVERY, code.expose()).await));
    }
    assert!(passed(host.answer(id, RECOVERY, codes[0].expose()).await));

    let id = create(&host.challenges, "alice").await;
    host.seen.take();
    host.challenges.recovery_codes().delete(&owner("alice"), &administrator()).await.unwrap();
    host.challenges.recovery_codes().delete(&owner("alice"), &administrator()).await.unwrap();
    let seen = [Seen::AdministratorActed, Seen::RecoveryCodesChanged(0)];
    assert_eq!(host.seen.take(), seen, "the second call deletes nothing");
    assert!(refused(host.answer(id, RECOVERY, codes[1].expose()).await));
    assert_eq!((left(&host.challenges, "alice").await, left(&host.challenges, "bob").await), (0, 10));
}

/// R68: a code whose set is replaced between the load and the commit of the answer does not pass.
#[tokio::test]
async fn code_replaced_during_an_answer_is_refused() {
    for replaced in [false, true] {
        let host = Host::new().await;
        let codes = generate(&host.challenges, "alice").await;
        let id = create(&host.challenges, "alice").await;
        let challenges = host.challenges.clone();
        let meanwhile = async move {
            if replaced {
                generate(&challenges, "alice").await;
            }
        };
        let store = Interrupted::new(host.store.clone(), meanwhile);
        let racing = service(store, Policy::default(), host.clock.clone(), ()).await;
        let answered = racing.answer(Answer::allow(id, RECOVERY, codes[0].expose())).await;
        assert_eq!(passed(answered), !replaced, "control: an answer alone passes");
        assert_eq!(left(&host.challenges, "alice").await, if replaced { 10 } else { 9 });
    }
}

/// R68: the number of codes is a policy within bounds.
#[tokio::test]
async fn number_of_codes_is_bounded() {
    for (number, allowed) in [(7, false), (8, true), (16, true), (17, false)] {
        let mut policy = Policy::default();
        policy.recovery_codes = number;
        let builder = Challenges::builder(MemoryStore::new(), KEYS.parse().unwrap()).policy(policy);
        let built = builder.build().await;
        assert_eq!(built.is_ok(), allowed, "{number}");
        if let Ok(challenges) = built {
            assert_eq!(generate(&challenges, "alice").await.len(), number);
        }
    }
}

/// R68, R28: codes are shown once; neither the store nor `Debug` shows one.
#[tokio::test]
async fn codes_are_shown_once() {
    let host = Host::new().await;
    let codes = generate(&host.challenges, "alice").await;
    let id = create(&host.challenges, "alice").await;
    assert!(refused(host.answer(id, RECOVERY, &wrong_code(1)).await));
    let dump = host.dump().await;
    assert!(dump.contains("alice"), "control: the dump shows the bodies");
    for code in &codes {
        for form in [code.expose().to_owned(), code.expose().replace('-', "")] {
            assert!(!dump.contains(&form));
        }
    }
    let debug = format!("{codes:?}");
    assert!(debug.contains("redacted") && !debug.contains(codes[0].expose()));
}

/// R68, R63: codes survive a rotation while their key is accepted, and end with a retired or removed key. A walk reports the
/// key, and does not wait.
#[tokio::test]
async fn codes_end_with_their_key() {
    let host = Host::new().await;
    let codes = generate(&host.challenges, "alice").await;
    let id = create(&host.challenges, "alice").await;
    let host = host.restarted(&both()).await.unwrap();
    assert!(passed(host.answer(id, RECOVERY, codes[0].expose()).await), "the old key is accepted");
    host.clock.advance(Duration::from_secs(3 * 86_400));
    let (_, _, report) = walk(&host, 500).await;
    assert!(report.done, "{report:?}");
    assert_eq!(report.still_under.get(OLD), Some(&Timestamp::MAX));

    let retired = format!("{}\n~{}", only_new(), &KEYS[1..]);
    for keys in [retired, only_new()] {
        let host = host.restarted(&keys).await.unwrap();
        assert_eq!(left(&host.challenges, "alice").await, 0);
        assert_eq!(host.create("alice", RECOVERY).await.challenge.state(), State::ChallengeFailed);
        let (_, _) = host.enroll("alice").await;
        let spec = ChallengeSpec::new([TOTP, RECOVERY]).unwrap();
        let id = host.challenges.create(owner("alice"), spec).await.unwrap().challenge.id();
        host.seen.take();
        assert!(refused(host.answer(id, RECOVERY, codes[1].expose()).await));
        assert_eq!(host.seen.take(), [Seen::Refused(Refused::NothingToCompare)]);
    }
    let host = host.restarted(&only_new()).await.unwrap();
    let codes = generate(&host.challenges, "alice").await;
    let id = create(&host.challenges, "alice").await;
    assert!(passed(host.answer(id, RECOVERY, codes[1].expose()).await), "control: new codes work");
    assert!(walk(&host, 500).await.2.still_under.is_empty());
}

/// Answers 256 challenges with one code at once. Returns the number of passes, and the codes left.
async fn race(store: impl challenges_core::Store) -> (usize, usize) {
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let challenges = service(Yielding::new(store), Policy::default(), clock, ()).await;
    let codes = generate(&challenges, "alice").await;
    let mut answers = Vec::new();
    for _ in 0..256 {
        answers.push(Answer::allow(create(&challenges, "alice").await, RECOVERY, codes[0].expose()));
    }
    let tasks: Vec<_> = answers
        .into_iter()
        .map(|answer| {
            let challenges = challenges.clone();
            tokio::spawn(async move { challenges.answer(answer).await })
        })
        .collect();
    let mut passes = 0;
    for task in tasks {
        passes += usize::from(passed(task.await.unwrap()));
    }
    (passes, left(&challenges, "alice").await)
}

/// R68: one code, 256 challenges at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_code_passes_one_of_256_challenges() {
    assert_eq!(race(MemoryStore::new()).await, (1, 9));
}

/// R68: negative control. On one thread, every task loads before the first commits.
#[tokio::test]
async fn control_ignored_conflicts_pass_a_code_twice() {
    assert_eq!(race(MemoryStore::new()).await, (1, 9));
    let (passes, _) = race(DefectiveStore::new(Defect::IgnoresVersions)).await;
    assert!(passes > 1, "{passes} passed");
}

/// R68: all codes and 246 wrong ones, one challenge at once. Exactly one code is used up.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_ten_right_codes_is_used_up() {
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let store = Yielding::new(MemoryStore::new());
    let challenges = Arc::new(service(store, Policy::default(), clock, ()).await);
    let codes = generate(&challenges, "alice").await;
    let id = create(&challenges, "alice").await;
    let tasks: Vec<_> = codes
        .iter()
        .map(|code| code.expose().to_owned())
        .chain((0..246).map(wrong_code))
        .map(|code| {
            let challenges = Arc::clone(&challenges);
            tokio::spawn(async move { challenges.answer(Answer::allow(id, RECOVERY, code)).await })
        })
        .collect();
    let mut passes = 0;
    for task in tasks {
        passes += usize::from(passed(task.await.unwrap()));
    }
    let used = 10 - left(&challenges, "alice").await;
    assert!(passes <= 1 && used == passes, "{passes} passed, {used} used up");
}

fn one_code_for_two_challenges(faults: usize, store: impl Fn() -> DefectiveStore) -> Result<Explored, Violation> {
    Explorer::new(faults).run(async |scheduler| {
        let clock = FakeClock::at(Timestamp::from_seconds(START));
        let challenges = service(scheduler.gate(Arc::new(store())), Policy::default(), clock, ()).await;
        let codes = generate(&challenges, "alice").await;
        let ids = [create(&challenges, "alice").await, create(&challenges, "alice").await];
        let after = challenges.clone();
        let mut trial = Trial::new(move |replies: Vec<Option<Result<Decision, Error>>>| async move {
            let mut stored = 0;
            for id in ids {
                let state = after.get(id).await.map_err(|error| error.to_string())?.state();
                stored += usize::from(state == State::ChallengePassed);
            }
            let left = after.recovery_codes().left(&owner("alice")).await.map_err(|error| error.to_string())?;
            let told = replies.iter().filter(|reply| matches!(reply, Some(Ok(_)))).count();
            let sound = told <= stored && stored <= 1 && left == 10 - stored;
            if sound { Ok(()) } else { Err(format!("{told} were told of a pass, {stored} stored, {left} codes left")) }
        });
        for id in ids {
            let (challenges, code) = (challenges.clone(), codes[0].expose().to_owned());
            trial.task(async move { challenges.answer(Answer::allow(id, RECOVERY, code)).await });
        }
        trial
    })
}

/// R68, R9: in every order of calls, with up to one fault.
#[test]
fn code_and_pass_are_one_commit() {
    let explored =
        one_code_for_two_challenges(1, DefectiveStore::sound).unwrap_or_else(|violation| panic!("{violation}"));
    println!("one recovery code for two challenges: {} schedules", explored.schedules);
    let control = one_code_for_two_challenges(0, || DefectiveStore::new(Defect::IgnoresVersions));
    println!("control: {}", control.unwrap_err());
}
