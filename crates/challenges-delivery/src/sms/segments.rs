/// How many segments a text message takes (3GPP TS 23.038 and 23.040), which is what gateways charge for.
///
/// A text of the GSM-7 alphabet has 160 characters in one segment and 153 in each of several, where `^ { } \ [ ~ ] |` and the
/// euro sign count twice. Any other character makes the whole text UCS-2: 70 units of UTF-16 in one segment, 67 in each of
/// several.
#[must_use]
pub fn segments(text: &str) -> usize {
    let septets = text.chars().map(septets).sum::<Option<usize>>();
    let (length, one, each) = match septets {
        Some(septets) => (septets, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    if length <= one { 1 } else { length.div_ceil(each) }
}

/// How many places of the GSM-7 alphabet a character takes; `None` where it is not of it.
fn septets(character: char) -> Option<usize> {
    const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
    const EXTENDED: &str = "\u{c}^{}\\[~]|€";
    match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' => Some(1),
        _ if BASIC.contains(character) => Some(1),
        _ if EXTENDED.contains(character) => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
