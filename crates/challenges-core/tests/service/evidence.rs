//! R71: the evidence of answers, and of several challenges together.

use std::time::Duration;

use challenges_core::step_up::{Evidence, Requirement, StepUp, StepUpRefused, StepUps};
use challenges_core::{Answer, ChallengeSpec, ChallengeType, Passed, Purpose, Secret, Timestamp};
use challenges_testkit::administrator;

use crate::harness::{Host, owner};

use ChallengeType::{Code, Sms, Totp, WebPush};

const MAX_AGE: Duration = Duration::from_secs(300);

fn transfer() -> Purpose {
    Purpose::new("transfer").unwrap()
}

impl Host {
    /// Passes a code challenge of the host.
    async fn pass_code(&self, user: &str) -> Passed {
        let spec = ChallengeSpec::new(Code).unwrap().with_purpose(transfer());
        let created = self.challenges.create(owner(user), spec).await.unwrap();
        let code = created.code.unwrap();
        self.answer(created.challenge.id(), Code, code.expose()).await.unwrap().passed().unwrap()
    }

    /// Passes a TOTP challenge with the next code of the app.
    async fn pass_totp(&self, user: &str, app: &challenges_testkit::Authenticator) -> Passed {
        self.next_step();
        let spec = ChallengeSpec::new(Totp).unwrap().with_purpose(transfer());
        let id = self.challenges.create(owner(user), spec).await.unwrap().challenge.id();
        self.answer(id, Totp, &app.code(self.now())).await.unwrap().passed().unwrap()
    }

    fn step_up(&self, passed: &Passed, required: impl Into<Requirement>) -> Result<StepUp, StepUpRefused> {
        let token = self.challenges.step_up().grant(passed).unwrap();
        self.challenges.step_up().verify(&token, passed.owner(), &transfer(), required)
    }
}

fn factors(evidence: &[Evidence]) -> Vec<Option<ChallengeType>> {
    evidence.iter().map(Evidence::factor).collect()
}

#[tokio::test]
async fn token_meets_or_fails_a_requirement() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    let passed = host.pass_totp("alice", &app).await;
    let rows = [
        (Requirement::any(), Ok(())),
        (Requirement::any().any_of([Totp]), Ok(())),
        (Requirement::any().any_of([Code]), Err(StepUpRefused::FactorMissing)),
        (Requirement::any().phishing_resistant(), Err(StepUpRefused::NotPhishingResistant)),
        (Requirement::any().two_distinct(), Err(StepUpRefused::SecondFactorMissing)),
        (Requirement::aal2(), Err(StepUpRefused::SecondFactorMissing)),
    ];
    for (required, met) in rows {
        let verified = host.step_up(&passed, required.clone()).map(|_| ());
        assert_eq!(verified, met, "{required:?}");
    }
    let passed = passed.with_password(host.now());
    let step_up = host.step_up(&passed, Requirement::aal2()).unwrap();
    assert_eq!(factors(step_up.evidence()), [Some(Totp), None]);
    assert_eq!(Evidence::amr(step_up.evidence()), ["otp", "pwd", "mfa"]);
}

/// R71: the evidence of two challenges is in one token, each piece with its own time.
#[tokio::test]
async fn evidence_of_several_challenges_accumulates() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    let first = host.pass_totp("alice", &app).await;
    let first = host.step_up(&first, MAX_AGE).unwrap();
    let answered = host.now();
    host.clock.advance(Duration::from_secs(200));
    let both = host.pass_code("alice").await.after(&first).unwrap();
    let step_up = host.step_up(&both, MAX_AGE).unwrap();
    assert_eq!(factors(step_up.evidence()), [Some(Code), Some(Totp)]);
    assert_eq!(step_up.evidence().last().unwrap().verified_at(), answered);

    host.clock.advance(Duration::from_secs(101));
    let left = host.step_up(&both, MAX_AGE).unwrap();
    assert_eq!(factors(left.evidence()), [Some(Code)], "evidence that became too old is left out");
    let totp = Requirement::from(MAX_AGE).any_of([Totp]);
    assert_eq!(host.step_up(&both, totp).err(), Some(StepUpRefused::FactorMissing));
}

/// R71: two answers of one authenticator stay one factor, however often they are added.
#[tokio::test]
async fn same_authenticator_never_counts_twice() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    let (_, other_app) = host.enroll("alice").await;
    let two = || Requirement::any().two_distinct();
    let mut passed = host.pass_totp("alice", &app).await;
    for answers in [&app, &app, &other_app, &app] {
        let earlier = host.step_up(&passed, MAX_AGE).unwrap();
        passed = host.pass_totp("alice", answers).await.after(&earlier).unwrap();
        assert_eq!(host.step_up(&passed, two()).err(), Some(StepUpRefused::SecondFactorMissing));
    }
    assert_eq!(factors(passed.evidence()), [Some(Totp), Some(Totp)], "one piece for each app");
    assert!(host.step_up(&passed.with_password(host.now()), two()).is_ok(), "control");
}

