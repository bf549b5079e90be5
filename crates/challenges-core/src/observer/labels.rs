use super::Observation;
use crate::challenge::{Challenge, Outcome, Refused};
use crate::enrollment::Enrollment;
use crate::error::Error;
use crate::outbox::{DropReason, OutboxOutcome};
use crate::resealed::Resealed;
use crate::sends::SendLimit;
use crate::step_up::StepUpRefusal;
use crate::webauthn::Rejected;

/// What an observation is counted under. All of them are fixed words, so a metric of them has few series whatever users send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Labels {
    /// What happened. It is never empty.
    pub event: &'static str,
    /// Of what: the type of a challenge (`several` where it offers more than one), enrollment or endpoint, or a factor. It is
    /// empty where there is none.
    pub kind: &'static str,
    /// How it ended, or why. It is empty where the event says all.
    pub reason: &'static str,
    /// Whether somebody should look: locks, possible copies of credentials, dead letters, keys or records that do not open.
    pub warning: bool,
}

const fn labels(event: &'static str, kind: &'static str, reason: &'static str) -> Labels {
    Labels { event, kind, reason, warning: false }
}

const fn warning(event: &'static str, kind: &'static str, reason: &'static str) -> Labels {
    Labels { event, kind, reason, warning: true }
}

impl Observation<'_> {
    /// What it is counted under. The words stay the same over releases; new ones may be added.
    #[must_use]
    pub fn labels(&self) -> Labels {
        match self {
            Self::ChallengeCreated(challenge) => {
                labels("challenge_created", kind(challenge), challenge.state().as_str())
            }
            Self::ChallengeMoved(challenge, result) => labels("challenge_moved", kind(challenge), outcome(*result)),
            Self::ChallengeDeleted(_) => labels("challenge_deleted", "", ""),
            Self::ChallengeExhausted(challenge) => warning("challenge_exhausted", kind(challenge), ""),
            Self::AnswerRefused(_, why) => labels("answer_refused", "", refused(*why)),
            Self::AnswerUndecided(_, error) => undecided("answer_undecided", error),
            Self::AssertionFault(_, _, Rejected::SignCount) => warning("assertion_fault", "webauthn", "sign_count"),
            Self::AssertionFault(_, _, step) => labels("assertion_fault", "webauthn", rejected(*step)),
            Self::EnrollmentCreated(enrollment) => labels("enrollment_created", enrolled(*enrollment), ""),
            Self::EnrollmentCompleted(enrollment) => labels("enrollment_completed", enrolled(*enrollment), ""),
            Self::EnrollmentAnswerWrong(enrollment, step) => {
                labels("enrollment_answer_wrong", enrolled(*enrollment), step.map_or("", rejected))
            }
            Self::EnrollmentAnswerRefused(_, why) => labels("enrollment_answer_refused", "", refused(*why)),
            Self::EnrollmentAnswerUndecided(_, error) => undecided("enrollment_answer_undecided", error),
            Self::EnrollmentDeleted(_) => labels("enrollment_deleted", "", ""),
            Self::Outbox { outcome, .. } => outbox(outcome),
            Self::OutboxUnreadable(_, why) => warning("outbox_unreadable", "", error(why)),
            Self::SendLimited { limit: SendLimit::Total, .. } => warning("send_limited", "", "total"),
            Self::SendLimited { limit: SendLimit::User, .. } => labels("send_limited", "", "user"),
            Self::SendLimited { limit: SendLimit::Destination, .. } => labels("send_limited", "", "destination"),
            Self::DeadLetterRetried(_) => labels("dead_letter_retried", "", ""),
            Self::DeadLetterDiscarded(_) => labels("dead_letter_discarded", "", ""),
            Self::EndpointRegistered(endpoint) => labels("endpoint_registered", endpoint.channel().as_str(), ""),
            Self::EndpointCodeSent(endpoint) => labels("endpoint_code_sent", endpoint.channel().as_str(), ""),
            Self::EndpointConfirmed(endpoint) => labels("endpoint_confirmed", endpoint.channel().as_str(), ""),
            Self::EndpointAnswerWrong(endpoint) => labels("endpoint_answer_wrong", endpoint.channel().as_str(), ""),
            Self::EndpointAnswerRefused(_, why) => labels("endpoint_answer_refused", "", refused(*why)),
            Self::EndpointAnswerUndecided(_, error) => undecided("endpoint_answer_undecided", error),
            Self::EndpointSwitched(endpoint) => {
                let now = if endpoint.is_enabled() { "enabled" } else { "disabled" };
                labels("endpoint_switched", endpoint.channel().as_str(), now)
            }
            Self::EndpointDeleted(_) => labels("endpoint_deleted", "", ""),
            Self::EndpointGone(_) => labels("endpoint_gone", "", ""),
            Self::FactorDelayed(_, factor, _) => warning("factor_delayed", factor.as_str(), ""),
            Self::FactorDisabled(_, factor) => warning("factor_disabled", factor.as_str(), ""),
            Self::FactorReset(_, factor) => labels("factor_reset", factor.as_str(), ""),
            Self::StepUpGranted(challenge) => labels("step_up_granted", kind(challenge), ""),
            Self::StepUpUsed(step_up) => labels("step_up_used", step_up.kind().as_str(), ""),
            Self::StepUpRefused(_, _, why @ StepUpRefusal::UnknownKey) => warning("step_up_refused", "", step_up(*why)),
            Self::StepUpRefused(_, _, why) => labels("step_up_refused", "", step_up(*why)),
            Self::Swept(_) => labels("swept", "", ""),
            Self::Resealed(page) => Labels { warning: !page.unopened.is_empty(), ..labels("resealed", "", walk(page)) },
        }
    }
}

