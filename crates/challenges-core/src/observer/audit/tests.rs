#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use strum::EnumCount as _;

use crate::challenge_type::{ChallengeType, ChallengeTypes};
use crate::error::{Error, Refused, Rejected, StepUpRefused};
use crate::factor::Factor;
use crate::failure::{Failure, Retry};
use crate::id::{ChallengeId, DeviceId, EndpointId, EnrollmentId, Id, OutboxId};
use crate::keyring::SealError;
use crate::observer::{DropReason, Observation};
use crate::owner::Owner;
use crate::policy::SendLimit;
use crate::purpose::Purpose;
use crate::reseal_report::ResealReport;
use crate::state::{Outcome, State};
use crate::store::{Key, Kind};
use crate::time::Timestamp;

/// The audit log of one observation of each kind. `USER`, `CHALLENGE` and `ID` stand for the fields of these names.
const LOG: &str = r#"
{"event":"challenge_created","kind":"several","reason":"issued",USER,CHALLENGE}
{"event":"challenges_capped","warning":true,USER}
{"event":"challenge_moved","kind":"one_time_use_action","reason":"passed",USER,CHALLENGE}
{"event":"challenge_deleted",USER,CHALLENGE}
{"event":"challenge_exhausted","kind":"several","warning":true,USER,CHALLENGE}
{"event":"answer_refused","reason":"delayed",USER,CHALLENGE}
{"event":"answer_undecided","reason":"seal","warning":true,CHALLENGE,SEAL_ERROR}
{"event":"assertion_rejected","kind":"webauthn","reason":"sign_count","warning":true,USER,CHALLENGE,ID}
{"event":"enrollment_created","kind":"totp",USER,ID}
{"event":"enrollment_completed","kind":"totp",USER,ID}
{"event":"enrollment_answer_wrong","kind":"totp",USER,ID}
{"event":"enrollment_answer_refused","reason":"repeated",USER,ID}
{"event":"enrollment_answer_undecided","reason":"not_found",USER,ID,NOT_FOUND}
{"event":"enrollment_deleted","kind":"totp",USER,ID}
{"event":"endpoint_registered","kind":"sms",USER,ID}
{"event":"endpoint_code_sent","kind":"sms",USER,ID}
{"event":"endpoint_confirmed","kind":"sms",USER,ID}
{"event":"endpoint_answer_wrong","kind":"sms",USER,ID}
{"event":"endpoint_answer_refused","reason":"timed_out",USER,ID}
{"event":"endpoint_answer_undecided","reason":"not_found",USER,ID,NOT_FOUND}
{"event":"endpoint_switched","kind":"sms","reason":"disabled",USER,ID}
{"event":"endpoint_deleted",USER,ID}
{"event":"endpoint_taken_over",USER,ID}
{"event":"endpoint_gone",USER,ID}
{"event":"outbox_performed",USER,CHALLENGE,ID}
{"event":"outbox_retried",USER,CHALLENGE,ID,"detail":"no route to host"}
{"event":"outbox_dead_lettered","warning":true,USER,ID,"detail":"no route to host"}
{"event":"outbox_dropped","reason":"superseded",USER,CHALLENGE,ID}
{"event":"outbox_unreadable","reason":"seal","warning":true,ID,SEAL_ERROR}
{"event":"record_untrusted","kind":"totp_enrollment","reason":"forged","warning":true,ID,FORGED}
{"event":"send_limited","reason":"total","warning":true,USER,"detail":"again in 60 s"}
{"event":"dead_letter_retried",ID}
{"event":"dead_letter_discarded",ID}
{"event":"factor_delayed","kind":"totp","warning":true,USER,"detail":"until 1700000030 s after the epoch"}
{"event":"factor_disabled","kind":"code","warning":true,USER}
{"event":"factor_reset","kind":"confirmation",USER}
{"event":"administrator_acted",USER,"detail":"eve: case 4711"}
{"event":"recovery_code_used","reason":"few_left",USER,CHALLENGE,"detail":"2 left"}
{"event":"recovery_codes_changed","reason":"generated",USER,"detail":"10 left"}
{"event":"trusted_device_added",USER,ID}
{"event":"trusted_device_used",USER,ID,"detail":"for transfer"}
{"event":"trusted_device_refused","reason":"factors_changed",USER,"detail":"for transfer"}
{"event":"trusted_device_stolen","warning":true,USER,ID}
{"event":"trusted_device_revoked",USER,ID}
{"event":"step_up_granted","kind":"totp",USER,CHALLENGE}
{"event":"step_up_used","kind":"totp",USER,CHALLENGE}
{"event":"step_up_refused","reason":"too_old",USER,"detail":"for transfer"}
{"event":"account_erased","detail":"12"}
{"event":"swept","detail":"42"}
{"event":"resealed","reason":"left","warning":true,"detail":"2 of 5 sealed again, 1 skipped, 1 unreadable"}
{"event":"upkeep_failed","reason":"seal","warning":true,SEAL_ERROR}
"#;

