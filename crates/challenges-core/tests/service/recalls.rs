//! Links and codes sent to an address that the user or support has removed since.

use std::time::Duration;

use challenges_core::endpoints::{Address, Endpoint, PushSubscription};
use challenges_core::outbox::{Retry, Task};
use challenges_core::{ChallengeId, ChallengeSpec, ChallengeType, Factor, Refused, State};
use challenges_testkit::{Authenticator, administrator};

use crate::courier::{Scripted, Step};
use crate::harness::{Host, Seen, owner, passed, quiet, refused};

const SMS: ChallengeType = ChallengeType::Sms;
const PUSH: ChallengeType = ChallengeType::WebPush;
const EMAIL: ChallengeType = ChallengeType::Email;
const URL: &str = "https://push.example/1";

fn browser() -> PushSubscription {
    PushSubscription::new(URL, &"A".repeat(87), &"A".repeat(22)).unwrap()
}

/// A host with a phone, a browser, a mailbox and an app of alice.
struct Alice {
    host: Host,
    phone: Endpoint,
    mailbox: Endpoint,
    app: Authenticator,
}

impl Alice {
    async fn new() -> Self {
        let mut policy = quiet();
        policy.message_code_digits = Some(8);
        policy.sends.cool_down = Duration::ZERO;
        let host = Host::with_policy(policy).await;
        let (_, app) = host.enroll("alice").await;
        host.next_step();
        let register = async |address: Address| {
            host.challenges.endpoints().register_confirmed(owner("alice"), &administrator(), address).await.unwrap()
        };
        let phone = register(Address::Phone("+4915112345678".parse().unwrap())).await;
        let mailbox = register(Address::Email("alice@example.org".parse().unwrap())).await;
        register(Address::Push(browser())).await;
        Self { host, phone, mailbox, app }
    }

    async fn ask(&self) -> ChallengeId {
        let spec = ChallengeSpec::new(vec![SMS, PUSH, EMAIL, ChallengeType::Totp]).unwrap();
        let challenge = self.host.challenges.create(owner("alice"), spec).await.unwrap().challenge;
        assert_eq!(challenge.state(), State::Issued);
        challenge.id()
    }

    /// Returns the link secret and the code of the newest message of a challenge by a channel.
    async fn sent(&self, id: ChallengeId, kind: ChallengeType) -> (String, String) {
        let entries = self.host.challenges.outbox().list(None, None, 500).await.unwrap();
        let find = |task: &Task| match task {
            Task::Deliver { channel, secret, code, .. } if *channel == kind => {
                let code = code.as_ref().map(|code| code.expose().to_owned());
                Some((secret.expose().to_owned(), code.unwrap_or_default()))
            }
            _ => None,
        };
        let of = entries.iter().flatten().filter(|entry| entry.challenge == Some(id));
        of.filter_map(|entry| find(&entry.task)).next_back().unwrap()
    }

    /// The gateways report the addresses of the queued messages as gone.
    async fn lose_addresses(&self, messages: usize) {
        let courier =
            Scripted::new(&self.host.clock, [Retry::AddressGone].repeat(messages).into_iter().map(Step::Fail));
        self.host.challenges.outbox().dispatch(&courier, 100).await.unwrap();
        let left = self.host.challenges.endpoints().list(&owner("alice"), None, 100).await.unwrap();
        assert!(left.is_empty());
    }

    async fn change(&self, change: Change) {
        let (challenges, alice) = (&self.host.challenges, owner("alice"));
        let endpoints = challenges.endpoints();
        match change {
            Change::None => {}
            Change::Delete => endpoints.delete(&alice, &administrator(), self.phone.id()).await.unwrap(),
            Change::Disable => {
                endpoints.set_enabled(&alice, &administrator(), self.phone.id(), false).await.unwrap();
            }
            Change::DeleteMailbox => endpoints.delete(&alice, &administrator(), self.mailbox.id()).await.unwrap(),
            Change::SignOut => endpoints.forget_push(&alice, URL).await.unwrap(),
            Change::TakeOver => {
                endpoints.register_push(owner("bob"), &administrator(), browser()).await.unwrap();
            }
            Change::Reset => {
                challenges.account(&alice).reset(&administrator()).await.unwrap();
            }
            Change::DeleteApp => {
                let apps = challenges.totp().list(&alice, None, 100).await.unwrap();
                challenges.totp().delete(&alice, &administrator(), apps[0].id()).await.unwrap();
            }
            Change::Unlock => challenges.account(&alice).unlock(&administrator()).await.unwrap(),
            Change::Rename => {
                endpoints.register_confirmed(alice, &administrator(), Address::Push(browser())).await.unwrap();
            }
        }
    }
}

/// A change of the account between message and answer.
#[derive(Clone, Copy, Debug)]
enum Change {
    None,
    Delete,
    Disable,
    DeleteMailbox,
    DeleteApp,
    SignOut,
    TakeOver,
    Reset,
    /// Clears failures.
    Unlock,
    /// Registers the same browser again.
    Rename,
}

const REMOVALS: [Change; 6] =
    [Change::Delete, Change::Disable, Change::DeleteMailbox, Change::SignOut, Change::TakeOver, Change::Reset];

