/// Returns the text without the marks that isolate arguments. Phones would take the marks for a part of a link, and they
/// make a text message of GSM-7 more expensive.
pub(super) fn without_marks(text: &str) -> String {
    text.replace(|character: char| ('\u{2066}'..='\u{2069}').contains(&character), "")
}
