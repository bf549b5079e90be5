//! E-mail: secrets of its own, links for scanners, and no factor by itself.

use std::time::Duration;

use challenges_core::endpoints::{Address, EmailAddress};
use challenges_core::outbox::{Retry, Task};
use challenges_core::step_up::{Requirement, StepUpRefused};
use challenges_core::{
    Answer, ChallengeId, ChallengeSpec, ChallengeType, Challenges, Decision, Description, EndpointId, Error, Invalid,
    Policy, Purpose, Refused, State,
};
use challenges_testkit::administrator;

use crate::courier::{Scripted, Step, What};
use crate::harness::{Host, KEYS, Seen, owner, passed, quiet, refused};

const SMS: ChallengeType = ChallengeType::Sms;
const PUSH: ChallengeType = ChallengeType::WebPush;
const EMAIL: ChallengeType = ChallengeType::Email;
const CODE: ChallengeType = ChallengeType::Code;

fn mail(address: &str) -> Address {
    Address::Email(address.parse().unwrap())
}

async fn register(host: &Host, user: &str, address: Address) -> EndpointId {
    host.challenges.endpoints().register_confirmed(owner(user), &administrator(), address).await.unwrap().id()
}

/// Returns a host with the mailbox and the phone of alice, without a cool-down.
async fn host() -> Host {
    host_under(quiet()).await
}

async fn host_under(mut policy: Policy) -> Host {
    policy.sends.cool_down = Duration::ZERO;
    let host = Host::with_policy(policy).await;
    register(&host, "alice", mail("alice@example.org")).await;
    register(&host, "alice", Address::Phone("+4915112345678".parse().unwrap())).await;
    host
}

/// Creates a challenge of alice, and returns the id and the secrets of the messages by channel.
async fn send<const N: usize>(host: &Host, types: [ChallengeType; N]) -> (ChallengeId, Vec<(ChallengeType, String)>) {
    let spec = ChallengeSpec::new(types).unwrap();
    let id = host.challenges.create(owner("alice"), spec).await.unwrap().challenge.id();
    (id, secrets(host, id).await)
}

async fn secrets(host: &Host, id: ChallengeId) -> Vec<(ChallengeType, String)> {
    let entries = host.challenges.outbox().list(None, None, 100).await.unwrap();
    let of = entries.iter().flatten().filter(|entry| entry.challenge == Some(id));
    let secret = |task: &Task| match task {
        Task::Deliver { channel, secret, .. } => (*channel, secret.expose().to_owned()),
        other => panic!("no message: {other:?}"),
    };
    of.map(|entry| secret(&entry.task)).collect()
}

fn of(secrets: &[(ChallengeType, String)], kind: ChallengeType) -> &str {
    &secrets.iter().find(|(channel, _)| *channel == kind).unwrap().1
}

/// R12: a person who reads the mail of a user does not answer as the phone, and nobody else answers as the mailbox.
#[tokio::test]
async fn email_secret_answers_as_email_only() {
    let host = host().await;
    let (id, sent) = send(&host, [SMS, PUSH, EMAIL, CODE]).await;
    let (phone, mailbox) = (of(&sent, SMS), of(&sent, EMAIL));
    assert_ne!(phone, mailbox);
    for kind in [SMS, PUSH, CODE] {
        assert!(refused(host.answer(id, kind, mailbox).await), "{kind}");
    }
    assert!(refused(host.answer(id, EMAIL, phone).await));
    let Ok(Decision::Passed(by_mail)) = host.answer(id, EMAIL, mailbox).await else { panic!("refused") };
    assert_eq!(by_mail.kind(), Some(EMAIL));

    // The control: one secret answers every type of a device.
    let (id, sent) = send(&host, [SMS, PUSH, EMAIL]).await;
    let Ok(Decision::Passed(by_push)) = host.answer(id, PUSH, of(&sent, SMS)).await else { panic!("refused") };
    assert_eq!(by_push.kind(), Some(SMS), "the weakest channel of the secret, and e-mail is none of them");
}