/// R40: a removed phone, browser or mailbox answers nothing, also by a message that was sent before.
#[tokio::test]
async fn removal_ends_links_and_codes_sent_before() {
    for change in REMOVALS {
        for kind in [SMS, PUSH, EMAIL] {
            let alice = Alice::new().await;
            let id = alice.ask().await;
            let (link, code) = alice.sent(id, kind).await;
            alice.change(change).await;
            alice.host.seen.take();
            assert!(refused(alice.host.answer(id, kind, &link).await), "{change:?} {kind}");
            if kind != PUSH {
                assert!(refused(alice.host.answer(id, kind, &code).await), "{change:?} {kind}");
            }
            let seen = alice.host.seen.take();
            assert!(seen.iter().all(|seen| *seen == Seen::Refused(Refused::NothingToCompare)), "{seen:?}");
            assert_eq!(alice.host.challenges.get(id).await.unwrap().wrong_answers(), 0, "not counted");
            let failures = alice.host.challenges.account(&owner("alice")).failures(Factor::MessageCode).await;
            assert_eq!(failures.unwrap(), 0, "not counted");
        }
    }
}

/// Control: the same messages answer without a removal, and after changes that remove no address.
#[tokio::test]
async fn other_changes_leave_links_and_codes() {
    for change in [Change::None, Change::Unlock, Change::Rename] {
        for kind in [SMS, PUSH, EMAIL] {
            let alice = Alice::new().await;
            let id = alice.ask().await;
            let (link, _) = alice.sent(id, kind).await;
            alice.change(change).await;
            assert!(passed(alice.host.answer(id, kind, &link).await), "{change:?} {kind}");
            if kind != PUSH {
                let id = alice.ask().await;
                let (_, code) = alice.sent(id, kind).await;
                alice.change(change).await;
                assert!(passed(alice.host.answer(id, kind, &code).await), "{change:?} {kind}");
            }
        }
    }
}

/// Other factors answer the same challenge, and messages sent after the removal answer too.
#[tokio::test]
async fn removal_leaves_other_factors_and_later_messages() {
    let alice = Alice::new().await;
    let (by_app, resent) = (alice.ask().await, alice.ask().await);
    let (old, _) = alice.sent(resent, PUSH).await;
    alice.change(Change::Delete).await;
    let code = alice.app.code(alice.host.now());
    assert!(passed(alice.host.answer(by_app, ChallengeType::Totp, &code).await));
    alice.host.challenges.resend(resent).await.unwrap();
    assert!(refused(alice.host.answer(resent, PUSH, &old).await));
    let (new, _) = alice.sent(resent, PUSH).await;
    assert!(passed(alice.host.answer(resent, PUSH, &new).await));
    let asked = alice.ask().await;
    let (_, code) = alice.sent(asked, EMAIL).await;
    assert!(passed(alice.host.answer(asked, EMAIL, &code).await));
}

/// The queued messages to other addresses of the challenge hold the ended link, so they are not sent.
#[tokio::test]
async fn ended_link_is_not_sent() {
    for (change, sent) in [(Change::Rename, 3), (Change::Delete, 0)] {
        let alice = Alice::new().await;
        alice.ask().await;
        alice.change(change).await;
        let courier = Scripted::new(&alice.host.clock, []);
        alice.host.challenges.outbox().dispatch(&courier, 100).await.unwrap();
        assert_eq!(courier.done().len(), sent, "{change:?}");
    }
}

/// An address that the gateway reports as gone ends no link, because a dead browser would end the link of the phone. Whatever
/// forgets the lost address ends the links.
#[tokio::test]
async fn forgetting_a_lost_address_ends_links() {
    let cases = [
        (false, Change::Unlock, true),
        (true, Change::None, true),
        (true, Change::Unlock, false),
        (true, Change::DeleteApp, false),
        (true, Change::Reset, false),
    ];
    for (lost, change, passes) in cases {
        let alice = Alice::new().await;
        let id = alice.ask().await;
        let (link, _) = alice.sent(id, SMS).await;
        if lost {
            alice.lose_addresses(3).await;
        }
        alice.change(change).await;
        assert_eq!(passed(alice.host.answer(id, SMS, &link).await), passes, "{lost} {change:?}");
    }
}

/// A mailbox is no factor, so nothing notes that it was lost.
#[tokio::test]
async fn reset_ends_links_of_a_lost_mailbox() {
    for (change, passes) in [(Change::None, true), (Change::Reset, false)] {
        let alice = Alice::new().await;
        let endpoints = alice.host.challenges.endpoints();
        for endpoint in endpoints.list(&owner("alice"), None, 100).await.unwrap() {
            if endpoint.id() != alice.mailbox.id() {
                endpoints.delete(&owner("alice"), &administrator(), endpoint.id()).await.unwrap();
            }
        }
        let id = alice.ask().await;
        let (link, _) = alice.sent(id, EMAIL).await;
        alice.lose_addresses(1).await;
        alice.change(change).await;
        assert_eq!(passed(alice.host.answer(id, EMAIL, &link).await), passes, "{change:?}");
    }
}
