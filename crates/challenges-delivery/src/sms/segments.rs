/// Returns the number of segments of a text message (3GPP TS 23.038 and 23.040), the unit that gateways charge for.
///
/// | alphabet | single segment | each of several |
/// |---|---|---|
/// | GSM-7 | 160 characters | 153 characters |
/// | UCS-2 | 70 UTF-16 units | 67 UTF-16 units |
///
/// A single character outside of GSM-7 makes the whole text UCS-2. In GSM-7, `^ { } \ [ ~ ] |` and the euro sign count
/// twice.
#[must_use]
pub fn segments(text: &str) -> usize {
    let septets = text.chars().map(septets).sum::<Option<usize>>();
    let (length, one, each) = match septets {
        Some(septets) => (septets, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    if length <= one { 1 } else { length.div_ceil(each) }
}

/// Returns the number of septets of a character in GSM-7, or `None` outside of that alphabet.
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
