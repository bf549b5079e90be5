use clap::Subcommand;
use serde_json::json;

use crate::error::Error;
use crate::location::Location;
use crate::options::Common;
use crate::report::{Exit, Report};
use crate::store::{self, Opening};

const NONE: &str = "Redis has no schema\n";

#[derive(Debug, Subcommand)]
pub(crate) enum SchemaCommand {
    /// Print the SQL of the schema, without opening the store
    Print,
    /// Create or update the schema of an existing database
    Migrate,
    /// Compare the schema with the schema of this release
    Verify,
}

pub(crate) async fn run(common: &Common, command: &SchemaCommand) -> Result<Report, Error> {
    let location = Location::of(common)?;
    match command {
        SchemaCommand::Print => {
            let sql = store::sql(&location)?;
            let report = Report::new(json!({ "sql": sql }));
            Ok(report.with_text(sql.unwrap_or_else(|| NONE.to_owned())))
        }
        SchemaCommand::Migrate => {
            let backend = store::open(&location, Opening::Migrate).await?;
            backend.migrate().await?;
            // Objects that somebody left behind are no part of a migration.
            let Some(differences) = backend.drift().await? else {
                return Ok(Report::new(json!({ "migrated": false })).with_text(NONE.to_owned()));
            };
            if differences.is_empty() {
                return Ok(Report::new(json!({ "migrated": true })).with_text("the schema is up to date\n".to_owned()));
            }
            let report = Report::new(json!({ "migrated": true, "differences": differences }));
            Ok(report.with_exit(Exit::Problem))
        }
        SchemaCommand::Verify => {
            let differences = store::open(&location, Opening::Use).await?.drift().await?;
            let exit =
                if differences.as_ref().is_some_and(|found| !found.is_empty()) { Exit::Problem } else { Exit::Fine };
            let report = Report::new(json!({ "differences": differences })).with_exit(exit);
            Ok(if differences.is_none() { report.with_text(NONE.to_owned()) } else { report })
        }
    }
}
