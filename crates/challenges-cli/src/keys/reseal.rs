use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use challenges_core::Timestamp;
use challenges_core::key_rotation::ResealReport;
use clap::Args;
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::options::Common;
use crate::report::{Exit, Report};
use crate::{instant, service};

/// A walk over all records.
#[derive(Args, Debug)]
pub(crate) struct Walk {
    /// Continue after the cursor that an interrupted run showed
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
    /// The number of records per page, 1 to 500
    #[arg(long, default_value_t = 200)]
    page: usize,
    /// The pause between two pages, in milliseconds
    #[arg(long, default_value_t = 100, value_name = "MILLISECONDS")]
    pause: u64,
    /// Stop after this number of pages
    #[arg(long)]
    pages: Option<usize>,
}

#[derive(Default)]
struct Totals {
    looked_at: usize,
    resealed: usize,
    skipped: usize,
    still_under: BTreeMap<String, Timestamp>,
    unreadable: Vec<Value>,
}

pub(crate) async fn run(common: &Common, walk: &Walk) -> Result<Report, Error> {
    let mut next = walk.after.clone();
    let challenges = service::open(common).await?;
    let mut totals = Totals::default();
    let mut pages = 0_usize;
    loop {
        let page = match challenges.reseal(next.as_deref(), walk.page).await {
            Ok(page) => page,
            Err(error @ challenges_core::Error::Invalid(_)) => return Err(error.into()),
            Err(source) => return Err(Error::Reseal { next, source }),
        };
        next.clone_from(&page.next);
        let done = page.done;
        totals.add(page);
        totals.show(next.as_deref());
        pages = pages.saturating_add(1);
        if next.is_none() || walk.pages.is_some_and(|limit| pages >= limit) {
            let exit = if done && totals.unreadable.is_empty() { Exit::Fine } else { Exit::Problem };
            return Ok(Report::new(totals.into_json(next, done)).with_exit(exit));
        }
        tokio::time::sleep(Duration::from_millis(walk.pause)).await;
    }
}

impl Totals {
    fn add(&mut self, page: ResealReport) {
        self.looked_at = self.looked_at.saturating_add(page.looked_at);
        self.resealed = self.resealed.saturating_add(page.resealed);
        self.skipped = self.skipped.saturating_add(page.skipped);
        for (id, until) in page.still_under {
            let latest = self.still_under.entry(id).or_default();
            *latest = until.max(*latest);
        }
        let unreadable = |(key, error)| json!({ "record": format!("{key:?}"), "error": describe(&error) });
        self.unreadable.extend(page.unreadable.into_iter().map(unreadable));
    }

    /// Shows the progress on standard error, with the cursor to continue from after an interruption.
    fn show(&self, next: Option<&str>) {
        let Self { looked_at, resealed, .. } = self;
        let next = next.map_or_else(String::new, |next| format!("; to continue: --after {next}"));
        let _ = writeln!(std::io::stderr(), "{looked_at} records read, {resealed} sealed again{next}");
    }

    fn into_json(self, next: Option<String>, done: bool) -> Value {
        let still_under: Map<_, _> =
            self.still_under.into_iter().map(|(id, until)| (id, instant::json(until))).collect();
        json!({
            "done": done,
            "looked_at": self.looked_at,
            "resealed": self.resealed,
            "skipped": self.skipped,
            "still_under": still_under,
            "unreadable": self.unreadable,
            "next": next,
        })
    }
}

/// Returns the message of an error with the cause, which names a missing key.
fn describe(error: &challenges_core::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
