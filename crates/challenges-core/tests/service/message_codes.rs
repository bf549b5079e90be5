//! Short codes of text messages and e-mails, beside the link.

use std::time::Duration;

use challenges_core::endpoints::{Address, PushSubscription};
use challenges_core::outbox::Task;
use challenges_core::step_up::{Requirement, StepUpRefused};
use challenges_core::{Answer, ChallengeId, ChallengeSpec, ChallengeType, Decision, Factor, Policy, Refused, State};
use challenges_testkit::administrator;

use crate::courier::{Scripted, What};
use crate::harness::{Host, Seen, owner, passed, quiet, refused};

const SMS: ChallengeType = ChallengeType::Sms;
const PUSH: ChallengeType = ChallengeType::WebPush;
const EMAIL: ChallengeType = ChallengeType::Email;

/// The secrets of a message.
struct Sent {
    secret: String,
    code: String,
}

/// Returns a host with the phone, mailbox and browser of alice, without a cool-down.
async fn host(digits: Option<u8>) -> Host {
    let mut policy = quiet();
    policy.message_code_digits = digits;
    policy.sends.cool_down = Duration::ZERO;
    (policy.sends.per_user, policy.sends.per_user_in_window) = (1_000, 1_000);
    let host = Host::with_policy(policy).await;
    let browser = PushSubscription::new("https://push.example/1", &"A".repeat(87), &"A".repeat(22)).unwrap();
    for address in [
        Address::Phone("+4915112345678".parse().unwrap()),
        Address::Email("alice@example.org".parse().unwrap()),
        Address::Push(browser),
    ] {
        host.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), address).await.unwrap();
    }
    host
}

async fn create(host: &Host, types: &[ChallengeType]) -> ChallengeId {
    let spec = ChallengeSpec::new(types.to_vec()).unwrap();
    let challenge = host.challenges.create(owner("alice"), spec).await.unwrap().challenge;
    assert_eq!(challenge.state(), State::Issued);
    challenge.id()
}

/// Returns the secrets of the newest message of a challenge by a channel.
async fn sent(host: &Host, id: ChallengeId, kind: ChallengeType) -> Sent {
    let entries = host.challenges.outbox().list(None, None, 500).await.unwrap();
    let find = |task: &Task| match task {
        Task::Deliver { channel, secret, code, .. } if *channel == kind => Some(Sent {
            secret: secret.expose().to_owned(),
            code: code.as_ref().map(|code| code.expose().to_owned()).unwrap_or_default(),
        }),
        _ => None,
    };
    let of = entries.iter().flatten().filter(|entry| entry.challenge == Some(id));
    of.filter_map(|entry| find(&entry.task)).next_back().unwrap()
}

/// Returns another code of the same length.
fn wrong(code: &str, offset: u32) -> String {
    let digits = u32::try_from(code.len()).unwrap();
    format!("{:0width$}", (code.parse::<u32>().unwrap() + offset) % 10_u32.pow(digits), width = code.len())
}

async fn failures(host: &Host) -> u32 {
    host.challenges.account(&owner("alice")).failures(Factor::MessageCode).await.unwrap()
}

