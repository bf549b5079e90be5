use std::collections::BTreeSet;
use std::time::Duration;

use super::{DispatchPolicy, SendPolicy};
use crate::error::Invalid;
use crate::purpose::Purpose;
use crate::uri::{Origin, ResponseUri};

/// The limits of a service.
///
/// Every default is safe. [`Builder::build`](crate::Builder::build) refuses values outside of the documented ranges.
/// The presets [`Policy::nist_800_63b`] and [`Policy::asvs_l2`] start from stricter values.
///
/// "Serves R7" names a requirement of `.github/REQUIREMENTS.md` in the repository. The doc comments of the tests for
/// this requirement name `R7` in the first line.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use challenges_core::policy::Policy;
///
/// let mut policy = Policy::nist_800_63b();
/// policy.default_timeout = Duration::from_secs(120);
/// policy.endpoints = 4;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Policy {
    /// The number of wrong guessable answers after which a challenge takes no more of the same class: 1 to 100. The
    /// classes are TOTP codes, short codes of `code` challenges, of text messages and of e-mails, numbers of number
    /// matching, and recovery codes, each counted apart. Default 5. Serves R5 and R7.
    pub guesses_per_challenge: u32,
    /// The number of wrong 128-bit secrets, and of wrong assertions, after which a challenge takes no more of the same
    /// class: 1 to 1,000. Default 100. Serves R5.
    pub secrets_per_challenge: u32,
    /// The number of consecutive failures per user and guessable factor that starts the delays: 1 to 100. Default 6.
    /// Serves R4 and R7 (NIST SP 800-63B-4 section 3.2.2).
    pub failures_before_delay: u32,
    /// The first delay, doubled with each further failure: at least 1 second. Default 30 seconds. Serves R8 (ASVS 5.0.0
    /// 6.1.1).
    pub first_delay: Duration,
    /// The longest delay: at least the first, at most 1 day. Default 1 hour. Serves R8: nobody can lock out another
    /// person forever.
    pub longest_delay: Duration,
    /// The number of consecutive failures that disables a factor of a user until an administrator resets the factor: 1
    /// to 100 (NIST SP 800-63B-4 section 3.2.2). Default 100. Serves R7.
    pub failures_before_disabled: u32,
    /// The tolerance for TOTP codes: the number of 30-second time steps accepted before and after the current step, 0
    /// to 2 (RFC 6238 section 5.2). Default 1. Serves R17.
    pub totp_skew: u8,
    /// The number of digits of the code of a `code` challenge: 6 to 10, for a person to type. Such a code counts as
    /// guessable. Default `None`: 22 base62 characters, 131 bits, which cannot be guessed. Serves R4 and R30 (ASVS
    /// 5.0.0 6.5.2).
    pub code_digits: Option<u8>,
    /// The number of digits of the short code beside the link in a text message or e-mail: 6 to 8. A person types the
    /// code on the page that started the challenge. Such a code counts as guessable. Default `None`: the link alone.
    /// Serves R4 and R30.
    pub message_code_digits: Option<u8>,
    /// The timeout of a challenge without a timeout in the spec: 1 second to
    /// [`longest_timeout`](Self::longest_timeout). Default 600 seconds. Serves R15.
    pub default_timeout: Duration,
    /// The longest timeout of a challenge: 1 second to 1 day. Default 1 day; the presets have 10 minutes. Serves R15
    /// (NIST SP 800-63B-4 section 3.1.3.2, ASVS 5.0.0 6.5.5).
    pub longest_timeout: Duration,
    /// The time for completing an enrollment, or confirming an address: 1 second to 1 day. Default 1 hour. Serves
    /// R40 (ASVS 5.0.0 6.5.6).
    pub pending_enrollment: Duration,
    /// The lifetime of the confirmation code of an address: 1 minute to 1 hour. Default 10 minutes. Serves R15
    /// (ASVS 5.0.0 6.5.5).
    pub confirmation: Duration,
    /// The time a record stays readable after the end or expiry: at least 1 minute, more than the clocks of processes
    /// may differ. Default 1 day. Serves R16: an ended record stays known as ended.
    pub retention: Duration,
    /// The pause between two sweeps of `Challenges::spawn_upkeep`, of the feature `tokio`: 1 second to 1 day. Default 1
    /// minute.
    pub sweep_interval: Duration,
    /// The number of open challenges per user, one-time-use actions included: 1 to 10,000. Default 256. A challenge
    /// counts until passed, declined, deleted or timed out. A failed challenge counts until the timeout. Each open
    /// challenge adds 14 bytes to the record of the user's counters. Serves R65.
    pub open_challenges: usize,
    /// The number of actors of a one-time-use action; 0 disables these actions. Default 16. Serves R58
    /// (ASVS 5.0.0 15.3.5).
    pub actors: usize,
    /// The number of HTTP actions of an outcome. Default 16. Serves R58.
    pub actions: usize,
    /// The number of endpoints of a challenge; with 0 no challenge can name any, so nobody is asked for a passkey.
    /// Default 16. Serves R58.
    pub challenge_endpoints: usize,
    /// The number of enrollments of a type per user, pending ones included: at least 1. Default 8. At the cap, a new
    /// enrollment replaces the oldest pending enrollment. Serves R58.
    pub enrollments: usize,
    /// The number of phone numbers, of e-mail addresses, and of push subscriptions, per user; with 0 nobody can add
    /// any. Default 16 of each. Serves R34.
    pub endpoints: usize,
    /// The number of recovery codes generated for a user: 8 to 16. Default 10. Serves R68.
    pub recovery_codes: usize,
    /// The purposes for which a [trusted device](crate::devices) stands for the second factor, such as `login`. Default
    /// none. Leave out purposes that change factors or show secrets. Serves R70.
    pub trusted_purposes: Vec<Purpose>,
    /// The time for which a device is trusted after the challenge was passed: 1 minute to 30 days. Default 30 days.
    /// Serves R70.
    pub trusted_device_age: Duration,
    /// The time without a use after which a device is no longer trusted: 1 minute to 30 days. Default 14 days. Serves
    /// R70.
    pub trusted_device_idle: Duration,
    /// The time after a passed challenge for changing the user's factors: 1 second to 1 day. Default 5 minutes. Serves
    /// R67 (ASVS 5.0.0 7.5.3).
    pub grant_age: Duration,
    /// `true` if a factor is removed or disabled, and recovery codes are replaced or deleted, only after a challenge
    /// passed by another type. Users who have only one type of factor then need recovery codes, or an administrator.
    /// Default `false`. Serves R67.
    pub replace_by_other_factor: bool,
    /// `true` if users may remove their last completed factor. The next change then needs no challenge. Administrators
    /// may always. Default `false`. Serves R69.
    ///
    /// Factors that cannot answer now count too: a disabled address, and a passkey of a relying party that the service no
    /// longer has. A user who keeps only these needs support.
    pub remove_last_factor: bool,
    /// `true` if the courier also receives each notice of a change as
    /// [`Errand::Notice`](crate::outbox::Errand::Notice), for messages of the host to users without a confirmed
    /// address. These notices are not limited. Default `false`.
    ///
    /// A dispatcher must run, and the courier must handle the errand. `Delivery` of `challenges-delivery` refuses it.
    pub notify_host: bool,
    /// The size of answer data as JSON text, in bytes. Default 16 KiB. Serves R58.
    pub answer_data: usize,
    /// `true` if an assertion is refused when the signature counter did not grow (WebAuthn section 7.2 step 22): the
    /// credential may have been copied. Otherwise the assertion is accepted, and counting continues from the new
    /// counter. Both are observed as
    /// [`Observation::AssertionRejected`](crate::observer::Observation::AssertionRejected). A counter that stays zero
    /// is not a fault. Default `true`. Serves R50.
    pub refuse_stale_sign_count: bool,
    /// `true` if every message asks for the number shown on the page that started the challenge, so that nobody
    /// approves a challenge started by another person (NIST SP 800-63B-4 section 3.1.3). Default `false`; a single
    /// challenge can set [`ChallengeSpec::with_number_match`](crate::ChallengeSpec::with_number_match). Serves R21.
    pub number_match: bool,
    /// The origins of answer pages: an exact list. Default none. Serves R35.
    pub response_origins: BTreeSet<Origin>,
    /// `true` if a `response_uri` may also have any https origin. Anybody who can create challenges can then send the
    /// secrets of the links anywhere. Default `false`. Serves R35.
    pub any_https_response_origin: bool,
    /// The sending of messages and actions: leases, attempts and retries. Serves R52 and R53.
    pub dispatch: DispatchPolicy,
    /// The rate limits of messages: per user, per address, and in total. Serves R19, R20 and R62 (ASVS 5.0.0 6.6.4).
    pub sends: SendPolicy,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            guesses_per_challenge: 5,
            secrets_per_challenge: 100,
            failures_before_delay: 6,
            first_delay: Duration::from_secs(30),
            longest_delay: Duration::from_secs(3_600),
            failures_before_disabled: 100,
            totp_skew: 1,
            code_digits: None,
            message_code_digits: None,
            default_timeout: Duration::from_secs(600),
            longest_timeout: Duration::from_secs(86_400),
            pending_enrollment: Duration::from_secs(3_600),
            confirmation: Duration::from_secs(600),
            retention: Duration::from_secs(86_400),
            sweep_interval: Duration::from_secs(60),
            open_challenges: 256,
            actors: 16,
            actions: 16,
            challenge_endpoints: 16,
            enrollments: 8,
            endpoints: 16,
            recovery_codes: 10,
            trusted_purposes: Vec::new(),
            trusted_device_age: Duration::from_secs(30 * 86_400),
            trusted_device_idle: Duration::from_secs(14 * 86_400),
            grant_age: Duration::from_secs(300),
            replace_by_other_factor: false,
            remove_last_factor: false,
            notify_host: false,
            answer_data: 16 * 1024,
            refuse_stale_sign_count: true,
            number_match: false,
            response_origins: BTreeSet::new(),
            any_https_response_origin: false,
            dispatch: DispatchPolicy::default(),
            sends: SendPolicy::default(),
        }
    }
}