/// R71: an e-mail makes no second factor beside a password, and a text message does. Number matching is on for both.
#[tokio::test]
async fn email_makes_no_second_factor() {
    for (kind, verdict) in [(EMAIL, Err(StepUpRefused::SecondFactorMissing)), (SMS, Ok(()))] {
        let host = host().await;
        let spec = ChallengeSpec::new([SMS, EMAIL]).unwrap().with_number_match();
        let created = host.challenges.create(owner("alice"), spec).await.unwrap();
        let (id, number) = (created.challenge.id(), created.number.unwrap());
        let sent = secrets(&host, id).await;
        let answer = Answer::allow(id, kind, of(&sent, kind)).with_number(number.expose());
        let passed = host.challenges.answer(answer).await.unwrap().passed().unwrap();
        let passed = passed.with_password(host.now());
        for requirement in [Requirement::any().two_distinct(), Requirement::aal2()] {
            assert_eq!(requirement.met_by(passed.evidence(), host.now()), verdict, "{kind}");
        }
        assert_eq!(Requirement::any().met_by(passed.evidence(), host.now()), Ok(()), "{kind}");
    }
}

/// R70: an e-mail makes no device trusted, and a text message does.
#[tokio::test]
async fn email_makes_no_trusted_device() {
    for (kind, trusts) in [(EMAIL, false), (SMS, true)] {
        let host = host_under(crate::devices::policy()).await;
        let spec = ChallengeSpec::new([SMS, EMAIL]).unwrap().with_purpose(Purpose::new("login").unwrap());
        let id = host.challenges.create(owner("alice"), spec).await.unwrap().challenge.id();
        let answer = Answer::allow(id, kind, of(&secrets(&host, id).await, kind));
        let passed = host.challenges.answer(answer).await.unwrap().passed().unwrap();
        let trusted = host.challenges.devices().trust(&passed, Description::new("Firefox").unwrap()).await;
        assert_eq!(trusted.is_ok(), trusts, "{kind}: {trusted:?}");
    }
}

/// R12: the code of the creator passes as `sms`, but not as `email`.
#[tokio::test]
async fn code_of_the_creator_answers_no_email() {
    let host = host().await;
    let spec = || ChallengeSpec::new([SMS, EMAIL, CODE]).unwrap();
    let created = host.challenges.create(owner("alice"), spec()).await.unwrap();
    let (id, code) = (created.challenge.id(), created.code.unwrap());
    assert!(refused(host.answer(id, EMAIL, code.expose()).await));
    assert!(passed(host.answer(id, SMS, code.expose()).await), "control");
}

/// R3: a link is used once, and a resent link ends the earlier one.
#[tokio::test]
async fn resent_email_has_a_new_secret() {
    let host = host().await;
    let (id, first) = send(&host, [EMAIL]).await;
    host.challenges.resend(id).await.unwrap();
    let second = secrets(&host, id).await;
    let [(EMAIL, resent)] = &second[..] else { panic!("one message: {second:?}") };
    assert!(refused(host.answer(id, EMAIL, of(&first, EMAIL)).await));
    assert!(passed(host.answer(id, EMAIL, resent).await));
    host.seen.take();
    assert!(refused(host.answer(id, EMAIL, resent).await));
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::Final)]);
}

