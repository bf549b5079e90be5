use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, PoisonError};

use challenges_core::store::{Kind, Stored};
use challenges_core::time::Clock as _;
use challenges_core::{
    Challenge, ChallengeId, ChallengeType, Challenges, Decision, EndpointId, EnrollmentId, Error, Observation,
    Observer, Owner, Passed, Secret, Store, Timestamp,
};
use challenges_testkit::webauthn::SecurityKey;
use challenges_testkit::{Authenticator, FakeClock, SeededEntropy, administrator, key_ring};

use super::Service;
use super::operation::{AnswerType, Operation, User};
use super::origin::Origin;
use super::report::Mismatch;

const START: u64 = 1_700_000_000;

/// More records than any sequence creates.
const MOST_RECORDS: usize = 100_000;
/// The number of records per page.
const PAGE: usize = 7;

/// A service on one of the stores, with the devices and secrets of its users.
pub(super) struct Host<'a> {
    origin: &'a Origin,
    service: &'a Service,
    store: Arc<dyn Store>,
    seed: u64,
    starts: u64,
    pub(super) challenges: Challenges,
    pub(super) clock: FakeClock,
    observed: Arc<Observed>,
    pub(super) made: Vec<Made>,
    pub(super) totp: Vec<Enrolled<Option<Authenticator>>>,
    pub(super) webauthn: Vec<Enrolled<SecurityKey>>,
    pub(super) endpoints: Vec<(User, ChallengeType, EndpointId)>,
    /// The recovery codes of each set, and the number of used ones.
    pub(super) codes: Vec<(User, Vec<String>, usize)>,
    /// The last passed challenge.
    pub(super) last_passed: Option<Passed>,
    /// The trusted devices, each with all cookies so far.
    pub(super) devices: Vec<(Owner, Vec<Secret>)>,
    /// The number of passed challenges by answer type.
    pub(super) passed: BTreeMap<AnswerType, usize>,
    /// The number of security keys so far.
    pub(super) keys: u64,
}

/// A created challenge with the secrets of its users: codes, links, approvals and declines.
pub(super) struct Made {
    pub(super) user: User,
    pub(super) id: ChallengeId,
    /// The first answer type of the challenge.
    pub(super) kind: Option<AnswerType>,
    pub(super) secrets: Vec<(AnswerType, bool, String)>,
}

/// An enrollment with its authenticator.
pub(super) struct Enrolled<A> {
    pub(super) user: User,
    pub(super) id: EnrollmentId,
    pub(super) authenticator: A,
}

/// The result and the observations of an operation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    answer: Result<String, String>,
    observed: Vec<String>,
}

impl Told {
    pub(super) const fn succeeded(&self) -> bool {
        self.answer.is_ok()
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.answer {
            Ok(answer) => write!(f, "{answer}")?,
            Err(error) => write!(f, "error {error}")?,
        }
        self.observed.iter().try_for_each(|event| write!(f, "; observed {event}"))
    }
}

#[derive(Debug, Default)]
struct Observed(Mutex<Vec<String>>);

impl Observer for Observed {
    fn observe(&self, observation: &Observation<'_>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{observation:?}"));
    }
}

