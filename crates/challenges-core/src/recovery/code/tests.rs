#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::entropy::OsEntropy;

/// The characters that people and word processors put between the characters of a code.
const SPACES: [&str; 15] = [
    "", "", "", "", " ", "\t", "\r\n", "\u{a0}", "\u{2009}", "\u{3000}", "\u{200b}", "\u{feff}", "-", "\u{2013}",
    "\u{2212}",
];

/// Returns the spellings of a character.
fn spellings(character: char) -> Vec<char> {
    match character {
        '0' => vec!['0', 'o', 'O', '\u{ff10}'],
        '1' => vec!['1', 'l', 'L', 'i', 'I', '\u{661}'],
        other => vec![other, other.to_ascii_lowercase()],
    }
}

/// Returns a code, and a spelling of the code.
fn spelled() -> impl Strategy<Value = (String, String)> {
    let digits = proptest::collection::vec(select(ALPHABET.to_vec()), LENGTH);
    let between = proptest::collection::vec(select(SPACES.to_vec()), LENGTH + 1);
    (digits, between, any::<[u8; LENGTH]>()).prop_map(|(digits, between, picks)| {
        let code: String = digits.into_iter().map(char::from).collect();
        let mut text = String::new();
        for ((character, space), pick) in code.chars().zip(&between).zip(picks) {
            let spellings = spellings(character);
            text.push_str(space);
            text.extend(spellings.get(usize::from(pick) % spellings.len()));
        }
        text.extend(between.last().copied());
        (code, text)
    })
}

proptest! {
    /// R68: case, spaces of every kind, dashes and look-alikes do not matter.
    #[test]
    fn every_spelling_reads_as_the_code((code, text) in spelled()) {
        let read = RecoveryCode::read(&text).unwrap();
        prop_assert_eq!(read.as_str(), code);
    }

    /// R68: control. One more, one less or one other character is another code, or none.
    #[test]
    fn control_other_texts_read_as_no_or_another_code(
        (code, text) in spelled(),
        at in 0..LENGTH,
        other in select(ALPHABET.to_vec()),
    ) {
        let longer = format!("{text}{}", char::from(other));
        let shorter: String = code.chars().skip(1).collect();
        let unknown: String = code.chars().enumerate().map(|(i, c)| if i == at { 'U' } else { c }).collect();
        for text in [longer, shorter, unknown] {
            prop_assert!(RecoveryCode::read(&text).is_none(), "{}", text);
        }
        let changed: String = code.chars().enumerate().map(|(i, c)| if i == at { other.into() } else { c }).collect();
        let read = RecoveryCode::read(&changed).unwrap();
        prop_assert_eq!(read.as_str() == code, changed == code);
    }
}

/// R68: at least 50 bits, in three groups, without look-alikes.
#[test]
fn codes_have_the_documented_form() {
    let digits: BTreeSet<_> = ALPHABET.iter().collect();
    assert_eq!(digits.len(), 32, "five bits a character");
    const { assert!(LENGTH * 5 >= 50) }
    for look_alike in *b"ILOUilo|" {
        assert!(!digits.contains(&look_alike));
    }
    let drawn = RecoveryCode::generate(&OsEntropy).unwrap();
    let shown = drawn.grouped();
    let groups: Vec<_> = shown.expose().split('-').map(str::len).collect();
    assert_eq!(groups, [4, 4, 4]);
    assert_eq!(RecoveryCode::read(shown.expose()).unwrap().as_str(), drawn.as_str());
}

/// R68: every character of the alphabet comes up at every position.
#[test]
fn codes_are_drawn_from_the_whole_alphabet() {
    let mut drawn = vec![BTreeSet::new(); LENGTH];
    for _ in 0..2_000 {
        let code = RecoveryCode::generate(&OsEntropy).unwrap();
        for (seen, character) in drawn.iter_mut().zip(code.as_str().chars()) {
            seen.insert(character);
        }
    }
    // A character misses 2,000 draws with a chance of less than one in 10^27.
    assert!(drawn.iter().all(|seen| seen.len() == ALPHABET.len()), "{drawn:?}");
}
