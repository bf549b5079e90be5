use super::languages;

fn tags(header: &str) -> Vec<String> {
    languages(header).iter().map(ToString::to_string).collect()
}

#[test]
fn languages_are_ordered_by_weight() {
    assert_eq!(tags("fr;q=0.5, de, en-gb;q=0.7"), ["de", "en-GB", "fr"]);
}

#[test]
fn equal_weights_keep_the_order_of_the_header() {
    assert_eq!(tags("ja;q=0.8,es;q=0.8,ar;q=0.8"), ["ja", "es", "ar"]);
}

#[test]
fn weight_of_zero_is_not_acceptable() {
    assert_eq!(tags("de;q=0, fr;q=0.001, es;q=0.000"), ["fr"]);
}

#[test]
fn malformed_ranges_are_ignored() {
    assert_eq!(tags("*, de;q=NaN, fr;q=-1, es;q=1.1, pt;level=1, ;q=1, \u{7f}, ja ; Q=0.3"), ["ja"]);
    assert!(tags("").is_empty());
}

#[test]
fn long_headers_are_cut() {
    assert_eq!(tags(&"de,".repeat(100_000)).len(), 32);
}