/// R4, R30: the code has the digits of the policy, passes once, and is stored neither plain nor as an unkeyed hash.
#[tokio::test]
async fn code_of_a_message_passes_once() {
    for (kind, digits) in [(SMS, 6), (EMAIL, 8)] {
        let host = host(Some(digits)).await;
        let id = create(&host, &[kind]).await;
        let code = sent(&host, id, kind).await.code;
        assert!(code.len() == usize::from(digits) && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        let field = format!("\"{code}\"");
        assert!(!host.dump().await.contains(&field));
        let Ok(Decision::Passed(by_code)) = host.answer(id, kind, &code).await else { panic!("refused") };
        assert_eq!(by_code.kind(), Some(kind));
        host.seen.take();
        assert!(refused(host.answer(id, kind, &code).await));
        assert_eq!(host.seen.take(), [Seen::Refused(Refused::Final)]);
    }
}

#[tokio::test]
async fn link_passes_beside_the_code() {
    for kind in [SMS, EMAIL] {
        let host = host(Some(6)).await;
        let id = create(&host, &[kind]).await;
        assert!(passed(host.answer(id, kind, &sent(&host, id, kind).await.secret).await));
    }
}

/// R4: a short code beside the link is guessable, so the default sends none.
#[tokio::test]
async fn default_policy_sends_no_code() {
    let host = host(Policy::default().message_code_digits).await;
    let id = create(&host, &[SMS, EMAIL, PUSH]).await;
    for kind in [SMS, EMAIL, PUSH] {
        assert_eq!(sent(&host, id, kind).await.code, "");
    }
    assert!(refused(host.answer(id, SMS, "000000").await));
    assert_eq!(failures(&host).await, 0, "there is no code to guess");
}

/// R12: the code of the mailbox does not answer as the phone, and a push message has no code.
#[tokio::test]
async fn codes_of_channels_are_not_exchanged() {
    let host = host(Some(8)).await;
    let id = create(&host, &[SMS, EMAIL, PUSH, ChallengeType::Code]).await;
    let (phone, mailbox) = (sent(&host, id, SMS).await.code, sent(&host, id, EMAIL).await.code);
    assert_eq!(sent(&host, id, PUSH).await.code, "");
    for (kind, code) in [(PUSH, &phone), (ChallengeType::Code, &phone), (PUSH, &mailbox)] {
        assert!(refused(host.answer(id, kind, code).await), "{kind}");
    }
    // Two random codes may be equal.
    if phone != mailbox {
        assert!(refused(host.answer(id, SMS, &mailbox).await));
        assert!(refused(host.answer(id, EMAIL, &phone).await));
    }
    assert!(passed(host.answer(id, SMS, &phone).await), "control");
}

/// R7, R3: five wrong codes close the code of a challenge, and leave the link usable. Six delay the user.
#[tokio::test]
async fn wrong_codes_count_per_challenge_and_user() {
    let host = host(Some(6)).await;
    let id = create(&host, &[SMS]).await;
    let Sent { secret, code } = sent(&host, id, SMS).await;
    for offset in 1..=5 {
        assert!(refused(host.answer(id, SMS, &wrong(&code, offset)).await));
    }
    assert_eq!(failures(&host).await, 5);
    host.seen.take();
    assert!(refused(host.answer(id, SMS, &code).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Exhausted)]);

    let second = create(&host, &[SMS]).await;
    let right = sent(&host, second, SMS).await.code;
    assert!(refused(host.answer(second, SMS, &wrong(&right, 1)).await));
    host.seen.take();
    assert!(refused(host.answer(second, SMS, &right).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Delayed)], "one count over all challenges");

    assert!(passed(host.answer(id, SMS, &secret).await), "the link of the exhausted code");
    assert_eq!(failures(&host).await, 6, "a link clears no wrong codes");
    host.clock.advance(Duration::from_secs(30));
    assert!(passed(host.answer(second, SMS, &right).await));
    assert_eq!(failures(&host).await, 0);
}

/// R7: the reader of a mailbox clears no wrong codes of text messages.
#[tokio::test]
async fn code_of_a_mailbox_clears_no_other_failures() {
    let host = host(Some(6)).await;
    let id = create(&host, &[SMS, EMAIL]).await;
    let (phone, mailbox) = (sent(&host, id, SMS).await.code, sent(&host, id, EMAIL).await.code);
    for (kind, code) in [(SMS, &phone), (EMAIL, &mailbox)] {
        assert!(refused(host.answer(id, kind, &wrong(code, 1)).await));
    }
    assert!(passed(host.answer(id, EMAIL, &mailbox).await));
    let emails = host.challenges.account(&owner("alice")).failures(Factor::EmailCode).await.unwrap();
    assert_eq!((failures(&host).await, emails), (1, 0), "control: the failures of the mailbox are cleared");
}

/// R7: an attacker who passes by a code of their own gets no more guesses.
#[tokio::test]
async fn other_codes_clear_no_wrong_codes() {
    let host = host(Some(6)).await;
    let id = create(&host, &[SMS]).await;
    let code = sent(&host, id, SMS).await.code;
    assert!(refused(host.answer(id, SMS, &wrong(&code, 1)).await));
    let created = host.create("alice", ChallengeType::Code).await;
    let code = created.code.unwrap();
    assert!(passed(host.answer(created.challenge.id(), ChallengeType::Code, code.expose()).await));
    assert_eq!(failures(&host).await, 1);
}

/// R7: otherwise a stranger with the id could delay a user without guessing.
#[tokio::test]
async fn other_wrong_answers_are_no_guesses() {
    let host = host(Some(6)).await;
    let id = create(&host, &[SMS]).await;
    let Sent { code, .. } = sent(&host, id, SMS).await;
    for text in ["", "12345", "123456789", "12345a", "123 456", "\u{661}\u{662}\u{663}", "wrong secret of a link"] {
        assert!(refused(host.answer(id, SMS, text).await), "{text}");
    }
    assert_eq!(failures(&host).await, 0);
    assert!(refused(host.answer(id, SMS, &wrong(&code, 1)).await));
    assert_eq!(failures(&host).await, 1, "control");
    host.seen.take();
    assert!(refused(host.answer(id, SMS, &wrong(&code, 1)).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Repeated)]);
}

/// R3, R19: one code per send.
#[tokio::test]
async fn resent_message_replaces_the_code() {
    let host = host(Some(8)).await;
    let id = create(&host, &[SMS]).await;
    let first = sent(&host, id, SMS).await.code;
    host.challenges.resend(id).await.unwrap();
    let second = sent(&host, id, SMS).await.code;
    // Two random codes may be equal.
    if first != second {
        assert!(refused(host.answer(id, SMS, &first).await));
    }
    assert!(passed(host.answer(id, SMS, &second).await));
}

