use std::fmt;

use challenges_core::Timestamp;

use crate::OpenError;
use crate::client::Client;
use crate::schema::SchemaName;

/// The oldest supported version, in the form of `server_version_num`.
const OLDEST: u32 = 13_00_00;

/// The reaction to a server configuration that endangers records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerCheck {
    /// Refuses to open on any [`Finding`].
    Strict,
    /// Refuses to open on a finding that breaks the store contract, and warns of others. See [`Finding::is_unsafe`].
    #[default]
    Safe,
    /// Opens despite any finding except [`Finding::NoLock`], and warns.
    Warn,
}

/// A server property that endangers records.
///
/// Warnings are logged through [`tracing`] and returned by [`PostgresStore::findings`](crate::PostgresStore::findings).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The server version is below 13.
    TooOld(String),
    /// The server is a standby, which refuses writes and may serve stale reads.
    Standby,
    /// New transactions are read-only.
    ReadOnly,
    /// The default isolation level of this role is not `READ COMMITTED`, so every commit fails.
    Isolation(String),
    /// An advisory lock does not exclude another connection, so two commits may apply the same answer. Always refused.
    NoLock,
    /// `fsync` is off, so a crash of the machine loses or damages records.
    NoFsync,
    /// `full_page_writes` is off, so a crash of the machine may damage records.
    TornPages,
    /// `synchronous_commit` is `off`, `local` or `remote_write`. Commits of the store override `off`. With the other
    /// two, a failover may lose commits.
    SynchronousCommit(String),
    /// Connections over the network are not encrypted, or only if the server offers TLS. Anybody in the network can
    /// then read and change every record. Found only for URLs and pools of sqlx.
    NoTls,
}

impl Finding {
    /// Returns true if [`ServerCheck::Safe`] refuses this finding.
    #[must_use]
    pub const fn is_unsafe(&self) -> bool {
        match self {
            Self::TooOld(_) | Self::Standby | Self::ReadOnly | Self::Isolation(_) | Self::NoLock | Self::NoFsync => {
                true
            }
            Self::TornPages | Self::SynchronousCommit(_) | Self::NoTls => false,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooOld(version) => write!(f, "version {version} is older than 13: upgrade PostgreSQL"),
            Self::Standby => f.write_str(
                "the server is a standby: use the primary, or several hosts with target_session_attrs=read-write",
            ),
            Self::ReadOnly => f.write_str("new transactions are read-only: unset default_transaction_read_only"),
            Self::Isolation(level) => {
                write!(f, "the default isolation level is {level}: set default_transaction_isolation to read committed")
            }
            Self::NoLock => f.write_str("an advisory lock does not exclude another connection: use PostgreSQL itself"),
            Self::NoFsync => f.write_str("a crash of the machine loses records: set fsync to on"),
            Self::TornPages => f.write_str("a crash of the machine may damage records: set full_page_writes to on"),
            Self::SynchronousCommit(value) => {
                write!(f, "synchronous_commit is {value}: set it to on, so that no failover loses commits")
            }
            Self::NoTls => f.write_str("the connections may be unencrypted: add sslmode=require to the URL"),
        }
    }
}

/// The findings of a server check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Returns the findings.
    #[must_use]
    pub fn as_slice(&self) -> &[Finding] {
        &self.0
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

const SETTINGS: &str = "SELECT current_setting('server_version_num', true), pg_is_in_recovery(),
    current_setting('default_transaction_read_only', true), current_setting('default_transaction_isolation', true),
    current_setting('fsync', true), current_setting('full_page_writes', true),
    current_setting('synchronous_commit', true)";

/// Reads the clock of the server, in milliseconds since the Unix epoch.
pub(crate) const CLOCK: &str = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/// Returns the time in the rows of [`CLOCK`].
pub(crate) fn clock(rows: &[Vec<Option<String>>]) -> Timestamp {
    let cell = rows.first().and_then(|row| row.first()).and_then(Option::as_deref);
    Timestamp::from_millis(cell.and_then(|millis| millis.parse().ok()).unwrap_or_default())
}

/// Checks the server, and refuses or warns.
pub(crate) async fn check(client: &Client, schema: &SchemaName, check: ServerCheck) -> Result<Findings, OpenError> {
    let rows = client.text(SETTINGS).await.map_err(OpenError::of)?;
    let mut findings = Findings(settings(rows.first().map_or(&[], Vec::as_slice)));
    // On a standby the lock proves nothing: it excludes no session of the primary, and a standby refuses all writes.
    if !excludes(client, schema).await? {
        findings.0.push(Finding::NoLock);
    }
    if client.may_be_plain() {
        findings.0.push(Finding::NoTls);
    }
    let refused = match check {
        ServerCheck::Strict => !findings.0.is_empty(),
        ServerCheck::Safe => findings.0.iter().any(Finding::is_unsafe),
        ServerCheck::Warn => findings.0.contains(&Finding::NoLock),
    };
    if refused {
        return Err(OpenError::Unsafe(findings));
    }
    for finding in findings.as_slice() {
        tracing::warn!("PostgreSQL endangers records: {finding}");
    }
    Ok(findings)
}

fn settings(row: &[Option<String>]) -> Vec<Finding> {
    let cell = |index: usize| row.get(index).and_then(Option::as_deref).unwrap_or_default();
    let mut findings = Vec::new();
    if cell(0).parse::<u32>().is_ok_and(|version| version < OLDEST) {
        findings.push(Finding::TooOld(cell(0).to_owned()));
    }
    if matches!(cell(1), "t" | "true") {
        findings.push(Finding::Standby);
    }
    if cell(2) == "on" {
        findings.push(Finding::ReadOnly);
    }
    if cell(3) != "read committed" {
        findings.push(Finding::Isolation(cell(3).to_owned()));
    }
    if cell(4) == "off" {
        findings.push(Finding::NoFsync);
    }
    if cell(5) == "off" {
        findings.push(Finding::TornPages);
    }
    if matches!(cell(6), "off" | "local" | "remote_write") {
        findings.push(Finding::SynchronousCommit(cell(6).to_owned()));
    }
    findings
}

/// Holds a lock on a connection, and tries the same lock on another one.
async fn excludes(client: &Client, schema: &SchemaName) -> Result<bool, OpenError> {
    // Several stores may open at the same time, and each must hold a lock that no other one tries.
    let probe = std::process::id() ^ std::time::UNIX_EPOCH.elapsed().map_or(0, |time| time.subsec_nanos());
    let key = format!("hashtext('challenges/{}/probe'), {}", schema.as_str(), probe.cast_signed());
    let hold = format!("SELECT pg_advisory_xact_lock({key})");
    let rows =
        client.beside(&hold, &format!("SELECT pg_try_advisory_xact_lock({key})")).await.map_err(OpenError::of)?;
    Ok(rows.first().and_then(|row| row.first()).and_then(Option::as_deref) == Some("f"))
}
