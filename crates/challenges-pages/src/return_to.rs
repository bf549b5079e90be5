//! Paths of the application to return to.

/// The longest path with a query.
const LONGEST: usize = 1_000;

/// Returns whether browsers resolve the text to a URL of the application's own origin: a single leading slash, then
/// visible ASCII without a backslash. Browsers read a backslash as a slash, and drop tabs and line breaks.
pub(crate) fn is_relative(text: &str) -> bool {
    let own = text.starts_with('/') && !text.starts_with("//");
    own && text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

/// Returns whether the text is such a path without a query and fragment.
pub(crate) fn is_path(text: &str) -> bool {
    is_relative(text) && !text.contains(['?', '#'])
}

/// Returns the path, or `/` for anything that could lead to another site.
pub(crate) fn checked(text: Option<&str>) -> &str {
    text.filter(|text| is_relative(text)).unwrap_or("/")
}

#[cfg(test)]
mod tests;