impl Policy {
    /// Returns the defaults, tightened to NIST SP 800-63B-4: timeouts of at most 10 minutes (section 3.1.3.2), and
    /// number matching for every message (section 3.1.3).
    #[must_use]
    pub fn nist_800_63b() -> Self {
        Self { longest_timeout: Duration::from_secs(600), number_match: true, ..Self::default() }
    }

    /// Returns the defaults, tightened to level 2 of OWASP ASVS 5.0.0, 6.5.5: timeouts of at most 10 minutes, and TOTP
    /// codes valid within their own 30 seconds only.
    ///
    /// If the clocks of your users are off, set [`Policy::totp_skew`] back to 1. This departs from the standard.
    #[must_use]
    pub fn asvs_l2() -> Self {
        Self { longest_timeout: Duration::from_secs(600), totp_skew: 0, ..Self::default() }
    }

    /// Checks the origin of a `response_uri`.
    pub(crate) fn allow_response(&self, uri: &ResponseUri) -> Result<(), Invalid> {
        let any = self.any_https_response_origin && uri.is_https();
        if any || self.response_origins.contains(uri.origin()) { Ok(()) } else { Err(Invalid::ResponseOrigin) }
    }

    pub(crate) const fn code_is_guessable(&self) -> bool {
        self.code_digits.is_some()
    }

    /// Returns the delay of answers after a number of consecutive failures.
    pub(crate) fn delay(&self, failures: u32) -> Duration {
        let Some(doublings) = failures.checked_sub(self.failures_before_delay) else { return Duration::ZERO };
        self.first_delay.saturating_mul(2_u32.saturating_pow(doublings)).min(self.longest_delay)
    }

    /// Returns the time without a failure after which the delays of [`Factor::Code`](crate::Factor::Code) start again:
    /// the longest delay for each failure until the factor is disabled, so that a pause never admits more guesses than
    /// the longest delay does.
    pub(crate) const fn pause_before_short_delays(&self) -> Duration {
        self.longest_delay.saturating_mul(self.failures_before_disabled)
    }
}
