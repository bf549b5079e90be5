#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn item_is_split_from_trailing_bytes() {
    let items: [&[u8]; 9] = [
        b"\x00",
        b"\x39\x01\x00",
        b"\x42ab",
        b"\x62ab",
        b"\xf5",
        b"\xf6",
        b"\xfb\x00\x00\x00\x00\x00\x00\x00\x00",
        b"\x82\x01\x80",
        b"\xa2\x01\x02\x61a\xa0",
    ];
    for item in items {
        assert_eq!(split_item(&[item, b"more"].concat()).unwrap(), (item, b"more".as_slice()), "{item:x?}");
        for end in 0..item.len() {
            assert!(split_item(item.get(..end).unwrap()).is_err(), "{item:x?} cut at {end}");
        }
    }
}

#[test]
fn encodings_outside_of_ctap_are_rejected() {
    let items: [(&str, &[u8]); 16] = [
        ("a map of indefinite length", b"\xbf\xff"),
        ("an array of indefinite length", b"\x9f\xff"),
        ("bytes of indefinite length", b"\x5f\x41a\xff"),
        ("text of indefinite length", b"\x7f\x61a\xff"),
        ("a tag", b"\xc0\x00"),
        ("a duplicate key", b"\xa2\x01\x02\x01\x03"),
        ("a duplicate key in another width", b"\xa2\x01\x02\x18\x01\x03"),
        ("a duplicate text key in another width", b"\xa2\x61a\x02\x78\x01a\x03"),
        ("a duplicate negative key in another width", b"\xa2\x20\x02\x38\x00\x03"),
        ("a duplicate key in a nested map", b"\xa1\x01\x81\xa2\x01\x02\x01\x03"),
        ("a key beyond a signed 64-bit integer", b"\xa1\x1b\xff\xff\xff\xff\xff\xff\xff\xff\x00"),
        ("undefined", b"\xf7"),
        ("a simple value in two bytes", b"\xf8\xff"),
        ("a key that is bytes", b"\xa1\x41a\x00"),
        ("text that is not UTF-8", b"\x61\xff"),
        ("more members than there are bytes", b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02"),
    ];
    for (what, item) in items {
        assert!(split_item(item).is_err(), "{what}");
    }
    assert!(split_text_map(b"\xa1\x61a\x01").is_ok());
    assert!(split_text_map(b"\xa1\x01\x01").is_err(), "a number for a key");
    assert!(split_text_map(b"\x80").is_err(), "an array");
}

#[test]
fn nesting_is_limited_to_four_levels() {
    for (levels, taken) in [(4, true), (5, false), (100_000, false)] {
        let item = [vec![0x81; levels], vec![0]].concat();
        assert_eq!(split_item(&item).is_ok(), taken, "{levels}");
    }
}
