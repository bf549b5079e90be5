#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn description_reads_as_written() {
    let longest = "ü".repeat(500);
    let words = [
        "Pay 120 € to Bob",
        "<script>alert(1)</script>",
        "שלום",
        "دفع ۱۲۰",
        "نمی\u{200c}خواهم",
        "👩\u{200d}💻",
        "❤\u{fe0f}",
    ];
    for text in words.into_iter().chain([longest.as_str()]) {
        assert_eq!(Description::new(text).unwrap().as_str(), text);
    }
    let too_long = "ü".repeat(501);
    let misleading =
        ["line\nbreak", "tab\t", "\0", "\u{7f}", "\u{85}", "\u{200b}", "\u{2028}", "\u{feff}", "a\u{e0041}"];
    let invisible = ["\u{34f}", "\u{115f}", "\u{1160}", "\u{180e}", "\u{2800}", "\u{3164}", "\u{ffa0}", "\u{e0fff}"];
    let turning = ["\u{61c}", "\u{200e}", "\u{200f}", "\u{202a}", "\u{202e}", "\u{2066}", "\u{2069}"];
    let inside = misleading.into_iter().chain(invisible).chain(turning).map(|text| format!("Pay {text} EUR"));
    let refused =
        ["", " ", "\u{3000}", "\u{200d} \u{fe0f}", too_long.as_str()].map(str::to_owned).into_iter().chain(inside);
    for text in refused {
        assert_eq!(Description::new(text.as_str()), Err(Invalid::Description), "{text:?}");
        assert!(serde_json::from_value::<Description>(text.as_str().into()).is_err(), "{text:?}");
    }
}
