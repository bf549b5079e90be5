//! R67: Changes of factors need a grant, and the last factor stays.

mod orders;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use challenges_core::endpoints::{Address, PhoneNumber, PushSubscription};
use challenges_core::step_up::StepUpRefused;
use challenges_core::{
    Answer, ChallengeSpec, ChallengeType, EndpointId, EnrollmentId, Error, Factor, Grant, Invalid, Observation,
    Observer, Policy, Purpose, Secret, StepUp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{Authenticator, FakeClock, administrator};
use serde_json::{Value, json};

use crate::harness::{Host, Seen, owner, service};
use crate::phones;

const CODE: ChallengeType = ChallengeType::Code;

/// A change of the factors of alice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    CreateTotp,
    ConfirmTotp,
    DeleteTotp,
    DeletePendingTotp,
    RegisterPush,
    RegisterConfirmed,
    RegisterPhone,
    ConfirmPhone,
    DisablePhone,
    DeletePhone,
    DeletePendingPhone,
    GenerateCodes,
    DeleteCodes,
}

const CHANGES: [Change; 13] = [
    Change::CreateTotp,
    Change::ConfirmTotp,
    Change::DeleteTotp,
    Change::DeletePendingTotp,
    Change::RegisterPush,
    Change::RegisterConfirmed,
    Change::RegisterPhone,
    Change::ConfirmPhone,
    Change::DisablePhone,
    Change::DeletePhone,
    Change::DeletePendingPhone,
    Change::GenerateCodes,
    Change::DeleteCodes,
];

/// Alice with two factors and recovery codes, and with an enrollment and a number left pending by the grant of a user
/// without a factor.
struct Alice {
    host: Host,
    totp: EnrollmentId,
    phone: EndpointId,
    pending_totp: EnrollmentId,
    pending_key: Authenticator,
    pending_phone: EndpointId,
    pending_code: Secret,
}

impl Alice {
    async fn new(policy: Policy) -> Self {
        let host = Host::with_policy(policy).await;
        let (challenges, alice, first) = (host.challenges.clone(), owner("alice"), Grant::first_factor());
        let number = "+4915112345678".parse().unwrap();
        let pending_phone = challenges.endpoints().register_phone(alice.clone(), &first, number).await.unwrap().id();
        let pending_code = phones::code(&host).await.into();
        let (pending, key) = challenges.totp().create(alice.clone(), &first).await.unwrap();
        let (totp, code) = begin(&host, &first).await;
        challenges.totp().confirm(&alice, &first, totp, &code).await.unwrap();
        let mobile = Address::Phone("+4915112345679".parse().unwrap());
        let phone =
            challenges.endpoints().register_confirmed(alice.clone(), &administrator(), mobile).await.unwrap().id();
        challenges.recovery_codes().generate(&alice, &administrator()).await.unwrap();
        host.next_step();
        Self {
            host,
            totp,
            phone,
            pending_totp: pending.id(),
            pending_key: Authenticator::new(key.to_base32().expose()).unwrap(),
            pending_phone,
            pending_code,
        }
    }

