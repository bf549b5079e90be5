use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use challenges_core::totp::TotpEnrollment;
use challenges_core::{
    ChallengeSpec, ChallengeType, EndpointRef, Error, Factor, Invalid, Owner, Policy, Refused, Secret, State, Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{Authenticator, Counting, FakeClock, Yielding, administrator};
use futures::FutureExt as _;
use tokio::task::JoinSet;

use crate::harness::{Host, START, Seen, owner, passed, refused, service};

const TOTP: ChallengeType = ChallengeType::Totp;

/// R2: completing an enrollment uses the code up.
#[tokio::test]
async fn code_that_completed_an_enrollment_is_refused() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    let id = host.create("alice", TOTP).await.challenge.id();
    assert!(refused(host.answer(id, TOTP, &app.code(host.now())).await));
    host.next_step();
    assert!(passed(host.answer(id, TOTP, &app.code(host.now())).await));
}

/// R2: a used code is refused in every challenge, and so are the codes before.
#[tokio::test]
async fn used_and_older_codes_are_refused() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(host.create("alice", TOTP).await.challenge.id());
    }
    host.next_step();
    let older = app.code(host.now());
    host.next_step();
    let newer = app.code(host.now());
    assert!(passed(host.answer(ids[0], TOTP, &newer).await));
    assert!(refused(host.answer(ids[1], TOTP, &newer).await), "used in another challenge");
    assert!(refused(host.answer(ids[2], TOTP, &older).await), "within the skew, but older than the used code");
    host.next_step();
    assert!(passed(host.answer(ids[1], TOTP, &app.code(host.now())).await));
}

/// R2: of concurrent answers with one code, one passes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_code_passes_one_of_many_challenges() {
    let host = Arc::new(Host::new().await);
    let (_, app) = host.enroll("alice").await;
    host.next_step();
    let code = app.code(host.now());
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let id = host.create("alice", TOTP).await.challenge.id();
        let (host, code) = (host.clone(), code.clone());
        tasks.spawn(async move { passed(host.answer(id, TOTP, &code).await) });
    }
    let winners = tasks.join_all().await.into_iter().filter(|passed| *passed).count();
    assert_eq!(winners, 1);
}

/// R14: the service draws the key.
#[tokio::test]
async fn key_is_random_and_has_160_bits() {
    let host = Host::new().await;
    let (_, key) = host.challenges.totp().create(owner("alice"), &administrator()).await.unwrap();
    let bytes = totp_rs::Secret::try_from_base32(key.to_base32().expose()).unwrap();
    assert_eq!(bytes.as_ref().len(), 20);
    let (_, second) = host.challenges.totp().create(owner("alice"), &administrator()).await.unwrap();
    assert_ne!(second.to_base32().expose(), key.to_base32().expose());
}

/// R40: a pending enrollment expires after an hour.
#[tokio::test]
async fn pending_enrollment_answers_nothing_and_expires() {
    let host = Host::new().await;
    let (enrollment, key) = host.challenges.totp().create(owner("alice"), &administrator()).await.unwrap();
    let id = enrollment.id();
    let app = Authenticator::new(key.to_base32().expose()).unwrap();
    let failed = host.create("alice", TOTP).await.challenge;
    assert_eq!(failed.state(), State::ChallengeFailed);
    for named in [EndpointRef::from_parts(Some(&id.to_string()), None).unwrap(), EndpointRef::totp(id)] {
        let spec = ChallengeSpec::new(TOTP).unwrap().with_endpoints(vec![named]);
        let result = host.challenges.create(owner("alice"), spec).await;
        assert!(matches!(result, Err(Error::Invalid(Invalid::UnknownEndpoint))));
    }

    host.clock.advance(Duration::from_secs(3_600));
    let code = Secret::from(app.code(host.now()));
    let late = host.challenges.totp().confirm(&owner("alice"), &administrator(), id, &code).await;
    assert!(matches!(late, Err(Error::Invalid(Invalid::EnrollmentClosed))));
    assert!(host.challenges.totp().list(&owner("alice"), None, 500).await.unwrap().is_empty());
}