/// R39: scanners open the links of e-mails, and servers log requests.
#[tokio::test]
async fn link_of_an_email_sends_no_secret_to_the_page() {
    let host = host().await;
    let (id, sent) = send(&host, [SMS, EMAIL]).await;
    let courier = Scripted::new(&host.clock, []);
    host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
    let mut seen = Vec::new();
    for effect in courier.done() {
        match effect.what {
            What::Email { to, link, code } => {
                assert_eq!((to.as_str(), code), ("alice@example.org", None));
                let page =
                    format!("https://app.example/answer?challenge_uid=alice&challenge_id={id}&challenge_type=email");
                assert_eq!(link, format!("{page}#challenge_answer={}", of(&sent, EMAIL)));
                seen.push(EMAIL);
            }
            What::Sms { link, .. } => {
                let (request, _) = link.split_once('#').unwrap_or((&link, ""));
                assert!(request.contains(of(&sent, SMS)), "control: {link}");
                seen.push(SMS);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen.len(), 2);
}

#[tokio::test]
async fn page_with_a_fragment_keeps_its_route() {
    let host = host().await;
    let mut spec = ChallengeSpec::new(EMAIL).unwrap();
    spec.response_uri = Some("https://app.example/#/answer".parse().unwrap());
    let challenges = Challenges::builder(host.store.clone(), KEYS.parse().unwrap()).clock(host.clock.clone());
    let mut policy = quiet();
    policy.response_origins.insert("https://app.example".parse().unwrap());
    let challenges = challenges.policy(policy).build().await.unwrap();
    let id = challenges.create(owner("alice"), spec).await.unwrap().challenge.id();
    let entries = host.challenges.outbox().list(None, None, 10).await.unwrap();
    let entry = entries.iter().flatten().find(|entry| entry.challenge == Some(id)).unwrap();
    let Task::Deliver { link, secret, .. } = &entry.task else { panic!("{entry:?}") };
    let page = format!("https://app.example/?challenge_uid=alice&challenge_id={id}&challenge_type=email#/answer");
    assert_eq!(link.expose(), format!("{page}?challenge_answer={}", secret.expose()));
}

/// R71: reading e-mail is no second factor, so the address neither counts nor is asked.
#[tokio::test]
async fn email_is_no_factor_by_itself() {
    let host = Host::new().await;
    let purpose = || Purpose::new("login").unwrap();
    register(&host, "alice", mail("alice@example.org")).await;
    let status = host.challenges.account(&owner("alice")).status().await.unwrap();
    assert!(!status.has_factor() && status.endpoints.len() == 1);
    assert!(host.challenges.ask(&owner("alice"), purpose(), &Requirement::any()).await.unwrap().is_none());

    register(&host, "alice", Address::Phone("+4915112345678".parse().unwrap())).await;
    assert!(host.challenges.account(&owner("alice")).status().await.unwrap().has_factor(), "control");
    let (asked, _) = host.challenges.ask(&owner("alice"), purpose(), &Requirement::any()).await.unwrap().unwrap();
    assert_eq!(asked.challenge.types().unwrap().iter().collect::<Vec<_>>(), [SMS]);
}

/// R71: neither a lost mailbox nor a removed one changes what is known about lost factors.
#[tokio::test]
async fn lost_mailbox_is_no_lost_factor() {
    for (address, kind, is_lost) in
        [(mail("alice@example.org"), EMAIL, false), (Address::Phone("+4915112345678".parse().unwrap()), SMS, true)]
    {
        let host = Host::new().await;
        register(&host, "alice", address).await;
        assert_eq!(host.create("alice", kind).await.challenge.state(), State::Issued);
        let courier = Scripted::new(&host.clock, [Step::Fail(Retry::AddressGone)]);
        host.challenges.outbox().dispatch(&courier, 10).await.unwrap();
        let status = host.challenges.account(&owner("alice")).status().await.unwrap();
        assert_eq!((status.endpoints.len(), status.has_factor()), (0, is_lost), "{kind}");
        let mailbox = register(&host, "alice", mail("other@example.org")).await;
        host.challenges.endpoints().delete(&owner("alice"), &administrator(), mailbox).await.unwrap();
        let status = host.challenges.account(&owner("alice")).status().await.unwrap();
        assert_eq!(status.has_factor(), is_lost, "{kind}: deleting a mailbox gives up no factor");
    }
}

#[tokio::test]
async fn status_masks_the_mailbox() {
    let host = Host::new().await;
    let id = register(&host, "alice", mail("Alice.Liddell@Example.org")).await;
    let status = host.challenges.account(&owner("alice")).status().await.unwrap();
    assert_eq!(status.address(id), Some("A***@example.org"));
}

#[tokio::test]
async fn spelling_of_a_mailbox_makes_no_second_endpoint() {
    let host = Host::new().await;
    let register = async |text: &str| {
        let address: EmailAddress = text.parse().unwrap();
        host.challenges.endpoints().register_email(owner("alice"), &administrator(), address).await
    };
    let first = register("Alice@Example.ORG").await.unwrap().id();
    host.clock.advance(Duration::from_secs(30));
    assert_eq!(register("alice@example.org").await.unwrap().id(), first);
    host.clock.advance(Duration::from_secs(30));
    assert_ne!(register("alice+1@example.org").await.unwrap().id(), first, "control: a tag is another address");
}

/// R20, R62: tags and letters of another case give a mailbox no more messages, neither links nor codes.
#[tokio::test]
async fn one_mailbox_has_one_budget() {
    let spelled = |n: usize| format!("{}+{n}@example.org", if n.is_multiple_of(2) { "alice" } else { "ALICE" });
    let other = |n: usize| format!("user{n}@example.org");
    let spellings: [(&dyn Fn(usize) -> String, usize); 2] = [(&spelled, 5), (&other, 8)];
    for (address, expected) in spellings {
        let mut policy = quiet();
        policy.sends.per_destination = 5;
        let host = Host::with_policy(policy).await;
        for n in 0..8 {
            let user = format!("user{n}");
            register(&host, &user, mail(&address(n))).await;
            assert_eq!(host.create(&user, EMAIL).await.challenge.state(), State::Issued);
        }
        assert_eq!(dispatched(&host).await, expected, "links");

        let host = Host::new().await;
        for n in 0..8 {
            let to = address(n).parse().unwrap();
            host.challenges.endpoints().register_email(owner(&format!("user{n}")), &administrator(), to).await.unwrap();
        }
        assert_eq!(dispatched(&host).await, expected, "codes");
    }
}

async fn dispatched(host: &Host) -> usize {
    let courier = Scripted::new(&host.clock, []);
    host.challenges.outbox().dispatch(&courier, 100).await.unwrap();
    courier.done().len()
}

/// R62: e-mails use up no text messages.
#[tokio::test]
async fn emails_have_a_total_of_their_own() {
    let mut policy = quiet();
    policy.sends.in_total = 1;
    policy.sends.cool_down = Duration::ZERO;
    let host = Host::with_policy(policy).await;
    register(&host, "alice", mail("alice@example.org")).await;
    register(&host, "bob", Address::Phone("+4915112345678".parse().unwrap())).await;
    for _ in 0..2 {
        let _ = host.create("alice", EMAIL).await;
    }
    let _ = host.create("bob", SMS).await;
    assert_eq!(dispatched(&host).await, 2, "one e-mail of two, and the text message");
}

/// R21: an e-mail asks for the number too.
#[tokio::test]
async fn email_needs_the_number_of_number_matching() {
    let host = host().await;
    let spec = ChallengeSpec::new(EMAIL).unwrap().with_number_match();
    let created = host.challenges.create(owner("alice"), spec).await.unwrap();
    let (id, number) = (created.challenge.id(), created.number.unwrap());
    let sent = secrets(&host, id).await;
    assert!(refused(host.answer(id, EMAIL, of(&sent, EMAIL)).await));
    let right = Answer::allow(id, EMAIL, of(&sent, EMAIL)).with_number(number.expose());
    assert!(passed(host.challenges.answer(right).await));
}

#[tokio::test]
async fn email_needs_an_answer_page() {
    let host = Host::new().await;
    let without_page = Challenges::builder(host.store.clone(), KEYS.parse().unwrap()).build().await.unwrap();
    without_page
        .endpoints()
        .register_confirmed(owner("alice"), &administrator(), mail("alice@example.org"))
        .await
        .unwrap();
    let created = without_page.create(owner("alice"), ChallengeSpec::new(EMAIL).unwrap()).await;
    assert!(matches!(created, Err(Error::Invalid(Invalid::NoAnswerPage))), "{created:?}");
}