    async fn change(&self, change: Change, grant: &Grant) -> Result<(), Error> {
        let (challenges, alice) = (&self.host.challenges, owner("alice"));
        let (totp, endpoints, codes) = (challenges.totp(), challenges.endpoints(), challenges.recovery_codes());
        let push = PushSubscription::new("https://push.example/1", &"A".repeat(87), &"A".repeat(22)).unwrap();
        match change {
            Change::CreateTotp => totp.create(alice, grant).await.map(drop),
            Change::ConfirmTotp => {
                let code = self.pending_key.code(self.host.now()).into();
                totp.confirm(&alice, grant, self.pending_totp, &code).await.map(drop)
            }
            Change::DeleteTotp => totp.delete(&alice, grant, self.totp).await,
            Change::DeletePendingTotp => totp.delete(&alice, grant, self.pending_totp).await,
            Change::RegisterPush => endpoints.register_push(alice, grant, push).await.map(drop),
            Change::RegisterConfirmed => {
                let address = Address::Phone("+4915112345677".parse().unwrap());
                endpoints.register_confirmed(alice, grant, address).await.map(drop)
            }
            Change::RegisterPhone => {
                endpoints.register_phone(alice, grant, "+4915112345677".parse().unwrap()).await.map(drop)
            }
            Change::ConfirmPhone => {
                endpoints.confirm(&alice, grant, self.pending_phone, &self.pending_code).await.map(drop)
            }
            Change::DisablePhone => endpoints.set_enabled(&alice, grant, self.phone, false).await.map(drop),
            Change::DeletePhone => endpoints.delete(&alice, grant, self.phone).await,
            Change::DeletePendingPhone => endpoints.delete(&alice, grant, self.pending_phone).await,
            Change::GenerateCodes => codes.generate(&alice, grant).await.map(drop),
            Change::DeleteCodes => codes.delete(&alice, grant).await,
        }
    }
}

/// Creates a pending TOTP enrollment of alice. Returns the id and the right code.
async fn begin(host: &Host, grant: &Grant) -> (EnrollmentId, Secret) {
    let (enrollment, key) = host.challenges.totp().create(owner("alice"), grant).await.unwrap();
    let app = Authenticator::new(key.to_base32().expose()).unwrap();
    (enrollment.id(), app.code(host.now()).into())
}

/// Passes a code challenge as the user.
async fn step_up(host: &Host, user: &str, purpose: &Purpose) -> StepUp {
    let spec = ChallengeSpec::new(CODE).unwrap().with_purpose(purpose.clone());
    let created = host.challenges.create(owner(user), spec).await.unwrap();
    passed(host, user, purpose, Answer::allow(created.challenge.id(), CODE, created.code.unwrap().expose())).await
}

async fn passed(host: &Host, user: &str, purpose: &Purpose, answer: Answer) -> StepUp {
    let passed = host.challenges.answer(answer).await.unwrap().passed().unwrap();
    let token = host.challenges.step_up().grant(&passed).unwrap();
    host.challenges.step_up().verify(&token, &owner(user), purpose, Duration::from_secs(60)).unwrap()
}

/// The audit log.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<Value>>>);

impl Observer for Log {
    fn observe(&self, observation: &Observation<'_>) {
        self.0.lock().unwrap().push(serde_json::to_value(observation).unwrap());
    }
}

fn refusal(result: Result<(), Error>) -> Option<StepUpRefused> {
    match result {
        Ok(()) => None,
        Err(Error::Grant(reason)) => Some(reason),
        Err(error) => panic!("{error}"),
    }
}

/// R67: every change is refused without a fresh step-up of the user for managing factors, and nothing is stored. This
/// includes completing what was left pending while the user had no factor. Control: the same changes with a step-up, and
/// by an administrator.
#[tokio::test]
async fn change_without_a_step_up_is_refused() {
    let manage = Purpose::manage_factors();
    let age = Policy::default().grant_age;
    let late = age + Duration::from_millis(1);
    for change in CHANGES {
        for (user, purpose, waited, refused) in [
            (None, &manage, Duration::ZERO, Some(StepUpRefused::FactorExists)),
            (Some("bob"), &manage, Duration::ZERO, Some(StepUpRefused::OtherOwner)),
            (Some("alice"), &Purpose::new("transfer").unwrap(), Duration::ZERO, Some(StepUpRefused::OtherPurpose)),
            (Some("alice"), &manage, late, Some(StepUpRefused::TooOld)),
            (Some("alice"), &manage, age, None),
        ] {
            let alice = Alice::new(Policy::default()).await;
            let grant = match user {
                Some(user) => Grant::step_up(&step_up(&alice.host, user, purpose).await),
                None => Grant::first_factor(),
            };
            alice.host.clock.advance(waited);
            let before = alice.host.dump().await;
            alice.host.seen.take();
            assert_eq!(refusal(alice.change(change, &grant).await), refused, "{change:?}");
            let seen = alice.host.seen.take();
            if let Some(reason) = refused {
                assert!(seen.contains(&Seen::StepUpRefused(reason)), "{change:?}: {seen:?}");
            }
            assert_eq!(alice.host.dump().await == before, refused.is_some(), "{change:?}, {refused:?}");
        }
        let alice = Alice::new(Policy::default()).await;
        alice.host.seen.take();
        assert_eq!(refusal(alice.change(change, &administrator()).await), None, "{change:?}");
        assert_eq!(alice.host.seen.take().first(), Some(&Seen::AdministratorActed), "{change:?}");
    }
}

