use std::fmt;
use std::time::Duration;

use challenges_core::Timestamp;

use crate::OpenError;
use crate::client::Client;

/// The oldest supported Redis version.
const OLDEST: [u64; 2] = [6, 2];

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

    fn add(&mut self, finding: Finding) {
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

/// Reads the clock of every primary.
pub(crate) async fn clocks(client: &Client) -> Result<Vec<Timestamp>, OpenError> {
    let answers = client.ask_primaries(redis::cmd("TIME")).await.map_err(OpenError::of)?;
    let clock = |answer| {
        let (seconds, micros): (u64, u64) = redis::from_redis_value(answer)?;
        Ok(Timestamp::from_seconds(seconds).after(Duration::from_micros(micros)))
    };
    answers
        .into_iter()
        .map(clock)
        .collect::<Result<_, redis::ParsingError>>()
        .map_err(|error| OpenError::of(error.into()))
}

/// Checks every primary, and refuses or warns.
pub(crate) async fn check(client: &Client, check: ServerCheck) -> Result<Findings, OpenError> {
    let findings = inspect(client).await?;
    let refused = match check {
        ServerCheck::Strict => !findings.0.is_empty(),
        ServerCheck::Safe => findings.0.iter().any(Finding::is_unsafe),
        ServerCheck::Warn => false,
    };
    if refused {
        return Err(OpenError::Unsafe(findings));
    }
    for finding in findings.as_slice() {
        tracing::warn!("the Redis server may lose records: {finding}");
    }
    Ok(findings)
}

async fn inspect(client: &Client) -> Result<Findings, OpenError> {
    let mut findings = Findings::default();
    let answers = match client.ask_primaries(redis::cmd("INFO")).await {
        Ok(answers) => answers,
        // INFO was renamed or disabled, or the user may not run it.
        Err(error) if matches!(error.code(), Some("NOPERM" | "ERR")) => {
            findings.add(Finding::Unreadable);
            return Ok(findings);
        }
        Err(error) => return Err(OpenError::of(error)),
    };
    for answer in answers {
        let Ok(info) = redis::from_redis_value::<String>(answer) else {
            findings.add(Finding::Unreadable);
            continue;
        };
        if client.spans_partitions() && line(&info, "cluster_enabled") == Some("1") {
            return Err(OpenError::Cluster);
        }
        inspect_info(&info, &mut findings);
    }
    Ok(findings)
}

fn inspect_info(info: &str, findings: &mut Findings) {
    match line(info, "redis_version") {
        Some(version) if is_too_old(version) => findings.add(Finding::TooOld(version.to_owned())),
        Some(_) => {}
        None => findings.add(Finding::Unreadable),
    }
    if line(info, "role") == Some("slave") {
        findings.add(Finding::Replica);
    }
    match line(info, "maxmemory_policy") {
        Some("noeviction") => {}
        Some(policy) if policy.starts_with("volatile-") => findings.add(Finding::EvictsExpiring(policy.to_owned())),
        Some(policy) => findings.add(Finding::Evicts(policy.to_owned())),
        None => findings.add(Finding::Unreadable),
    }
    match line(info, "aof_enabled") {
        Some("1") => {}
        Some(_) => findings.add(Finding::NotDurable),
        None => findings.add(Finding::Unreadable),
    }
}

fn line<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
}

fn is_too_old(version: &str) -> bool {
    let mut numbers = version.split('.').map(|number| number.parse::<u64>().unwrap_or_default());
    [numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default()] < OLDEST
}

#[cfg(test)]
mod tests;
