//! R5: With the default policy, answers of every type are limited.

use challenges_core::approvals::OneTimeUseAction;
use challenges_core::endpoints::{Address, PushSubscription};
use challenges_core::outbox::Task;
use challenges_core::{
    Answer, ChallengeId, ChallengeSpec, ChallengeType, Decision, EnrollmentId, Error, Outcome, Owner, Refused, Timeout,
};
use challenges_testkit::webauthn::SecurityKey;
use challenges_testkit::{Authenticator, Yielding, administrator};
use futures::future::join_all;

use crate::harness::{Host, ORIGIN, Seen, owner, passed, refused};

/// The type of a challenge; `None` for a one-time-use action.
type Kind = Option<ChallengeType>;

const EVERY_KIND: [Kind; 6] = [
    Some(ChallengeType::Sms),
    Some(ChallengeType::WebPush),
    Some(ChallengeType::Totp),
    Some(ChallengeType::Webauthn),
    Some(ChallengeType::Code),
    None,
];

/// Returns the limit of wrong answers to a challenge. Guessable secrets have a low limit.
const fn limit(kind: Kind) -> u32 {
    if matches!(kind, Some(ChallengeType::Totp)) { 5 } else { 100 }
}

/// The means to answer challenges of one kind.
enum Means {
    /// The code or the link of a challenge.
    Secret(ChallengeType),
    App(Box<Authenticator>),
    Key(Box<SecurityKey>, EnrollmentId),
    Actor,
}

struct Asked {
    id: ChallengeId,
    right: String,
}

impl Means {
    async fn of(host: &Host, kind: Kind) -> Self {
        let Some(kind) = kind else { return Self::Actor };
        let address = match kind {
            ChallengeType::Sms => Address::Phone("+4915112345678".parse().unwrap()),
            ChallengeType::WebPush => {
                let subscription = PushSubscription::new("https://push.example/1", &"A".repeat(87), &"A".repeat(22));
                Address::Push(subscription.unwrap())
            }
            ChallengeType::Totp => {
                let app = host.totp("ann").await;
                host.clock.advance(std::time::Duration::from_secs(30));
                return Self::App(Box::new(app));
            }
            ChallengeType::Webauthn => {
                let mut key = SecurityKey::new(1);
                let enrollment = host.enroll("ann", &mut key).await;
                return Self::Key(Box::new(key), enrollment);
            }
            _ => return Self::Secret(kind),
        };
        host.challenges.endpoints().register_confirmed(owner("ann"), &administrator(), address).await.unwrap();
        Self::Secret(kind)
    }

    /// Creates a challenge, and returns the right answer.
    async fn ask(&mut self, host: &Host) -> Asked {
        match self {
            Self::Key(key, enrollment) => {
                let id = host.challenge("ann", &[*enrollment]).await;
                Asked { id, right: host.assertion(id, key).await }
            }
            Self::App(app) => {
                let id = create(host, ChallengeType::Totp).await.0;
                Asked { id, right: app.code(host.challenges.now()) }
            }
            Self::Actor => {
                let actor = Owner::in_tenant("acme", "ann").unwrap();
                let action = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(600).unwrap());
                let created = host.challenges.actions().create(owner("ann"), action).await.unwrap();
                let right = created.links[0].approve.expose().to_owned();
                Asked { id: created.challenge.id(), right }
            }
            Self::Secret(kind) => {
                let (id, code) = create(host, *kind).await;
                let right = match code {
                    Some(code) => code,
                    None => sent(host, id).await,
                };
                Asked { id, right }
            }
        }
    }

    /// Returns distinct wrong answers to a challenge.
    async fn wrong(&mut self, host: &Host, id: ChallengeId, count: u32) -> Vec<String> {
        match self {
            Self::Key(key, _) => {
                let options = host.challenges.webauthn().request_options(id).await.unwrap();
                let mut signed = key.get(&options, ORIGIN).unwrap().sign();
                let forge = |number: u32| {
                    signed.signature[8..12].copy_from_slice(&number.to_be_bytes());
                    signed.answer()
                };
                (0..count).map(forge).collect()
            }
            Self::App(app) => (0..count).map(|number| app.wrong_code(host.challenges.now(), number)).collect(),
            Self::Secret(_) | Self::Actor => (0..count).map(|number| format!("wrong{number}")).collect(),
        }
    }
}

