use std::fmt;

/// The oldest supported Redis version.
pub(crate) const OLDEST: [u64; 2] = [6, 2];

/// The reaction to a server configuration that endangers records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerCheck {
    /// Refuses to open on any [`Finding`].
    Strict,
    /// Refuses to open on a finding that breaks the store contract, and warns of others. See [`Finding::is_unsafe`].
    #[default]
    Safe,
    /// Opens despite any finding, and warns.
    Warn,
}

/// A server property that endangers records.
///
/// Warnings are logged through [`tracing`] and returned by [`RedisStore::findings`](crate::RedisStore::findings).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The server version is below 6.2.
    TooOld(String),
    /// The server is a replica, which refuses writes and may serve stale reads.
    Replica,
    /// The `maxmemory-policy` evicts any key when memory is full, used codes included.
    Evicts(String),
    /// The `maxmemory-policy` evicts keys with a TTL when memory is full. The keys of the store have no TTL, so other
    /// users of the server are affected.
    EvictsExpiring(String),
    /// The server writes no append-only file, so a crash loses acknowledged commits.
    NotDurable,
    /// `INFO` is unavailable or incomplete, so some checks were skipped.
    Unreadable,
}

impl Finding {
    /// Returns true if [`ServerCheck::Safe`] refuses this finding.
    #[must_use]
    pub const fn is_unsafe(&self) -> bool {
        matches!(self, Self::TooOld(_) | Self::Replica | Self::Evicts(_))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor] = OLDEST;
        match self {
            Self::TooOld(version) => {
                write!(f, "version {version} is older than {major}.{minor}: upgrade Redis")
            }
            Self::Replica => {
                f.write_str("the server is a replica: use the URL of the primary, the sentinels or the cluster")
            }
            Self::Evicts(policy) => {
                write!(f, "maxmemory-policy {policy} evicts live records: set maxmemory-policy noeviction")
            }
            Self::EvictsExpiring(policy) => {
                write!(
                    f,
                    "maxmemory-policy {policy} evicts keys of other applications: set maxmemory-policy noeviction"
                )
            }
            Self::NotDurable => {
                f.write_str("without an append-only file a crash loses acknowledged records: set appendonly yes")
            }
            Self::Unreadable => {
                f.write_str("INFO is not available to this user, so the server was not fully checked: grant +info")
            }
        }
    }
}

/// The findings of a server check, over all primaries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Returns the findings.
    #[must_use]
    pub fn as_slice(&self) -> &[Finding] {
        &self.0
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        if !self.0.contains(&finding) {
            self.0.push(finding);
        }
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{finding}")?;
        }
        Ok(())
    }
}
