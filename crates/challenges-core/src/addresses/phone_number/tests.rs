#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn numbers_have_7_to_15_digits() {
    for (text, fits) in [
        ("+290123", false),
        ("+2901234", true),
        ("+15550100199", true),
        ("+123456789012345", true),
        ("+1234567890123456", false),
        ("+0901234", false),
        ("2901234", false),
        ("+290 1234", false),
        ("", false),
    ] {
        assert_eq!(text.parse::<PhoneNumber>().is_ok(), fits, "{text}");
    }
}

#[test]
fn typed_numbers_lose_separators_and_trunk_prefix() {
    for (typed, number) in [
        ("+44 (0)7911 123456", "+447911123456"),
        ("+44(0)7911123456", "+447911123456"),
        ("+44 ( 0 ) 7911/123-456", "+447911123456"),
        ("(+44) (0)7911 123456", "+447911123456"),
        ("+44-(0)7911-123456", "+447911123456"),
        ("\u{202a}+49\u{a0}151\u{202f}1234\u{2011}5678\u{202c}\u{200b}", "+4915112345678"),
        ("+\u{ff11} (\u{665}\u{665}\u{665}) \u{6f0}10-0199", "+15550100199"),
        ("+1 (555) 010-0199", "+15550100199"),
        ("+1.555.010.0199", "+15550100199"),
        ("+290 1234", "+2901234"),
        // This zero does not follow the country code, so the digit belongs to the number.
        ("+1 555 (0)10 0199", "+15550100199"),
    ] {
        assert_eq!(PhoneNumber::from_typed(typed).unwrap().as_str(), number, "{typed:?}");
    }
    for wrong in ["", "+", "07911 123456", "(0)7911 123456", "+(0)7911 123456", "+44 7911 12345x", "+44 +7911123456"] {
        assert_eq!(PhoneNumber::from_typed(wrong).unwrap_err(), Invalid::PhoneNumber, "control: {wrong}");
    }
}