/// R67: a user without a factor needs no challenge. Control: the first change ends that.
#[tokio::test]
async fn first_factor_needs_no_challenge() {
    let host = Host::new().await;
    let (first, alice) = (Grant::first_factor(), owner("alice"));
    let (id, code) = begin(&host, &first).await;
    let (other, other_code) = begin(&host, &first).await;
    host.enroll("bob").await;
    host.challenges.totp().confirm(&alice, &first, id, &code).await.unwrap();
    let second = host.challenges.totp().confirm(&alice, &first, other, &other_code).await.map(drop);
    assert_eq!(refusal(second), Some(StepUpRefused::FactorExists));
}

/// R67: a lost address counts, so that a thief who makes the address disappear enrolls nothing.
#[tokio::test]
async fn lost_address_admits_no_first_factor() {
    let host = Host::new().await;
    let (first, alice) = (Grant::first_factor(), owner("alice"));
    let push = PushSubscription::new("https://push.example/1", &"A".repeat(87), &"A".repeat(22)).unwrap();
    host.challenges.endpoints().register_push(alice.clone(), &first, push).await.unwrap();
    host.challenges.endpoints().forget_push(&alice, "https://push.example/1").await.unwrap();
    let enrolled = host.challenges.totp().create(alice.clone(), &first).await.map(drop);
    assert_eq!(refusal(enrolled), Some(StepUpRefused::FactorExists));
    host.challenges.account(&alice).unlock(&administrator()).await.unwrap();
    assert!(host.challenges.totp().create(alice, &first).await.is_ok(), "control: support let the user enroll");
}

/// R67: codes that a thief of the session generated before the first enrollment end with the enrollment. Control: codes
/// generated during the enrollment stay.
#[tokio::test]
async fn earlier_recovery_codes_end_with_the_first_factor() {
    for during in [false, true] {
        let host = Host::new().await;
        let (first, alice) = (Grant::first_factor(), owner("alice"));
        let codes = host.challenges.recovery_codes();
        codes.generate(&alice, &first).await.unwrap();
        host.clock.advance(Duration::from_millis(1));
        let (id, code) = begin(&host, &first).await;
        if during {
            codes.generate(&alice, &first).await.unwrap();
        }
        host.seen.take();
        assert!(host.challenges.totp().confirm(&alice, &first, id, &"000000".into()).await.is_err());
        assert_eq!(codes.left(&alice).await.unwrap(), 10, "a wrong code ends nothing");
        host.challenges.totp().confirm(&alice, &first, id, &code).await.unwrap();
        assert_eq!(codes.left(&alice).await.unwrap(), if during { 10 } else { 0 });
        assert_eq!(host.seen.take().contains(&Seen::RecoveryCodesChanged(0)), !during);
    }
}

