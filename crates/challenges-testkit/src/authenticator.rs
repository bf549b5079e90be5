use challenges_core::Timestamp;
use totp_rs::{Builder, Secret, Totp};

/// A TOTP authenticator app (RFC 6238): SHA-1, six digits, time steps of 30 seconds.
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
    /// Creates an authenticator from a base32 key. Returns `None` for an invalid key or a key below 128 bits.
    #[must_use]
    pub fn new(base32: &str) -> Option<Self> {
        let key = Secret::try_from_base32(base32).ok()?;
        Builder::new().with_secret(key).build().ok().map(Self)
    }

    /// Returns the code for the given time.
    #[must_use]
    pub fn code(&self, now: Timestamp) -> String {
        self.0.generate(now.as_seconds()).to_string()
    }

    /// Returns a well-formed code that is wrong for two time steps before and after the given time.
    ///
    /// Different values of `variation` give different codes, with rare exceptions.
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
