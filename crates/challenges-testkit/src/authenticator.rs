use challenges_core::Timestamp;
use totp_rs::{Builder, Secret, Totp};

/// What an authenticator app does: TOTP (RFC 6238) with SHA-1, six digits and steps of 30 seconds, over the key that it
/// was given.
///
/// # Examples
///
/// ```
/// use challenges_core::Timestamp;
/// use challenges_testkit::Authenticator;
///
/// // RFC 6238, appendix B: the key is the ASCII text 12345678901234567890.
/// let app = Authenticator::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
/// assert_eq!(app.code(Timestamp::from_seconds(59)), "287082");
/// ```
#[derive(Clone)]
pub struct Authenticator(Totp);

impl Authenticator {
    /// An authenticator that holds that key, in base32; `None` when it is no key of at least 128 bits.
    #[must_use]
    pub fn new(base32: &str) -> Option<Self> {
        let key = Secret::try_from_base32(base32).ok()?;
        Builder::new().with_secret(key).build().ok().map(Self)
    }

    /// The code that it shows at that time.
    #[must_use]
    pub fn code(&self, now: Timestamp) -> String {
        self.0.generate(now.as_seconds()).to_string()
    }

    /// A well-formed code that it does not show within two steps of that time; another one for each `variation`, as
    /// good as always.
    #[must_use]
    pub fn wrong_code(&self, now: Timestamp, variation: u32) -> String {
        let start = now.as_seconds().saturating_sub(60);
        let around: Vec<_> = (0..=4).map(|step| self.code(Timestamp::from_seconds(start + step * 30))).collect();
        let mut candidates = (0..).map(|more: u32| format!("{:06}", variation.wrapping_add(more) % 1_000_000));
        candidates.find(|code| !around.contains(code)).unwrap_or_default()
    }
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authenticator([redacted])")
    }
}