/// R71: evidence of another user or for another purpose is not added.
#[tokio::test]
async fn evidence_of_others_is_not_added() {
    let host = Host::new().await;
    let bobs = host.step_up(&host.pass_code("bob").await, MAX_AGE).unwrap();
    assert_eq!(host.pass_code("alice").await.after(&bobs).err(), Some(StepUpRefused::OtherOwner));
    let own = host.step_up(&host.pass_code("alice").await, MAX_AGE).unwrap();
    assert!(host.pass_code("alice").await.after(&own).is_ok(), "control");
    for purpose in [None, Some(Purpose::new("view").unwrap())] {
        let mut spec = ChallengeSpec::new(Code).unwrap();
        spec.purpose = purpose;
        let created = host.challenges.create(owner("alice"), spec).await.unwrap();
        let answer = Answer::allow(created.challenge.id(), Code, created.code.unwrap().expose());
        let passed = host.challenges.answer(answer).await.unwrap().passed().unwrap();
        assert_eq!(passed.after(&own).err(), Some(StepUpRefused::OtherPurpose));
    }
}

/// A refused requirement does not use the token up.
#[tokio::test]
async fn single_use_token_survives_an_unmet_requirement() {
    let host = Host::new().await;
    let token = host.challenges.step_up().grant(&host.pass_code("alice").await).unwrap();
    let verify = async |required: Requirement| {
        let verified = host.challenges.step_up().verify_once(&token, &owner("alice"), &transfer(), required).await;
        verified.map(|_| ()).map_err(|error| error.to_string())
    };
    assert!(verify(Requirement::aal2()).await.is_err());
    assert_eq!(verify(Requirement::any()).await, Ok(()));
    assert!(verify(Requirement::any()).await.is_err(), "control");
}

/// R71: one secret is in all messages of a challenge, so the type that the answer names proves nothing.
#[tokio::test]
async fn type_named_by_the_answer_proves_nothing() {
    let host = Host::new().await;
    // A code of the host that is too long to guess answers every type of its challenge.
    let spec = ChallengeSpec::new([Sms, WebPush, Code]).unwrap().with_purpose(transfer());
    let created = host.challenges.create(owner("alice"), spec).await.unwrap();
    let code = created.code.unwrap();
    let passed = host.answer(created.challenge.id(), Sms, code.expose()).await.unwrap().passed().unwrap();
    assert_eq!((passed.kind(), factors(passed.evidence())), (Some(Code), vec![Some(Code)]));
    let sms = Requirement::any().any_of([Sms]);
    assert_eq!(host.step_up(&passed, sms).err(), Some(StepUpRefused::FactorMissing));
    assert!(Evidence::amr(passed.evidence()).is_empty());
}

#[tokio::test]
async fn old_password_does_not_count() {
    let host = Host::new().await;
    let (_, app) = host.enroll("alice").await;
    let passed = host.pass_totp("alice", &app).await;
    let age = |seconds| Timestamp::from_seconds(host.now().as_seconds() - seconds);
    let required = || Requirement::aal2().within(MAX_AGE);
    let fresh = passed.with_password(age(300));
    assert!(host.step_up(&fresh, required()).is_ok());
    host.clock.advance(Duration::from_millis(1));
    assert_eq!(host.step_up(&fresh, required()).err(), Some(StepUpRefused::SecondFactorMissing));
    assert!(host.step_up(&fresh, MAX_AGE).is_ok(), "control: the answer is young enough");
}

/// The names are the longest allowed, with as much evidence as a token carries.
#[tokio::test]
async fn token_with_all_evidence_fits_into_a_cookie() {
    let host = Host::new().await;
    let (user, name) = ("\\".repeat(255), Purpose::new("\"".repeat(128)).unwrap());
    let tenant = challenges_core::Owner::in_tenant(user.clone(), user).unwrap();
    let mut apps = Vec::new();
    for _ in 0..5 {
        let (enrollment, key) = host.challenges.totp().create(tenant.clone(), &administrator()).await.unwrap();
        let app = challenges_testkit::Authenticator::new(key.to_base32().expose()).unwrap();
        let code = app.code(host.now()).into();
        host.challenges.totp().confirm(&tenant, &administrator(), enrollment.id(), &code).await.unwrap();
        apps.push(app);
    }
    let mut token: Option<Secret> = None;
    for app in &apps {
        host.next_step();
        let spec = ChallengeSpec::new(Totp).unwrap().with_purpose(name.clone());
        let id = host.challenges.create(tenant.clone(), spec).await.unwrap().challenge.id();
        let mut passed = host.answer(id, Totp, &app.code(host.now())).await.unwrap().passed().unwrap();
        if let Some(token) = token {
            passed = passed.after(&host.challenges.step_up().verify(&token, &tenant, &name, MAX_AGE).unwrap()).unwrap();
        }
        token = Some(host.challenges.step_up().grant(&passed).unwrap());
    }
    let token = token.unwrap();
    let step_up = host.challenges.step_up().verify(&token, &tenant, &name, MAX_AGE).unwrap();
    assert_eq!(step_up.evidence().len(), 4, "the newest");
    assert!(token.expose().len() <= StepUps::MAX_LENGTH - 200, "{}", token.expose().len());
}
