//! The header `Accept-Language` (RFC 9110 section 12.5.4).

use unic_langid::LanguageIdentifier;

/// More ranges than any browser sends are ignored.
const MAX_RANGES: usize = 32;

/// Returns the acceptable languages, best first. Malformed ranges, `*` and weights of 0 are left out.
///
/// Own code, because the parsers of `fluent-langneg` and `accept-language` ignore weights, or sort by weights that may
/// be NaN.
pub(super) fn languages(header: &str) -> Vec<LanguageIdentifier> {
    let mut weighted: Vec<(u16, LanguageIdentifier)> =
        header.split(',').take(MAX_RANGES).filter_map(range).filter(|(weight, _)| *weight > 0).collect();
    // Stable: equal weights keep the order of the header.
    weighted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    weighted.into_iter().map(|(_, language)| language).collect()
}

/// Returns the weight in thousandths, and the language.
fn range(text: &str) -> Option<(u16, LanguageIdentifier)> {
    let (language, parameter) = text.split_once(';').unwrap_or((text, "q=1"));
    let (name, weight) = parameter.split_once('=')?;
    let weight: f32 = weight.trim().parse().ok()?;
    if !name.trim().eq_ignore_ascii_case("q") || !(0.0..=1.0).contains(&weight) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
    Some(((weight * 1000.0).round() as u16, language.trim().parse().ok()?))
}

#[cfg(test)]
mod tests;
