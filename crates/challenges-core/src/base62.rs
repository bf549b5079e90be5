//! Numbers of fixed width in base 62. Digits come before capitals and capitals before small letters, so text sorts like
//! the numbers.

/// The digits in ascending order.
pub(crate) const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Writes `value` over the whole of `out`, most significant digit first. Excess leading digits are cut off.
pub(crate) fn encode(mut value: u128, out: &mut [u8]) {
    // Divisions of 128 bits are slow; ten digits at a time fit in 64 bits.
    const CHUNK: u128 = 62_u128.pow(10);
    for digits in out.rchunks_mut(10) {
        let mut low = u64::try_from(value % CHUNK).unwrap_or_default();
        value /= CHUNK;
        for digit in digits.iter_mut().rev() {
            *digit = usize::try_from(low % 62).ok().and_then(|index| ALPHABET.get(index)).copied().unwrap_or_default();
            low /= 62;
        }
    }
}

/// Reads a number written by [`encode`]. Returns `None` for any other character, or a number over 128 bits.
pub(crate) fn decode(text: &[u8]) -> Option<u128> {
    text.iter().try_fold(0_u128, |value, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            b'a'..=b'z' => byte - b'a' + 36,
            _ => return None,
        };
        value.checked_mul(62)?.checked_add(u128::from(digit))
    })
}
