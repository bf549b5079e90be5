//! The messages of this crate, compared with each other and with the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fluent_bundle::{FluentArgs, FluentValue};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;

use super::super::{Catalogue, LOCALES};

/// The arguments of each message, and its text in Fluent.
type Messages = BTreeMap<String, BTreeSet<String>>;

fn messages(texts: &[&str]) -> Messages {
    let mut messages = Messages::new();
    for text in texts {
        let resource = parser::parse(*text).unwrap_or_else(|(_, errors)| panic!("{errors:?} in {text}"));
        for entry in resource.body {
            match entry {
                Entry::Message(message) => {
                    let mut arguments = BTreeSet::new();
                    pattern(&message.value.unwrap(), &mut arguments);
                    assert!(message.attributes.is_empty(), "{}", message.id.name);
                    let old = messages.insert(message.id.name.to_owned(), arguments);
                    assert!(old.is_none(), "{} is defined twice", message.id.name);
                }
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
                Entry::Term(_) | Entry::Junk { .. } => panic!("{entry:?}"),
            }
        }
    }
    messages
}

fn pattern(pattern: &Pattern<&str>, arguments: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            walk(expression, arguments);
        }
    }
}

fn walk(expression: &Expression<&str>, arguments: &mut BTreeSet<String>) {
    let (Expression::Inline(selector) | Expression::Select { selector, .. }) = expression;
    match selector {
        InlineExpression::VariableReference { id } => {
            arguments.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => walk(expression, arguments),
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        InlineExpression::FunctionReference { .. }
        | InlineExpression::MessageReference { .. }
        | InlineExpression::TermReference { .. } => panic!("not used by this crate: {selector:?}"),
    }
    if let Expression::Select { variants, .. } = expression {
        for variant in variants {
            pattern(&variant.value, arguments);
        }
    }
}

fn english() -> Messages {
    messages(LOCALES.first().unwrap().1)
}

#[test]
fn every_language_has_the_messages_and_arguments_of_english() {
    let english = english();
    assert!(english.len() > 10);
    for (tag, texts) in LOCALES {
        let others = messages(texts);
        let missing: Vec<_> = english.keys().filter(|id| !others.contains_key(*id)).collect();
        let unknown: Vec<_> = others.keys().filter(|id| !english.contains_key(*id)).collect();
        assert!(missing.is_empty() && unknown.is_empty(), "{tag}: missing {missing:?}, unknown {unknown:?}");
        for (id, arguments) in &english {
            assert_eq!(others.get(id), Some(arguments), "{tag}: {id}");
        }
    }
}

#[test]
fn every_message_can_be_formatted() {
    let catalogue = Catalogue::default();
    for language in &catalogue.known {
        for (id, names) in english() {
            for count in [0, 1, 2, 3, 11, 100] {
                let mut arguments = FluentArgs::new();
                for name in &names {
                    let number = FluentValue::from(count);
                    arguments.set(name.clone(), if name == "count" { number } else { FluentValue::from("x") });
                }
                assert!(language.format(&id, Some(&arguments)).is_some(), "{language:?}: {id}");
            }
        }
    }
}

#[test]
fn languages_are_translated() {
    let catalogue = Catalogue::default();
    let text = |tag: &str, id: &str| catalogue.negotiate(tag).text(id);
    let ids: Vec<String> = english().into_iter().filter(|(_, names)| names.is_empty()).map(|(id, _)| id).collect();
    for (tag, _) in LOCALES.iter().skip(1) {
        // A few words are the same in two languages.
        let same: Vec<_> = ids.iter().filter(|id| text(tag, id) == text("en", id)).collect();
        assert!(same.len() * 20 < ids.len(), "{tag}: {same:?}");
    }
}

/// The texts in quotes that begin like ids of messages. `true` if the text goes on with an argument of `format!`.
fn ids_in_sources() -> BTreeSet<(String, bool)> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().unwrap() != "tests" {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && path.file_stem().unwrap() != "tests" {
                found.extend(ids_in(&fs::read_to_string(path).unwrap()));
            }
        }
    }
    found
}

fn ids_in(source: &str) -> Vec<(String, bool)> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let is_id = |text: &str| {
        ["account-", "answer-", "factor-", "layout-", "message-", "problem-"]
            .iter()
            .any(|domain| text.len() > domain.len() && text.starts_with(domain))
    };
    let mut found = Vec::new();
    for line in lines {
        for text in line.split('"').skip(1).step_by(2).filter(|text| is_id(text)) {
            let (start, rest) = text.split_once('{').map_or((text, None), |(start, rest)| (start, Some(rest)));
            found.push((start.to_owned(), rest.is_some()));
        }
    }
    found
}

#[test]
fn every_id_in_the_sources_is_a_message() {
    let english = english();
    for (id, has_more) in ids_in_sources() {
        let is_known = english.contains_key(&id) || has_more && english.keys().any(|known| known.starts_with(&id));
        assert!(is_known, "{id} is no message of locales/en");
    }
}

#[test]
fn every_message_is_in_the_sources() {
    let sources = ids_in_sources();
    let is_used = |id: &str| {
        sources.iter().any(|(start, has_more)| if *has_more { id.starts_with(start.as_str()) } else { id == start })
    };
    let unused: Vec<String> = english().into_keys().filter(|id| !is_used(id)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}