/// R40: another user or tenant neither finds nor names an enrollment.
#[tokio::test]
async fn enrollment_is_hidden_from_other_owners() {
    let host = Host::new().await;
    let (id, app) = host.enroll("alice").await;
    let totp = host.challenges.totp();
    for other in [owner("bob"), Owner::in_tenant("org", "alice").unwrap()] {
        let code = Secret::from(app.code(host.now()));
        assert!(matches!(totp.get(&other, id).await, Err(Error::NotFound)));
        assert!(matches!(totp.delete(&other, &administrator(), id).await, Err(Error::NotFound)));
        assert!(matches!(totp.confirm(&other, &administrator(), id, &code).await, Err(Error::NotFound)));
        assert!(totp.list(&other, None, 500).await.unwrap().is_empty());
        let spec = ChallengeSpec::new(TOTP).unwrap().with_endpoints(vec![EndpointRef::totp(id)]);
        let result = host.challenges.create(other, spec).await;
        assert!(matches!(result, Err(Error::Invalid(Invalid::UnknownEndpoint))));
    }
    assert!(totp.get(&owner("alice"), id).await.is_ok());
}

/// R40: wrong codes of an enrollment are counted and rate limited apart from wrong answers.
#[tokio::test]
async fn enrolling_has_its_own_failure_count() {
    let host = Host::new().await;
    let (_, real) = host.enroll("alice").await;
    let (enrollment, key) = host.challenges.totp().create(owner("alice"), &administrator()).await.unwrap();
    let (id, alice) = (enrollment.id(), owner("alice"));
    let app = Authenticator::new(key.to_base32().expose()).unwrap();
    let confirm = async |code: String| host.challenges.totp().confirm(&alice, &administrator(), id, &code.into()).await;
    for guess in 0..6 {
        assert!(confirm(app.wrong_code(host.now(), guess)).await.is_err());
    }
    let account = host.challenges.account(&alice);
    assert_eq!(account.failures(Factor::TotpEnrollment).await.unwrap(), 6);
    assert!(confirm(app.code(host.now())).await.is_err(), "delayed");
    assert_eq!(account.failures(Factor::Totp).await.unwrap(), 0);

    let challenge = host.create("alice", TOTP).await.challenge.id();
    for guess in 0..3 {
        assert!(refused(host.answer(challenge, TOTP, &real.wrong_code(host.now(), guess)).await));
    }
    host.next_step();
    assert!(confirm(app.code(host.now())).await.unwrap().is_completed());
    assert_eq!(account.failures(Factor::Totp).await.unwrap(), 3, "enrolling clears no wrong answers");
}

/// R4: a repeated wrong answer is charged once, but a code that was wrong too early is compared again when its time has
/// come.
#[tokio::test]
async fn wrong_code_is_compared_again_in_a_later_step() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    let (enrollment, key) = host.challenges.totp().create(owner("bob"), &administrator()).await.unwrap();
    let bobs = Authenticator::new(key.to_base32().expose()).unwrap();
    let (bob, id) = (owner("bob"), enrollment.id());
    let confirm = async |code: &str| host.challenges.totp().confirm(&bob, &administrator(), id, &code.into()).await;
    let challenge = host.create("alice", TOTP).await.challenge.id();
    let later = host.now().after(Duration::from_secs(120));
    let (early, bobs_early) = (app.code(later), bobs.code(later));
    for _ in 0..2 {
        assert!(refused(host.answer(challenge, TOTP, &early).await));
        assert!(confirm(&bobs_early).await.is_err());
    }
    assert_eq!(host.challenges.get(challenge).await.unwrap().wrong_answers(), 1, "control: the repetition is known");
    assert_eq!(host.challenges.account(&bob).failures(Factor::TotpEnrollment).await.unwrap(), 1, "control");
    host.clock.set(later);
    assert!(passed(host.answer(challenge, TOTP, &early).await));
    assert!(confirm(&bobs_early).await.is_ok());
}