/// R67: earlier codes end with the first factor too when an administrator enrolls or imports the factor, and when a thief
/// had registered the user's number first.
#[tokio::test]
async fn earlier_codes_end_however_the_first_factor_comes() {
    for way in ["administrator", "import", "number", "control"] {
        let host = Host::new().await;
        let (first, alice) = (Grant::first_factor(), owner("alice"));
        let (codes, endpoints) = (host.challenges.recovery_codes(), host.challenges.endpoints());
        let number = || "+4915112345678".parse().unwrap();
        if way == "number" {
            endpoints.register_phone(alice.clone(), &first, number()).await.unwrap();
        }
        if way == "control" {
            host.enroll("alice").await;
            host.next_step();
        }
        let grant = if way == "control" { administrator() } else { first.clone() };
        codes.generate(&alice, &grant).await.unwrap();
        host.clock.advance(Duration::from_secs(60));
        match way {
            "number" => {
                let phone = endpoints.register_phone(alice.clone(), &first, number()).await.unwrap().id();
                let code = phones::code(&host).await.into();
                endpoints.confirm(&alice, &first, phone, &code).await.unwrap();
            }
            "administrator" => {
                let (id, code) = begin(&host, &administrator()).await;
                host.challenges.totp().confirm(&alice, &administrator(), id, &code).await.unwrap();
            }
            _ => {
                let row = json!({ "totp": { "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" } }).try_into().unwrap();
                assert!(host.challenges.account(&alice).import(&administrator(), &row).await.unwrap().is_new);
            }
        }
        assert_eq!(codes.left(&alice).await.unwrap(), if way == "control" { 10 } else { 0 }, "{way}");
    }
}

/// R67: where the policy says so, a factor does not admit its own removal.
#[tokio::test]
async fn removal_by_the_same_factor_follows_the_policy() {
    for strict in [true, false] {
        let mut policy = Policy::default();
        policy.replace_by_other_factor = strict;
        let alice = Alice::new(policy).await;
        let (id, app) = alice.host.enroll("alice").await;
        alice.host.next_step();
        let manage = Purpose::manage_factors();
        let spec = ChallengeSpec::new(ChallengeType::Totp).unwrap().with_purpose(manage.clone());
        let challenge = alice.host.challenges.create(owner("alice"), spec).await.unwrap().challenge.id();
        let answer = Answer::allow(challenge, ChallengeType::Totp, app.code(alice.host.now()));
        let grant = Grant::step_up(&passed(&alice.host, "alice", &manage, answer).await);
        let removed = alice.host.challenges.totp().delete(&owner("alice"), &grant, id).await;
        assert_eq!(refusal(removed), strict.then_some(StepUpRefused::SameFactor));
        for change in [Change::DisablePhone, Change::DeletePhone, Change::GenerateCodes, Change::CreateTotp] {
            assert_eq!(refusal(alice.change(change, &grant).await), None, "control: {change:?}");
        }
    }
}

/// R69: the last completed factor stays, unless the policy or an administrator says otherwise. Pending enrollments and
/// recovery codes do not count.
#[tokio::test]
async fn last_factor_stays_unless_the_policy_admits() {
    for (change, other) in [(Change::DeleteTotp, Change::DeletePhone), (Change::DeletePhone, Change::DeleteTotp)] {
        for (may, by_administrator) in [(false, false), (true, false), (false, true)] {
            let mut policy = Policy::default();
            policy.remove_last_factor = may;
            let alice = Alice::new(policy).await;
            let grant = match by_administrator {
                true => administrator(),
                false => Grant::step_up(&step_up(&alice.host, "alice", &Purpose::manage_factors()).await),
            };
            alice.change(change, &grant).await.unwrap();
            let before = alice.host.dump().await;
            let last = alice.change(other, &grant).await;
            if may || by_administrator {
                last.unwrap();
                let first = alice.change(Change::CreateTotp, &Grant::first_factor()).await;
                assert_eq!(refusal(first), None, "a user without a factor");
            } else {
                assert!(matches!(last, Err(Error::Invalid(Invalid::LastFactor))), "{last:?}");
                assert_eq!(alice.host.dump().await, before);
                assert!(alice.change(Change::DeletePendingTotp, &grant).await.is_ok(), "control: a pending one goes");
            }
        }
    }
}

