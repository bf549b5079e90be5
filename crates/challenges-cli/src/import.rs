mod input;
mod outcome;
mod relying_parties;

use std::path::PathBuf;

use challenges_core::import::{Imported, Row};
use challenges_core::{Challenges, Grant, Owner};
use clap::Args;
use serde_json::Value;

use crate::error::Error;
use crate::import::input::Input;
use crate::import::outcome::Outcomes;
use crate::options::Common;
use crate::report::Report;
use crate::service;

#[derive(Args, Debug)]
pub(crate) struct Import {
    /// The file, with one row of JSON on each line; - is standard input
    file: PathBuf,
    /// Check the rows, and store nothing
    #[arg(long)]
    dry_run: bool,
    /// Continue at this line
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    from_line: u64,
    /// A relying party of the service, such as example.org, for WebAuthn rows; can be repeated
    #[arg(long = "relying-party", value_name = "DOMAIN")]
    relying_parties: Vec<String>,
}

pub(crate) async fn run(common: &Common, import: &Import) -> Result<Report, Error> {
    let grant = Grant::administrator("challenges-cli", "challenges import")?;
    let mut input = Input::open(&import.file)?;
    let builder = relying_parties::serve(service::builder(common).await?, &import.relying_parties)?;
    let challenges = builder.build().await?;
    let mut outcomes = Outcomes::new(import.dry_run);
    loop {
        let line = input.next_line();
        let number = input.number();
        let line = match line {
            Ok(Some(line)) => line,
            Ok(None) => return Ok(outcomes.into_report(None)),
            Err(error) => return Ok(outcomes.into_report(Some((number, error)))),
        };
        if number < import.from_line || line.trim_ascii().is_empty() {
            continue;
        }
        let (owner, row) = match input::parse(&line) {
            Ok(parsed) => parsed,
            Err(reason) => {
                outcomes.refused(number, None, reason);
                continue;
            }
        };
        match store(&challenges, &grant, &owner, row, import.dry_run).await {
            Ok(imported) => outcomes.accepted(number, &owner, imported),
            Err(challenges_core::Error::Invalid(reason)) => {
                outcomes.refused(number, Some(&owner), relying_parties::explain(&reason));
            }
            Err(error) => return Ok(outcomes.into_report(Some((number, error.into())))),
        }
    }
}

async fn store(
    challenges: &Challenges,
    grant: &Grant,
    owner: &Owner,
    row: Value,
    dry_run: bool,
) -> Result<Imported, challenges_core::Error> {
    let row = Row::try_from(row)?;
    let account = challenges.account(owner);
    if dry_run { account.import_dry_run(&row).await } else { account.import(grant, &row).await }
}