/// The one type that a challenge offers.
fn kind(challenge: &Challenge) -> &'static str {
    let mut types = challenge.types().iter();
    let Some(first) = types.next() else { return "" };
    if types.all(|other| other == first) { first.as_str() } else { "several" }
}

const fn enrolled(enrollment: Enrollment<'_>) -> &'static str {
    match enrollment {
        Enrollment::Totp(_) => "totp",
        Enrollment::Webauthn(_) => "webauthn",
    }
}

/// That there is no such record is the caller's doing; anything else is the operator's to look at.
const fn undecided(event: &'static str, why: &Error) -> Labels {
    Labels { event, kind: "", reason: error(why), warning: !matches!(why, Error::NotFound) }
}

const fn outbox(outcome: &OutboxOutcome<'_>) -> Labels {
    match outcome {
        OutboxOutcome::Performed(_) => labels("outbox_performed", "", ""),
        OutboxOutcome::Retried { .. } => labels("outbox_retried", "", ""),
        OutboxOutcome::DeadLettered(_) => warning("outbox_dead_lettered", "", ""),
        OutboxOutcome::Dropped(reason) => labels("outbox_dropped", "", dropped(*reason)),
    }
}

const fn dropped(reason: DropReason) -> &'static str {
    match reason {
        DropReason::ChallengeGone => "challenge_gone",
        DropReason::ChallengeOver => "challenge_over",
        DropReason::Superseded => "superseded",
        DropReason::EndpointGone => "endpoint_gone",
        DropReason::TooLate => "too_late",
    }
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Unchanged => "unchanged",
        Outcome::Replaced => "replaced",
        Outcome::Issued => "issued",
        Outcome::Resent => "resent",
        Outcome::Delivered => "delivered",
        Outcome::Failed => "failed",
        Outcome::Passed => "passed",
        Outcome::Declined => "declined",
        Outcome::Wrong => "wrong",
        Outcome::TimedOut => "timed_out",
    }
}

const fn refused(reason: Refused) -> &'static str {
    match reason {
        Refused::Pending => "pending",
        Refused::AlreadyIssued => "already_issued",
        Refused::Final => "final",
        Refused::TimedOut => "timed_out",
        Refused::Exhausted => "exhausted",
        Refused::TypeNotOffered => "type_not_offered",
        Refused::OtherUser => "other_user",
        Refused::NothingToCompare => "nothing_to_compare",
        Refused::Repeated => "repeated",
        Refused::Delayed => "delayed",
        Refused::FactorDisabled => "factor_disabled",
        Refused::ForeignProof => "foreign_proof",
        Refused::CredentialTaken => "credential_taken",
        Refused::NotReplaceable => "not_replaceable",
    }
}

const fn rejected(step: Rejected) -> &'static str {
    match step {
        Rejected::ClientData => "client_data",
        Rejected::Type => "type",
        Rejected::Challenge => "challenge",
        Rejected::Origin => "origin",
        Rejected::CrossOrigin => "cross_origin",
        Rejected::TopOrigin => "top_origin",
        Rejected::AttestationObject => "attestation_object",
        Rejected::AuthenticatorData => "authenticator_data",
        Rejected::RelyingParty => "relying_party",
        Rejected::UserPresence => "user_presence",
        Rejected::UserVerification => "user_verification",
        Rejected::BackupState => "backup_state",
        Rejected::BackupEligibility => "backup_eligibility",
        Rejected::Algorithm => "algorithm",
        Rejected::PublicKey => "public_key",
        Rejected::Attestation => "attestation",
        Rejected::UntrustedAttestation => "untrusted_attestation",
        Rejected::Aaguid => "aaguid",
        Rejected::CredentialId => "credential_id",
        Rejected::UserHandle => "user_handle",
        Rejected::Signature => "signature",
        Rejected::SignCount => "sign_count",
    }
}

const fn step_up(reason: StepUpRefusal) -> &'static str {
    match reason {
        StepUpRefusal::Forged => "forged",
        StepUpRefusal::UnknownKey => "unknown_key",
        StepUpRefusal::OtherOwner => "other_owner",
        StepUpRefusal::OtherPurpose => "other_purpose",
        StepUpRefusal::TooOld => "too_old",
        StepUpRefusal::FromTheFuture => "from_the_future",
        StepUpRefusal::Used => "used",
        StepUpRefusal::ChallengeGone => "challenge_gone",
    }
}

/// How far a walk is that seals anew.
const fn walk(page: &Resealed) -> &'static str {
    match page.next {
        Some(_) => "page",
        None if page.done => "done",
        None => "left",
    }
}

const fn error(error: &Error) -> &'static str {
    match error {
        Error::NotFound => "not_found",
        Error::AnswerRefused => "answer_refused",
        Error::StepUp(_) => "step_up",
        Error::Invalid(_) => "invalid",
        Error::Store(_) => "store",
        Error::Contended => "contended",
        Error::Clock => "clock",
        Error::Seal(_) => "seal",
        Error::Body(_) => "body",
        Error::Entropy(_) => "entropy",
        Error::Batch(_) => "batch",
    }
}