/// R67: a reset leaves nothing that answers, and removes nothing of another user.
#[tokio::test]
async fn reset_removes_every_factor_of_the_user() {
    let host = Host::new().await;
    let (alice, bob) = (owner("alice"), owner("bob"));
    for user in [&alice, &bob] {
        let (enrollment, key) = host.challenges.totp().create(user.clone(), &administrator()).await.unwrap();
        let app = Authenticator::new(key.to_base32().expose()).unwrap();
        let code = app.code(host.challenges.now()).into();
        host.challenges.totp().confirm(user, &administrator(), enrollment.id(), &code).await.unwrap();
        let number = Address::Phone(PhoneNumber::from_typed("+41791234567").unwrap());
        host.challenges.endpoints().register_confirmed(user.clone(), &administrator(), number).await.unwrap();
        host.challenges.recovery_codes().generate(user, &administrator()).await.unwrap();
    }
    let before = host.challenges.account(&alice).reset(&administrator()).await.unwrap();
    for (user, status, left) in [
        (&alice, before, 1),
        (&alice, host.challenges.account(&alice).status().await.unwrap(), 0),
        (&bob, host.challenges.account(&bob).status().await.unwrap(), 1),
    ] {
        assert_eq!((status.totp.len(), status.endpoints.len()), (left, left), "{user:?}");
        assert_eq!((status.recovery_codes, status.has_factor()), (10 * left, left > 0), "{user:?}");
    }
    let anew = host.challenges.totp().create(alice.clone(), &Grant::first_factor()).await;
    assert!(anew.is_ok(), "a user without a factor enrolls");
    assert!(host.challenges.account(&owner("carol")).reset(&administrator()).await.is_ok(), "nothing to remove");
}

/// R67: users do not unlock or reset themselves.
#[tokio::test]
async fn only_administrators_unlock() {
    let host = Host::new().await;
    let alice = owner("alice");
    let account = host.challenges.account(&alice);
    for grant in [Grant::first_factor(), Grant::step_up(&step_up(&host, "alice", &Purpose::manage_factors()).await)] {
        let reset = account.reset(&grant).await.map(drop);
        for refused in [account.unlock(&grant).await, account.reset_factor(&grant, Factor::Totp).await, reset] {
            assert!(matches!(refused, Err(Error::Invalid(Invalid::AdministratorOnly))), "{refused:?}");
        }
    }
    assert!(account.unlock(&administrator()).await.is_ok(), "control");
}

/// R67, R43: the audit log names the administrator and the reason.
#[tokio::test]
async fn administrators_are_named_in_the_audit_log() {
    let log = Log::default();
    let challenges = service(MemoryStore::new(), Policy::default(), FakeClock::default(), log.clone()).await;
    let grant = Grant::administrator("eve", "lost phone, case 4711").unwrap();
    let _ = challenges.totp().create(owner("alice"), &grant).await.unwrap();
    let logged = log.0.lock().unwrap();
    let acted = json!({ "event": "administrator_acted", "user": "alice", "detail": "eve: lost phone, case 4711" });
    assert_eq!((&logged[0], &logged[1]["event"]), (&acted, &json!("enrollment_created")), "{logged:?}");
}

#[test]
fn administrators_need_a_name_and_a_reason() {
    let longest = "a".repeat(255);
    for (who, why, good) in [
        ("eve", "case 4711", true),
        (longest.as_str(), longest.as_str(), true),
        ("", "case 4711", false),
        ("eve", "", false),
        ("eve", " ", false),
        ("eve\n", "case 4711", false),
        ("eve", "case\u{0}4711", false),
        ("eve", &"a".repeat(256), false),
    ] {
        assert_eq!(Grant::administrator(who, why).is_ok(), good, "{who:?} {why:?}");
    }
}
