use std::fmt::Write as _;

use challenges_core::Owner;
use challenges_core::import::Imported;
use serde_json::{Value, json};

use crate::error::Error;
use crate::report::{Exit, Report, shown};

/// The results of the lines read so far.
pub(crate) struct Outcomes {
    dry_run: bool,
    imported: usize,
    weak: usize,
    skipped: usize,
    refused: usize,
    rows: Vec<Value>,
    text: String,
}

impl Outcomes {
    pub(crate) const fn new(dry_run: bool) -> Self {
        Self { dry_run, imported: 0, weak: 0, skipped: 0, refused: 0, rows: Vec::new(), text: String::new() }
    }

    pub(crate) fn accepted(&mut self, line: u64, owner: &Owner, imported: Imported) {
        let (result, said) = match (imported.is_new, self.dry_run) {
            (true, false) => ("imported", "imported"),
            (true, true) => ("imported", "would be imported"),
            (false, _) => ("skipped", "skipped, the user has the factor"),
        };
        let number = if imported.is_new { &mut self.imported } else { &mut self.skipped };
        *number = number.saturating_add(1);
        self.weak = self.weak.saturating_add(imported.is_weak.into());
        let weak = if imported.is_weak { "; weak, let the user enroll anew" } else { "" };
        self.say(line, Some(owner), &format!("{said}{weak}"));
        self.rows.push(row(line, Some(owner), result, imported.is_weak, None));
    }

    pub(crate) fn refused(&mut self, line: u64, owner: Option<&Owner>, reason: String) {
        self.refused = self.refused.saturating_add(1);
        self.say(line, owner, &format!("refused: {reason}"));
        self.rows.push(row(line, owner, "refused", false, Some(&reason)));
    }

    fn say(&mut self, line: u64, owner: Option<&Owner>, said: &str) {
        let user = owner.map_or_else(String::new, |owner| match owner.tenant() {
            "" => format!(" ({})", shown(owner.user_id())),
            tenant => format!(" ({} of {})", shown(owner.user_id()), shown(tenant)),
        });
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "line {line}{user}: {said}");
    }

    /// Returns the report of an import that is done, or that an error stopped at a line.
    pub(crate) fn into_report(mut self, stopped: Option<(u64, Error)>) -> Report {
        let Self { dry_run, imported, weak, skipped, refused, .. } = self;
        let next = stopped.as_ref().map(|(line, _)| *line);
        let mut json = json!({
            "dry_run": dry_run,
            "imported": imported,
            "weak": weak,
            "skipped": skipped,
            "refused": refused,
            "rows": self.rows,
            "next": next,
        });
        let _ = writeln!(self.text, "{imported} imported, {skipped} skipped, {refused} refused; {weak} weak");
        let mut exit = if refused == 0 { Exit::Fine } else { Exit::Problem };
        if let Some((line, error)) = stopped {
            exit = Exit::Unavailable;
            let message =
                format!("the import stopped at line {line}; continue with --from-line {line}: {}", error.message());
            let _ = writeln!(self.text, "error: {message}");
            if let Some(fields) = json.as_object_mut() {
                fields.insert("error".to_owned(), json!({ "kind": exit.as_str(), "message": message }));
            }
        }
        Report::new(json).with_text(self.text).with_exit(exit)
    }
}

fn row(line: u64, owner: Option<&Owner>, result: &str, weak: bool, reason: Option<&str>) -> Value {
    json!({
        "line": line,
        "user": owner.map(Owner::user_id),
        "tenant": owner.map(Owner::tenant),
        "result": result,
        "weak": weak,
        "reason": reason,
    })
}
