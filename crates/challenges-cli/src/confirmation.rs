use std::io::{self, BufRead, IsTerminal as _, Write};

use crate::error::Error;

/// Asks for confirmation of a change that cannot be undone: the operator types `word` on a terminal. With `yes`,
/// nothing is asked.
pub(crate) fn confirm(yes: bool, question: &str, word: &str) -> Result<(), Error> {
    if yes {
        return Ok(());
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(Error::Unconfirmed);
    }
    ask(&mut io::stdin().lock(), &mut io::stderr(), question, word)
}

fn ask(input: &mut dyn BufRead, output: &mut dyn Write, question: &str, word: &str) -> Result<(), Error> {
    let mut line = String::new();
    let asked =
        write!(output, "{question} This cannot be undone. Type {word} to continue: ").and_then(|()| output.flush());
    match asked.and_then(|()| input.read_line(&mut line)) {
        Ok(_) if line.trim_end_matches(['\r', '\n']) == word => Ok(()),
        Ok(_) | Err(_) => Err(Error::Unconfirmed),
    }
}

#[cfg(test)]
mod tests;
