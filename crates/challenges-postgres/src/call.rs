//! A statement with its values, for every driver.

#[cfg(feature = "sqlx")]
use std::fmt::Write as _;

/// A value of a statement.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    Small(i16),
    Big(i64),
    Text(Option<&'a str>),
    Smalls(Vec<i16>),
    Ints(Vec<i32>),
    Bigs(Vec<Option<i64>>),
    Texts(Vec<String>),
    Bytes(Vec<Option<&'a [u8]>>),
}

/// A statement and its values.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) sql: &'a str,
    pub(crate) values: Vec<Value<'a>>,
}

/// A row of records, as PostgreSQL returns it.
#[derive(Debug)]
pub(crate) struct RawRecord {
    pub(crate) kind: i16,
    pub(crate) owner: i64,
    pub(crate) id: String,
    pub(crate) version: Vec<u8>,
    pub(crate) due: Option<i64>,
    pub(crate) expires: Option<i64>,
    pub(crate) body: Vec<u8>,
}

impl Call<'_> {
    /// Returns the statement with the values written in, for the simple query protocol.
    ///
    /// Numbers and hexadecimal digits need no escape. A text is quoted, and the only texts are ids, a mark and a channel.
    /// Names are qualified, because the search path may begin with objects of somebody else.
    #[cfg(feature = "sqlx")]
    pub(crate) fn inline(&self) -> String {
        let mut parts = self.sql.split('$');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = part.split_at(digits);
            let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            if let Some(value) = index.and_then(|index| self.values.get(index)) {
                value.write(&mut text);
            }
            text.push_str(rest);
        }
        text
    }
}

#[cfg(feature = "sqlx")]
impl Value<'_> {
    fn write(&self, out: &mut String) {
        match self {
            Self::Small(number) => digits(out, *number),
            Self::Big(number) => digits(out, *number),
            Self::Text(None) => out.push_str("NULL"),
            Self::Text(Some(text)) => quoted(out, text),
            Self::Smalls(numbers) => array(out, "int2", numbers, |out, number| digits(out, *number)),
            Self::Ints(numbers) => array(out, "int4", numbers, |out, number| digits(out, *number)),
            Self::Bigs(numbers) => array(out, "int8", numbers, |out, number| match number {
                Some(number) => digits(out, *number),
                None => out.push_str("NULL"),
            }),
            Self::Texts(texts) => array(out, "text", texts, |out, text| quoted(out, text)),
            Self::Bytes(bytes) => array(out, "bytea", bytes, |out, bytes| match bytes {
                Some(bytes) => hexadecimal(out, bytes),
                None => out.push_str("NULL"),
            }),
        }
    }
}

#[cfg(feature = "sqlx")]
fn array<T>(out: &mut String, element: &str, items: &[T], mut write: impl FnMut(&mut String, &T)) {
    out.push_str("ARRAY[");
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, item);
    }
    // Writing to a string cannot fail.
    let _ = write!(out, "]::pg_catalog.{element}[]");
}

#[cfg(feature = "sqlx")]
fn digits(out: &mut String, number: impl Into<i64>) {
    // In quotes, so that the smallest number is no overflow of its absolute value.
    let _ = write!(out, "'{}'", number.into());
}

#[cfg(feature = "sqlx")]
fn quoted(out: &mut String, text: &str) {
    let _ = write!(out, "'{}'", text.replace('\'', "''"));
}

#[cfg(feature = "sqlx")]
fn hexadecimal(out: &mut String, bytes: &[u8]) {
    out.push_str("pg_catalog.decode('");
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out.push_str("','hex')");
}