impl<'a> Host<'a> {
    pub(super) async fn start(origin: &'a Origin, service: &'a Service, seed: u64) -> Result<Self, Mismatch> {
        let store = origin.open().await;
        let clock = FakeClock::at(Timestamp::from_seconds(START));
        let observed = Arc::new(Observed::default());
        let challenges = build(origin, service, &store, &clock, &observed, seed).await?;
        Ok(Self {
            origin,
            service,
            store,
            seed,
            starts: 1,
            challenges,
            clock,
            observed,
            made: Vec::new(),
            totp: Vec::new(),
            webauthn: Vec::new(),
            endpoints: Vec::new(),
            codes: Vec::new(),
            last_passed: None,
            devices: Vec::new(),
            passed: BTreeMap::new(),
            keys: 0,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.origin.name
    }

    pub(super) async fn perform(&mut self, operation: &Operation) -> Result<Told, Mismatch> {
        if *operation == Operation::Restart {
            self.restart().await?;
        }
        let answer = self.carry_out(operation).await.map_err(|error| format!("{error:?}"));
        let observed = std::mem::take(&mut *self.observed.0.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Told { answer, observed })
    }

    async fn carry_out(&mut self, operation: &Operation) -> Result<String, Error> {
        match operation {
            Operation::Wait(duration) => Ok(format!("{:?}", self.clock.advance(*duration))),
            Operation::TurnBack(duration) => {
                let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
                self.clock.set(Timestamp::from_millis(self.clock.now().as_millis().saturating_sub(millis)));
                Ok(format!("{:?}", self.clock.now()))
            }
            Operation::Restart => Ok("started".to_owned()),
            Operation::Create(user, spec) => self.create(*user, spec).await,
            Operation::Replace(challenge, spec) => self.replace(*challenge, spec).await,
            Operation::Read(challenge) => self.read(*challenge).await,
            Operation::Delete(challenge) => self.delete(*challenge).await,
            Operation::Answer(challenge, reply) => self.answer(*challenge, *reply).await,
            Operation::CreateAction(user, actors) => self.create_action(*user, *actors).await,
            Operation::EnrollTotp(user) => self.enroll_totp(*user).await,
            Operation::ConfirmTotp(enrollment, given) => self.confirm_totp(*enrollment, *given).await,
            Operation::DeleteTotp(enrollment) => self.delete_totp(*enrollment).await,
            Operation::EnrollWebauthn(user) => self.enroll_webauthn(*user).await,
            Operation::ConfirmWebauthn(enrollment, given) => self.confirm_webauthn(*enrollment, *given).await,
            Operation::RenameWebauthn(enrollment) => self.rename_webauthn(*enrollment).await,
            Operation::DeleteWebauthn(enrollment) => self.delete_webauthn(*enrollment).await,
            Operation::Register(user, channel) => self.register(*user, *channel).await,
            Operation::Remove(endpoint) => self.remove(*endpoint).await,
            Operation::Trust => self.trust().await,
            Operation::CheckDevice(device, cookie) => self.check_device(*device, *cookie).await,
            Operation::GenerateCodes(user) => self.generate_codes(*user).await,
            Operation::Import(user, seed) => self.import(*user, *seed).await,
            Operation::SetEnabled(endpoint, enabled) => self.set_enabled(*endpoint, *enabled).await,
            Operation::Ask(user) => self.ask(*user).await,
            Operation::ReadStatus(user) => self.status(*user).await,
            Operation::Reset(user) => self.reset(*user).await,
            Operation::Erase(user) => self.erase(*user).await,
            Operation::RevokeDevices(user) => self.revoke_devices(*user).await,
            Operation::List(user, limit) => self.list(*user, *limit).await,
            Operation::LookIntoOutbox => self.look_into_outbox().await,
            Operation::Attempt(entry, ends) => self.attempt(*entry, *ends).await,
            // Without a limit, because stores may choose different expired records under a limit.
            Operation::Sweep => Ok(format!("{} swept", self.challenges.sweep(usize::MAX).await?)),
            Operation::ReadFailures(user, factor) => {
                let failures = self.challenges.account(&user.owner()?).failures(*factor).await?;
                Ok(format!("{failures} failures"))
            }
            Operation::ResetFactor(user, factor) => {
                self.challenges.account(&user.owner()?).reset_factor(&administrator(), *factor).await?;
                Ok("reset".to_owned())
            }
        }
    }

    /// Builds a new service on the same store, with different entropy.
    async fn restart(&mut self) -> Result<(), Mismatch> {
        let seed = self.seed.wrapping_add(self.starts << 48);
        self.starts += 1;
        self.challenges = build(self.origin, self.service, &self.store, &self.clock, &self.observed, seed).await?;
        Ok(())
    }

    /// Returns every record by kind, in list order.
    pub(super) async fn records(&self) -> Result<Vec<Stored>, Mismatch> {
        let mut records = Vec::new();
        for kind in Kind::ALL {
            let mut after = None;
            loop {
                let page = self.store.list(kind, None, after, PAGE).await;
                let page = page.map_err(|source| Mismatch::Read { store: self.origin.name.clone(), source })?;
                let is_last = page.len() < PAGE;
                after = page.last().map(|last| last.record.key.id);
                records.extend(page);
                // A list without end is still reported as a difference.
                if is_last || records.len() > MOST_RECORDS {
                    break;
                }
            }
        }
        Ok(records)
    }
}

async fn build(
    origin: &Origin,
    service: &Service,
    store: &Arc<dyn Store>,
    clock: &FakeClock,
    observed: &Arc<Observed>,
    seed: u64,
) -> Result<Challenges, Mismatch> {
    let failed = |source| Mismatch::Build { store: origin.name.clone(), source };
    let builder = service(Challenges::builder(Arc::clone(store), key_ring()));
    let builder = builder.clock(clock.clone()).entropy(SeededEntropy::new(seed)).observer(Arc::clone(observed));
    let page = "https://login.example.org/answer".parse().map_err(|error| failed(Error::from(error)))?;
    let builder = builder.answer_page(page);
    builder.build().await.map_err(failed)
}

impl User {
    pub(super) fn owner(self) -> Result<Owner, Error> {
        Ok(match self.0 {
            0 => Owner::user("alice")?,
            1 => Owner::in_tenant("other", "alice")?,
            _ => Owner::user("bob")?,
        })
    }
}

/// Returns the first pair of different records.
pub(super) fn first_difference(expected: &[Stored], found: &[Stored]) -> Option<(String, String)> {
    let longest = expected.len().max(found.len());
    let index = (0..longest).find(|index| expected.get(*index) != found.get(*index))?;
    Some((record(expected.get(index)), record(found.get(index))))
}

fn record(stored: Option<&Stored>) -> String {
    let Some(Stored { record, version }) = stored else { return "no further record".to_owned() };
    let body = String::from_utf8_lossy(&record.body);
    format!("{:?}, due {:?}, expires {:?}, version {version:?}: {body}", record.key, record.due, record.expires)
}

/// Formats all public properties of a challenge.
pub(super) fn shown(challenge: &Challenge, now: Timestamp) -> String {
    let parts: [&dyn Debug; 14] = [
        &challenge.id(),
        &challenge.owner(),
        &challenge.state(),
        &challenge.state_at(now),
        &challenge.types(),
        &challenge.created(),
        &challenge.updated(),
        &challenge.expires(),
        &challenge.send_now(),
        &challenge.response_uri(),
        &challenge.endpoints(),
        &challenge.public_challenge(),
        &challenge.answered_at(),
        &challenge.wrong_answers(),
    ];
    format!("{parts:?}")
}

pub(super) fn concluded(answered: &Decision, now: Timestamp) -> String {
    let challenge = shown(answered.challenge(), now);
    let Decision::Passed(passed) = answered else { return format!("declined {challenge}") };
    let data = passed.answer_data().map(challenges_core::AnswerData::expose);
    format!("passed {:?} {:?} {:?} {data:?} {challenge}", passed.kind(), passed.actor(), passed.credential())
}