#[tokio::test]
async fn completed_enrollment_refuses_another_code() {
    let host = Host::new().await;
    let (id, app) = host.enroll("alice").await;
    host.next_step();
    let code = Secret::from(app.code(host.now()));
    let again = host.challenges.totp().confirm(&owner("alice"), &administrator(), id, &code).await;
    assert!(matches!(again, Err(Error::Invalid(Invalid::EnrollmentClosed))));
    let challenge = host.create("alice", TOTP).await.challenge.id();
    assert!(passed(host.answer(challenge, TOTP, code.expose()).await), "the refused code is not used up");
}

/// R40: deletion affects open challenges.
#[tokio::test]
async fn deleted_enrollment_answers_no_open_challenge() {
    let host = Host::new().await;
    let (id, app) = host.enroll("alice").await;
    let (_, second) = host.enroll("alice").await;
    host.next_step();
    let challenge = host.create("alice", TOTP).await.challenge.id();
    host.challenges.totp().delete(&owner("alice"), &administrator(), id).await.unwrap();
    assert!(refused(host.answer(challenge, TOTP, &app.code(host.now())).await));
    assert!(passed(host.answer(challenge, TOTP, &second.code(host.now())).await));
}

/// The restriction to the named enrollment outlives the enrollment.
#[tokio::test]
async fn only_the_named_enrollment_answers() {
    let host = Host::new().await;
    let (named, first) = host.enroll("alice").await;
    let (_, second) = host.enroll("alice").await;
    host.next_step();
    let reference = EndpointRef::from_parts(Some(&named.to_string()), None).unwrap();
    let spec = || ChallengeSpec::new(TOTP).unwrap().with_endpoints(vec![reference]);
    let [open, other] = [
        host.challenges.create(owner("alice"), spec()).await.unwrap().challenge.id(),
        host.challenges.create(owner("alice"), spec()).await.unwrap().challenge.id(),
    ];
    assert!(refused(host.answer(open, TOTP, &second.code(host.now())).await));
    assert!(passed(host.answer(open, TOTP, &first.code(host.now())).await));
    host.challenges.totp().delete(&owner("alice"), &administrator(), named).await.unwrap();
    host.seen.take();
    assert!(refused(host.answer(other, TOTP, &second.code(host.now())).await), "no other enrollment takes over");
    assert_eq!(host.seen.take(), [Seen::Refused(Refused::NothingToCompare)]);
}

#[tokio::test]
async fn concurrent_enrollments_respect_the_cap() {
    let store = Counting::new(Yielding::new(MemoryStore::new()));
    let clock = FakeClock::at(Timestamp::from_seconds(START));
    let challenges = service(store.clone(), Policy::default(), clock, ()).await;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let challenges = challenges.clone();
        tasks.spawn(async move { challenges.totp().create(owner("alice"), &administrator()).await.map(|_| ()) });
    }
    let results = tasks.join_all().await;
    assert!(store.counts().conflict > 0, "control: the calls raced");
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(challenges.totp().list(&owner("alice"), None, 500).await.unwrap().len(), 8);
}

/// R58: only completed enrollments use up the cap. Pending ones give way, oldest first.
#[tokio::test]
async fn pending_enrollments_give_way_to_the_next() {
    let host = Host::new().await;
    let totp = host.challenges.totp();
    let create = async || {
        host.clock.advance(Duration::from_millis(1));
        totp.create(owner("alice"), &administrator()).await.map(|(enrollment, _)| enrollment.id())
    };
    let kept = host.enroll("alice").await.0;
    let mut ids = Vec::new();
    for _ in 0..9 {
        ids.push(create().await.unwrap());
    }
    let listed: Vec<_> = totp.list(&owner("alice"), None, 500).await.unwrap().iter().map(TotpEnrollment::id).collect();
    assert_eq!(listed, [&[kept], &ids[2..]].concat());
    let gone = totp.confirm(&owner("alice"), &administrator(), ids[0], &"000000".into()).await;
    assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");

    // Control: completed enrollments never give way.
    for _ in 0..7 {
        host.enroll("alice").await;
    }
    let full = create().await.unwrap_err();
    assert!(matches!(full, Error::Invalid(Invalid::TooMany { field: "enrollments", max: 8 })), "{full:?}");
    let all = totp.list(&owner("alice"), None, 500).await.unwrap();
    assert!(all.len() == 8 && all.iter().all(TotpEnrollment::is_completed));
}

