//! Tables, printed and as Markdown.

use crate::measure::Spread;

/// A table with a title and a description.
pub(crate) struct Section {
    title: String,
    about: String,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// The width of a column on the terminal.
const WIDTH: usize = 24;
const FIRST: usize = 34;

impl Section {
    /// Creates a table and prints the header. Rows are printed when added.
    pub(crate) fn new(title: impl Into<String>, about: impl Into<String>, header: &[&str]) -> Self {
        let header: Vec<String> = header.iter().map(|cell| (*cell).to_owned()).collect();
        let section = Self { title: title.into(), about: about.into(), header, rows: Vec::new() };
        println!("\n{}\n{}", section.title, line(&section.header));
        section
    }

    pub(crate) fn row(&mut self, mut cells: Vec<String>) {
        cells.resize(self.header.len(), String::new());
        println!("{}", line(&cells));
        self.rows.push(cells);
    }

    pub(crate) fn markdown(&self) -> String {
        let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule = format!("|---|{}\n", "--:|".repeat(self.header.len() - 1));
        let rows: String = self.rows.iter().map(|cells| row(cells)).collect();
        format!("## {}\n\n{}\n\n{}{rule}{rows}", self.title, self.about, row(&self.header))
    }
}

fn line(cells: &[String]) -> String {
    let (first, rest) = cells.split_first().unwrap();
    let rest: String = rest.iter().map(|cell| format!(" {cell:>WIDTH$}")).collect();
    format!("{first:<FIRST$}{rest}").trim_end().to_owned()
}

/// Formats a rate with three significant digits, the precision that runs reproduce.
pub(crate) fn rate(value: f64) -> String {
    let unit = 10_f64.powi((value.max(1.0).log10().floor() as i32 - 2).max(0));
    thousands((value / unit).round() * unit)
}

/// Formats a ratio with its range.
pub(crate) fn share(Spread { low, median, high }: Spread) -> String {
    let percent = |share: f64| (share * 100.0).round();
    format!("{} % ({}–{})", percent(median), percent(low), percent(high))
}

/// Formats a rate with its range.
pub(crate) fn rates(Spread { low, median, high }: Spread) -> String {
    format!("{} ({}–{})", rate(median), rate(low), rate(high))
}

/// Formats seconds with their range, as milliseconds.
pub(crate) fn delay(Spread { low, median, high }: Spread) -> String {
    format!("{} ({}–{})", delay_of(median), millis(low), millis(high))
}

/// Formats seconds as milliseconds with two or three digits.
pub(crate) fn delay_of(seconds: f64) -> String {
    format!("{} ms", millis(seconds))
}

fn millis(seconds: f64) -> String {
    let millis = seconds * 1e3;
    let decimals = match millis {
        ..0.1 => 4,
        ..1.0 => 3,
        ..10.0 => 2,
        _ => 1,
    };
    format!("{millis:.decimals$}")
}

/// Formats seconds as microseconds.
pub(crate) fn micros(seconds: f64) -> String {
    let micros = seconds * 1e6;
    if micros < 10.0 { format!("{micros:.1} µs") } else { format!("{} µs", rate(micros)) }
}

pub(crate) fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
