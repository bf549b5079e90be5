/// The cells of the rows of every table in a Markdown text, without headings and rules.
pub(crate) fn rows(text: &str) -> Vec<Vec<String>> {
    let lines: Vec<_> = text.lines().collect();
    let is_row = |line: &str| line.starts_with('|') && line.ends_with('|');
    let is_rule = |line: &str| is_row(line) && line.bytes().all(|byte| b"|- :".contains(&byte)) && line.contains("--");
    let mut rows = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let is_heading = lines.get(index + 1).is_some_and(|next| is_rule(next));
        if is_row(line) && !is_rule(line) && !is_heading {
            let inner = &line[1..line.len() - 1];
            rows.push(inner.split('|').map(|cell| cell.trim().to_owned()).collect());
        }
    }
    rows
}

/// What stands between backticks in a cell.
pub(crate) fn names(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn rows_and_names_are_read() {
    let text = "words\n\n| a | b |\n| --- | --- |\n| 1 | `x` and `y` |\n| | `z` |\n";
    let rows = rows(text);
    assert_eq!(rows, [["1", "`x` and `y`"], ["", "`z`"]]);
    assert_eq!(names(&rows[0][1]), ["x", "y"]);
}