async fn create(host: &Host, kind: ChallengeType) -> (ChallengeId, Option<String>) {
    let created = host.challenges.create(owner("ann"), ChallengeSpec::new(kind).unwrap()).await.unwrap();
    (created.challenge.id(), created.code.map(|code| code.expose().to_owned()))
}

/// Returns the secret of a challenge's link.
async fn sent(host: &Host, id: ChallengeId) -> String {
    let entries = host.challenges.outbox().list(None, None, 10).await.unwrap().into_iter().map(Result::unwrap);
    let secret = entries.filter(|entry| entry.challenge == Some(id)).find_map(|entry| match entry.task {
        Task::Deliver { secret, .. } => Some(secret.expose().to_owned()),
        _ => None,
    });
    secret.unwrap()
}

fn allow(kind: Kind, id: ChallengeId, text: &str) -> Answer {
    match kind {
        Some(kind) => Answer::allow(id, kind, text),
        None => Answer::approve_action(id, text),
    }
}

async fn answer(host: &Host, kind: Kind, id: ChallengeId, text: &str) -> Result<Decision, Error> {
    host.challenges.answer(allow(kind, id, text)).await
}

/// Returns the size of a burst, as a multiple of the limit.
fn burst() -> u32 {
    if std::env::var_os("CHALLENGES_FULL").is_some() { 10 } else { 2 }
}

/// R5, R3: In a concurrent burst, no more wrong answers are compared than the limit allows.
///
/// Afterwards, even the right answer is refused.
#[tokio::test]
async fn burst_of_wrong_answers_stops_at_the_limit() {
    for kind in EVERY_KIND {
        let host = Host::new().await;
        let raced = host.observed_through(Yielding::sharing(host.store.clone()), host.seen.clone()).await;
        let mut means = Means::of(&host, kind).await;
        let asked = means.ask(&host).await;
        let answers = means.wrong(&host, asked.id, burst() * limit(kind)).await;
        host.seen.take();
        let answers = answers.iter().map(|text| raced.answer(allow(kind, asked.id, text)));
        assert!(join_all(answers).await.into_iter().all(refused), "{kind:?}");
        let compared = host.seen.take().into_iter().filter(|seen| *seen == Seen::Moved(Outcome::Wrong)).count();
        assert_eq!(compared, limit(kind) as usize, "{kind:?}");
        assert!(refused(answer(&host, kind, asked.id, &asked.right).await), "{kind:?}");
        assert_eq!(host.seen.take(), [Seen::Refused(Refused::Exhausted)], "{kind:?}");
    }
}

/// R5: Negative control: with one wrong answer less, the right answer passes.
#[tokio::test]
async fn right_answer_passes_below_the_limit() {
    for kind in EVERY_KIND {
        let host = Host::new().await;
        let mut means = Means::of(&host, kind).await;
        let asked = means.ask(&host).await;
        for text in means.wrong(&host, asked.id, limit(kind) - 1).await {
            assert!(refused(answer(&host, kind, asked.id, &text).await), "{kind:?}");
        }
        assert!(passed(answer(&host, kind, asked.id, &asked.right).await), "{kind:?}");
    }
}

/// R5, R4: Wrong guesses still count in the user's next challenge.
///
/// Wrong answers to unguessable secrets do not, so that wrong links cannot lock out a user.
#[tokio::test]
async fn only_guesses_count_across_challenges() {
    for kind in EVERY_KIND {
        let host = Host::new().await;
        let mut means = Means::of(&host, kind).await;
        let first = means.ask(&host).await.id;
        let mut wrong = means.wrong(&host, first, limit(kind) + 1).await;
        let last = wrong.pop().unwrap();
        for text in wrong {
            assert!(refused(answer(&host, kind, first, &text).await), "{kind:?}");
        }
        host.clock.advance(std::time::Duration::from_secs(300));
        let second = means.ask(&host).await;
        assert!(refused(answer(&host, kind, second.id, &last).await), "{kind:?}");
        host.seen.take();
        let passes = passed(answer(&host, kind, second.id, &second.right).await);
        assert_eq!(passes, kind != Some(ChallengeType::Totp), "{kind:?}");
        assert_eq!(host.seen.take().contains(&Seen::Refused(Refused::Delayed)), !passes, "{kind:?}");
    }
}