/// R18: spaces, signs and lengths other than six digits make a code malformed.
#[tokio::test]
async fn malformed_code_is_not_compared() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    host.next_step();
    let id = host.create("alice", TOTP).await.challenge.id();
    let code = app.code(host.now());
    host.seen.take();
    for malformed in
        [format!(" {code}"), format!("{code} "), format!("+{}", &code[1..]), String::new(), "x".repeat(9_000)]
    {
        assert!(refused(host.answer(id, TOTP, &malformed).await));
        assert_eq!(host.seen.take(), [Seen::Refused(Refused::NothingToCompare)]);
    }
    assert!(passed(host.answer(id, TOTP, &code).await));
}

#[tokio::test]
async fn tenant_finds_only_its_own_enrollments_by_id() {
    let host = Host::new().await;
    let (id, _) = host.enroll("alice").await;
    assert_eq!(host.challenges.totp().get_in_tenant("", id).await.unwrap().owner(), &owner("alice"));
    assert!(matches!(host.challenges.totp().get_in_tenant("org", id).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn expired_pending_enrollments_are_replaced() {
    let host = Host::new().await;
    for _ in 0..20 {
        let _ = host.challenges.totp().create(owner("alice"), &administrator()).await.unwrap();
        host.clock.advance(Duration::from_secs(3_600));
    }
    assert_eq!(host.dump().await.matches("TotpEnrollment").count(), 1);
}

#[tokio::test]
async fn tenant_list_excludes_other_tenants() {
    let host = Host::new().await;
    let (first, _) = host.enroll("alice").await;
    let (second, _) = host.enroll("bob").await;
    let elsewhere = Owner::in_tenant("org", "alice").unwrap();
    let third = host.challenges.totp().create(elsewhere, &administrator()).await.unwrap().0.id();
    let listed = async |tenant| {
        let list = host.challenges.totp().list_tenant(tenant, None, 500).await.unwrap();
        list.iter().map(TotpEnrollment::id).collect::<BTreeSet<_>>()
    };
    assert_eq!(listed("").await, [first, second].into());
    assert_eq!(listed("org").await, [third].into());

    let page = host.challenges.totp().list_tenant("", None, 1).await.unwrap();
    let [one] = &page[..] else { panic!("a page of one: {page:?}") };
    let rest = host.challenges.totp().list_tenant("", Some(one.id()), 500).await.unwrap();
    let [other] = &rest[..] else { panic!("the other one: {rest:?}") };
    assert_eq!(BTreeSet::from([one.id(), other.id()]), [first, second].into());
}

#[tokio::test]
async fn enrollments_are_listed_in_order_and_paged() {
    let host = Host::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(host.enroll("alice").await.0);
        host.enroll("bob").await;
        host.clock.advance(Duration::from_millis(1));
    }
    let totp = host.challenges.totp();
    let page = totp.list(&owner("alice"), None, 3).await.unwrap();
    let rest = totp.list(&owner("alice"), Some(ids[2]), 500).await.unwrap();
    assert_eq!(page.iter().chain(&rest).map(TotpEnrollment::id).collect::<Vec<_>>(), ids);
    for limit in [0, 501] {
        assert!(matches!(totp.list(&owner("alice"), None, limit).await, Err(Error::Invalid(Invalid::Limit))));
        assert!(matches!(totp.list_tenant("", None, limit).await, Err(Error::Invalid(Invalid::Limit))));
    }
}

/// A list of a tenant may read the records of all tenants, and must not block other tasks meanwhile.
#[tokio::test]
async fn tenant_list_yields_between_pages() {
    let host = Host::new().await;
    let create = async |number: usize| {
        let user = Owner::in_tenant("large", format!("user{number}")).unwrap();
        let _ = host.challenges.totp().create(user, &administrator()).await.unwrap();
    };
    for number in 0..499 {
        create(number).await;
    }
    let totp = host.challenges.totp();
    let list = || totp.list_tenant("small", None, 500).now_or_never();
    assert!(list().is_some(), "control: a single page is ready at once");
    create(499).await;
    assert!(list().is_none());
    assert!(totp.list_tenant("small", None, 500).await.unwrap().is_empty());
}
