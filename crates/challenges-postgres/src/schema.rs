//! The schema, its migrations, and the comparison with the catalog.

mod drift;

pub use drift::Drift;
pub(crate) use drift::{differences, found};

use crate::OpenError;
use crate::client::{Client, SAFE_PATH};

const TABLES: &str = include_str!("sql/tables.sql");
const FUNCTIONS: &str = include_str!("sql/functions.sql");

/// The schema version of this release.
pub(crate) const LATEST: i64 = 1;

const LONGEST_NAME: usize = 48;

/// The validated name of a schema. Needs no quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SchemaName(String);

impl SchemaName {
    pub(crate) fn parse(name: &str) -> Result<Self, OpenError> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let begins_well = name.starts_with(|first: char| first.is_ascii_lowercase()) && !name.starts_with("pg_");
        if name.len() > LONGEST_NAME || !begins_well || !name.bytes().all(is_plain) {
            return Err(OpenError::SchemaName);
        }
        Ok(Self(name.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the channel of `NOTIFY`.
    pub(crate) fn channel(&self) -> String {
        format!("{}_due", self.0)
    }

    /// Returns the SQL that creates the schema or brings it up to date. Can be run again.
    pub(crate) fn sql(&self) -> String {
        // A reserved word is a valid name in quotes only.
        let render = |template: &str| {
            template
                .replace("'challenges/{schema}'", &format!("'challenges/{}'", self.0))
                .replace("to_regnamespace('{schema}')", &format!("to_regnamespace('\"{}\"')", self.0))
        };
        let quoted = format!("\"{}\"", self.0);
        format!("{}\n{}", render(TABLES), render(FUNCTIONS)).replace("{schema}", &quoted)
    }
}

/// The statements that call the functions of the schema.
#[derive(Clone, Debug)]
pub(crate) struct Functions {
    pub(crate) load: String,
    pub(crate) list: String,
    pub(crate) list_all: String,
    pub(crate) due: String,
    pub(crate) purge: String,
    pub(crate) commit: String,
    /// The mark of the records that the calls are for.
    pub(crate) mark: String,
}

impl Functions {
    pub(crate) fn of(schema: &SchemaName, mark: String) -> Self {
        let columns = "SELECT kind, owner, id, version, due, expires, body FROM";
        let name = schema.as_str();
        Self {
            load: format!("{columns} \"{name}\".load_records($1, $2, $3, $4, $5)"),
            list: format!("{columns} \"{name}\".list_records($1, $2, $3, $4, $5)"),
            list_all: format!("{columns} \"{name}\".list_all_records($1, $2, $3, $4, $5)"),
            due: format!("{columns} \"{name}\".due_records($1, $2, $3, $4, $5, $6)"),
            purge: format!("SELECT \"{name}\".purge_records($1, $2, $3, $4)"),
            commit: format!(
                "SELECT pg_catalog.unnest(\"{name}\".commit_batches($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14))"
            ),
            mark,
        }
    }
}

/// Returns the version of the schema in the database, or 0 without a schema.
pub(crate) async fn version(client: &Client, schema: &SchemaName) -> Result<i64, OpenError> {
    let name = schema.as_str();
    let exists = format!("SELECT to_regclass('\"{name}\".schema_versions') IS NOT NULL");
    let exists = client.text(&exists).await.map_err(OpenError::of)?;
    if single(&exists) != Some("t") {
        return Ok(0);
    }
    let version = format!("SELECT coalesce(max(number), 0) FROM \"{name}\".schema_versions");
    let version = client.text(&version).await.map_err(OpenError::of)?;
    Ok(single(&version).and_then(|version| version.parse().ok()).unwrap_or(0))
}

/// Brings the schema up to date in one transaction. Concurrent migrations wait for each other.
pub(crate) async fn migrate(client: &Client, schema: &SchemaName) -> Result<(), OpenError> {
    let name = schema.as_str();
    let sql = format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED; {SAFE_PATH} SELECT pg_advisory_xact_lock(hashtext('challenges/{name}'), 65536); {} COMMIT;",
        schema.sql()
    );
    let failure = match client.run(&sql).await {
        Ok(_) => return Ok(()),
        Err(failure) => failure,
    };
    // The connection may still be in the failed transaction.
    let _ = client.run("ROLLBACK").await;
    Err(OpenError::of(failure))
}

/// Checks the version, and migrates if allowed.
pub(crate) async fn ensure(client: &Client, schema: &SchemaName, may_migrate: bool) -> Result<(), OpenError> {
    let found = version(client, schema).await?;
    match found {
        LATEST => Ok(()),
        later if later > LATEST => Err(OpenError::NewerSchema { found, supported: LATEST }),
        _ if may_migrate => migrate(client, schema).await,
        _ => Err(OpenError::NotMigrated { found, needed: LATEST }),
    }
}

pub(crate) fn single(rows: &[Vec<Option<String>>]) -> Option<&str> {
    rows.last().and_then(|row| row.first()).and_then(Option::as_deref)
}