/// The values that observations refer to.
struct Values {
    owner: Owner,
    types: ChallengeTypes,
    purpose: Purpose,
    not_found: Error,
    seal_error: Error,
    forged: SealError,
    failure: Failure,
    report: ResealReport,
    id: Id,
}

impl Values {
    fn new() -> Self {
        let id = Id::new(Timestamp::from_seconds(1_700_000_000), 7, 1);
        Self {
            owner: Owner::in_tenant("acme", "alice").unwrap(),
            types: [ChallengeType::Code, ChallengeType::Sms].try_into().unwrap(),
            purpose: Purpose::new("transfer").unwrap(),
            not_found: Error::NotFound,
            seal_error: SealError::UnknownKey("k1".to_owned()).into(),
            forged: SealError::ForgedRecord,
            failure: Failure::new(Retry::Never, "no route to host").with_status(503),
            report: ResealReport {
                looked_at: 5,
                resealed: 2,
                skipped: 1,
                unreadable: vec![(Key::new(Kind::Salt, id), Error::NotFound)],
                ..ResealReport::default()
            },
            id,
        }
    }

    fn challenge_observations(&self) -> Vec<Observation<'_>> {
        let Self { owner, purpose, .. } = self;
        let (challenge, device) = (ChallengeId(self.id), DeviceId(self.id));
        let (types, age) = (Some(&self.types), Duration::from_secs(5));
        let kind = ChallengeType::Totp;
        vec![
            Observation::ChallengeCreated { challenge, owner, types, state: State::Issued },
            Observation::ChallengesCapped { owner },
            Observation::ChallengeMoved { challenge, owner, types: None, outcome: Outcome::Passed, age },
            Observation::ChallengeDeleted { challenge, owner },
            Observation::ChallengeExhausted { challenge, owner, types },
            Observation::AnswerRefused { challenge, owner, reason: Refused::Delayed },
            Observation::AnswerUndecided { challenge, error: &self.seal_error },
            Observation::AssertionRejected {
                challenge,
                owner,
                enrollment: EnrollmentId(self.id),
                reason: Rejected::SignCount,
            },
            Observation::RecoveryCodeUsed { challenge, owner, left: 2 },
            Observation::RecoveryCodesChanged { owner, left: 10 },
            Observation::TrustedDeviceAdded { device, owner },
            Observation::TrustedDeviceUsed { device, owner, purpose },
            Observation::TrustedDeviceRefused { owner, purpose, reason: StepUpRefused::FactorsChanged },
            Observation::TrustedDeviceStolen { device, owner },
            Observation::TrustedDeviceRevoked { device, owner },
            Observation::StepUpGranted { challenge, owner, purpose, kind },
            Observation::StepUpUsed { challenge, owner, purpose, kind },
            Observation::StepUpRefused { owner, purpose, reason: StepUpRefused::TooOld },
        ]
    }

    fn factor_observations(&self) -> Vec<Observation<'_>> {
        let Self { owner, not_found: error, .. } = self;
        let (enrollment, endpoint) = (EnrollmentId(self.id), EndpointId(self.id));
        let (kind, channel) = (ChallengeType::Totp, ChallengeType::Sms);
        let until = Timestamp::from_seconds(1_700_000_030);
        vec![
            Observation::EnrollmentCreated { enrollment, owner, kind },
            Observation::EnrollmentCompleted { enrollment, owner, kind },
            Observation::EnrollmentAnswerWrong { enrollment, owner, kind, reason: None },
            Observation::EnrollmentAnswerRefused { enrollment, owner, reason: Refused::Repeated },
            Observation::EnrollmentAnswerUndecided { enrollment, owner, error },
            Observation::EnrollmentDeleted { enrollment, owner, kind },
            Observation::EndpointRegistered { endpoint, owner, channel },
            Observation::EndpointCodeSent { endpoint, owner, channel },
            Observation::EndpointConfirmed { endpoint, owner, channel },
            Observation::EndpointAnswerWrong { endpoint, owner, channel },
            Observation::EndpointAnswerRefused { endpoint, owner, reason: Refused::TimedOut },
            Observation::EndpointAnswerUndecided { endpoint, owner, error },
            Observation::EndpointSwitched { endpoint, owner, channel, enabled: false },
            Observation::EndpointDeleted { endpoint, owner },
            Observation::EndpointTakenOver { endpoint, owner },
            Observation::EndpointGone { endpoint, owner },
            Observation::FactorDelayed { owner, factor: Factor::Totp, until },
            Observation::FactorDisabled { owner, factor: Factor::Code },
            Observation::FactorReset { owner, factor: Factor::Confirmation },
            Observation::AdministratorActed { owner, who: "eve", why: "case 4711" },
        ]
    }

    fn outbox_observations(&self) -> Vec<Observation<'_>> {
        let Self { owner, failure, .. } = self;
        let (entry, challenge) = (OutboxId(self.id), Some(ChallengeId(self.id)));
        let due = Timestamp::from_seconds(1_700_000_001);
        vec![
            Observation::OutboxPerformed { entry, owner, challenge, status: Some(200) },
            Observation::OutboxRetried { entry, owner, challenge, failure, due },
            Observation::OutboxDeadLettered { entry, owner, challenge: None, failure: Some(failure) },
            Observation::OutboxDropped { entry, owner, challenge, reason: DropReason::Superseded.into() },
            Observation::OutboxUnreadable { entry, error: &self.seal_error },
            Observation::RecordUntrusted { key: Key::new(Kind::TotpEnrollment, self.id), reason: &self.forged },
            Observation::SendLimited { owner, limit: SendLimit::Total.as_str(), wait: Duration::from_secs(60) },
            Observation::DeadLetterRetried { entry },
            Observation::DeadLetterDiscarded { entry },
            Observation::AccountErased { records: 12 },
            Observation::Swept { records: 42 },
            Observation::Resealed { report: &self.report },
            Observation::UpkeepFailed { error: &self.seal_error, pause: Duration::from_secs(1) },
        ]
    }

    /// Returns each kind of observation once.
    fn observations(&self) -> Vec<Observation<'_>> {
        let groups = [self.challenge_observations(), self.factor_observations(), self.outbox_observations()];
        groups.into_iter().flatten().collect()
    }

    /// Returns a line of the log with the fields filled in.
    fn fill(&self, line: &str) -> String {
        let detail = |error: &Error| format!(r#""detail":"{error}""#);
        line.replace("USER", r#""tenant":"acme","user":"alice""#)
            .replace("CHALLENGE", &format!(r#""challenge":"{}""#, self.id.prefix()))
            .replace("ID", &format!(r#""id":"{}""#, self.id))
            .replace("NOT_FOUND", &detail(&self.not_found))
            .replace("SEAL_ERROR", &detail(&self.seal_error))
            .replace("FORGED", &format!(r#""detail":"{}""#, self.forged))
    }
}

/// R43: the form is part of the interface.
#[test]
fn audit_form_of_every_observation() {
    let values = Values::new();
    let observed: BTreeSet<_> =
        values.observations().iter().map(|event| serde_json::to_string(event).unwrap()).collect();
    let expected: BTreeSet<_> = LOG.trim().lines().map(|line| values.fill(line)).collect();
    assert_eq!(observed, expected);
}

#[test]
fn owner_challenge_and_reason_match_the_form() {
    let values = Values::new();
    let observations = values.observations();
    let events: BTreeSet<_> = observations.iter().map(|observation| observation.labels().event).collect();
    assert_eq!((events.len(), observations.len()), (Observation::COUNT, Observation::COUNT), "each kind once");
    for observation in observations {
        let form = serde_json::to_value(&observation).unwrap();
        let text = |name: &str| form.get(name).and_then(Value::as_str);
        let owner = observation.owner();
        assert_eq!(text("user"), owner.map(Owner::user_id), "{observation:?}");
        assert_eq!(text("tenant"), owner.map(Owner::tenant), "{observation:?}");
        let prefix = observation.challenge().map(|id| id.prefix());
        assert_eq!(text("challenge"), prefix.as_deref(), "{observation:?}");
        assert_eq!(text("reason").unwrap_or_default(), observation.reason(), "{observation:?}");
    }
}

/// A user without a tenant has no field for the tenant.
#[test]
fn empty_tenant_is_left_out() {
    let owner = Owner::user("alice").unwrap();
    let observation = Observation::FactorReset { owner: &owner, factor: Factor::Totp };
    let form = serde_json::to_string(&observation).unwrap();
    assert_eq!(form, r#"{"event":"factor_reset","kind":"totp","user":"alice"}"#);
}