/// R7: a resent code gives no new guesses.
#[tokio::test]
async fn resending_keeps_the_wrong_codes() {
    let host = host(Some(6)).await;
    let id = create(&host, &[SMS]).await;
    let code = sent(&host, id, SMS).await.code;
    for offset in 1..=5 {
        assert!(refused(host.answer(id, SMS, &wrong(&code, offset)).await));
    }
    host.challenges.resend(id).await.unwrap();
    host.seen.take();
    assert!(refused(host.answer(id, SMS, &sent(&host, id, SMS).await.code).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Exhausted)]);
}

/// R21: the user types the code on the page that started the challenge, which binds the message as the number does.
#[tokio::test]
async fn code_of_a_message_needs_no_number() {
    let host = host(Some(6)).await;
    let spec = ChallengeSpec::new(SMS).unwrap().with_number_match();
    let id = host.challenges.create(owner("alice"), spec).await.unwrap().challenge.id();
    let Sent { secret, code } = sent(&host, id, SMS).await;
    assert!(refused(host.answer(id, SMS, &secret).await), "control: the link alone");
    assert!(passed(host.answer(id, SMS, &code).await));
}

/// R71: a code carried from the phone to the asking page counts like a number carried to the phone, and one of a mailbox
/// never counts beside a password.
#[tokio::test]
async fn code_of_a_text_message_makes_a_second_factor() {
    for (kind, verdict) in [(SMS, Ok(())), (EMAIL, Err(StepUpRefused::SecondFactorMissing))] {
        let host = host(Some(6)).await;
        let id = create(&host, &[SMS, PUSH, EMAIL]).await;
        let code = sent(&host, id, kind).await.code;
        let passed = host.answer(id, kind, &code).await.unwrap().passed().unwrap();
        assert_eq!(passed.kind(), Some(kind));
        let passed = passed.with_password(host.now());
        assert_eq!(Requirement::aal2().met_by(passed.evidence(), host.now()), verdict, "{kind}");
    }
    // The control: the link of the same text message shows no second factor without the number.
    let host = host(Some(6)).await;
    let id = create(&host, &[SMS]).await;
    let secret = sent(&host, id, SMS).await.secret;
    let passed = host.answer(id, SMS, &secret).await.unwrap().passed().unwrap().with_password(host.now());
    assert_eq!(Requirement::aal2().met_by(passed.evidence(), host.now()), Err(StepUpRefused::SecondFactorMissing));
}

#[tokio::test]
async fn code_of_a_message_declines() {
    let host = host(Some(6)).await;
    let id = create(&host, &[EMAIL]).await;
    let code = sent(&host, id, EMAIL).await.code;
    assert!(refused(host.challenges.answer(Answer::decline(id, EMAIL, wrong(&code, 1))).await));
    let declined = host.challenges.answer(Answer::decline(id, EMAIL, code)).await;
    assert!(matches!(declined, Ok(Decision::Declined(_))), "{declined:?}");
}

/// R1: one of many simultaneous right codes passes.
#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_codes_pass_once() {
    let host = host(Some(6)).await;
    let id = create(&host, &[SMS]).await;
    let code = sent(&host, id, SMS).await.code;
    let answers = (0..256).map(|_| {
        let (challenges, code) = (host.challenges.clone(), code.clone());
        tokio::spawn(async move { challenges.answer(Answer::allow(id, SMS, code)).await })
    });
    let mut accepted = 0;
    for answer in answers.collect::<Vec<_>>() {
        accepted += usize::from(passed(answer.await.unwrap()));
    }
    assert_eq!(accepted, 1);
}

/// R5: simultaneous guesses are counted one by one.
#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_guesses_are_limited() {
    let host = host(Some(6)).await;
    let id = create(&host, &[SMS]).await;
    let code = sent(&host, id, SMS).await.code;
    let guesses = (1..=256).map(|offset| {
        let (challenges, guess) = (host.challenges.clone(), wrong(&code, offset));
        tokio::spawn(async move { challenges.answer(Answer::allow(id, SMS, guess)).await })
    });
    for guess in guesses.collect::<Vec<_>>() {
        assert!(refused(guess.await.unwrap()));
    }
    assert_eq!(host.challenges.get(id).await.unwrap().wrong_answers(), 5);
    assert_eq!(failures(&host).await, 5);
}

#[tokio::test]
async fn dispatcher_hands_out_the_code() {
    let host = host(Some(6)).await;
    let id = create(&host, &[EMAIL]).await;
    let expected = sent(&host, id, EMAIL).await.code;
    let courier = Scripted::new(&host.clock, []);
    host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    let [effect] = &courier.done()[..] else { panic!("one message") };
    let What::Email { code, .. } = &effect.what else { panic!("{effect:?}") };
    assert_eq!(code.as_deref(), Some(expected.as_str()));
}
