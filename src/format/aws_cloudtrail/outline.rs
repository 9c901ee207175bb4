//! The quick way to read a record: one pass, eight bytes at a time, that keeps the few fields an event is made of and only
//! checks that the rest is JSON. The rule: what it gives is what the general parser would give; of anything unusual (an
//! escaped key, a key twice, another type, an envelope) it gives nothing, and the general parser decides.

use super::parameters::{Additional, Name, Parameters, Resources, Response};
use super::record::{Actor, Attributes, Federation, Issuer, OnBehalfOf, Record, Session};
use crate::format::cell::{Cell, First};
use serde::Deserialize;

/// Objects and lists inside each other that are followed; the general parser follows more.
const DEPTH: u32 = 64;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;
const QUOTES: u64 = ONES * 0x22;
const ESCAPES: u64 = ONES * 0x5c;
const BLANKS: u64 = ONES * 0x20;

/// Reads the record into an empty one, where it is an ordinary one; otherwise `false`, and what was read must not be used.
/// A record is too large to be handed from hand to hand.
pub fn record<'a>(text: &'a str, into: &mut Record<'a>) -> bool {
    let mut cursor = Cursor { text, bytes: text.as_bytes(), at: 0 };
    cursor.blanks();
    let read = cursor.record(into).is_some();
    cursor.blanks();
    read && cursor.at == text.len()
}

/// Reads the members of an object into the fields of a struct. Members after the semicolon are a surprise, any others are
/// skipped.
macro_rules! members {
    ($cursor:ident, $type:ident { $($fields:tt)+ } $(; $($surprise:literal)|+)?) => {{
        let mut into = $type::default();
        members!($cursor, into, { $($fields)+ } $(; $($surprise)|+)?)?;
        Some(into)
    }};
    ($cursor:ident, $into:ident, { $($key:literal => $field:ident: $read:ident),+ $(,)? } $(; $($surprise:literal)|+)?) => {{
        #[derive(Default)]
        struct Seen { $($field: u8),+ }
        let mut seen = Seen::default();
        $cursor.object(|cursor, key| {
            match key {
                $($key => {
                    // The general parser refuses a key twice.
                    if std::mem::replace(&mut seen.$field, 1) == 1 {
                        return None;
                    }
                    $into.$field = cursor.$read()?;
                })+
                $($($surprise)|+ => return None,)?
                _ => cursor.skip(DEPTH)?,
            }
            Some(())
        })
    }};
}

/// What was read; `None` where the general parser has to decide.
type Read<T> = Option<T>;

struct Cursor<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn record(&mut self, into: &mut Record<'a>) -> Option<()> {
        members!(self, into, {
            "eventTime" => time: cell,
            "eventID" => id: cell,
            "eventName" => action: cell,
            "eventSource" => service: cell,
            "eventType" => kind: cell,
            "eventCategory" => category: cell,
            "awsRegion" => region: cell,
            "sourceIPAddress" => source: cell,
            "userAgent" => agent: cell,
            "errorCode" => error: cell,
            "errorMessage" => error_message: cell,
            "recipientAccountId" => recipient: cell,
            "readOnly" => read_only: cell,
            "sessionCredentialFromConsole" => from_console: cell,
            "userIdentity" => actor: actor,
            "requestParameters" => request: parameters,
            "responseElements" => response: response,
            "additionalEventData" => additional: additional,
            "resources" => resources: resources,
        }; "@timestamp" | "detail" | "Message" | "CloudTrailEvent" | "body" | "Body" | "insightDetails")
    }

    fn actor(&mut self) -> Read<Option<Actor<'a>>> {
        self.unless_null(|this| {
            members!(this, Actor {
                "type" => kind: cell,
                "principalId" => principal: cell,
                "arn" => arn: cell,
                "accountId" => account: cell,
                "accessKeyId" => key: cell,
                "userName" => name: cell,
                "invokedBy" => invoked_by: cell,
                "identityProvider" => provider: cell,
                "credentialId" => credential: cell,
                "onBehalfOf" => on_behalf_of: on_behalf_of,
                "sessionContext" => session: session,
            }; "accesKeyId")
        })
    }

    fn on_behalf_of(&mut self) -> Read<Option<OnBehalfOf<'a>>> {
        self.unless_null(|this| members!(this, OnBehalfOf { "userId" => user: cell }))
    }

    fn session(&mut self) -> Read<Option<Session<'a>>> {
        self.unless_null(|this| {
            members!(this, Session {
                "attributes" => attributes: attributes,
                "sessionIssuer" => issuer: issuer,
                "webIdFederationData" => federation: federation,
                "ec2RoleDelivery" => instance: cell,
                "sourceIdentity" => source_identity: cell,
            })
        })
    }

    fn attributes(&mut self) -> Read<Option<Attributes<'a>>> {
        self.unless_null(|this| members!(this, Attributes { "mfaAuthenticated" => mfa: cell, "creationDate" => issued: cell }))
    }

    fn issuer(&mut self) -> Read<Option<Issuer<'a>>> {
        self.unless_null(|this| members!(this, Issuer { "arn" => arn: cell, "userName" => name: cell }))
    }

    fn federation(&mut self) -> Read<Option<Federation<'a>>> {
        self.unless_null(|this| members!(this, Federation { "federatedProvider" => provider: cell }))
    }

    fn parameters(&mut self) -> Read<Option<Parameters<'a>>> {
        self.unless_null(|this| {
            let mut found = Parameters::default();
            this.object(|cursor, key| {
                match Name::of(key) {
                    Some(name) => found.add(name, cursor.first()?),
                    None => cursor.skip(DEPTH)?,
                }
                Some(())
            })?;
            Some(found)
        })
    }

    fn response(&mut self) -> Read<Option<Box<Response<'a>>>> {
        self.unless_null(Self::general)
    }

    fn additional(&mut self) -> Read<Option<Additional<'a>>> {
        self.unless_null(|this| {
            members!(this, Additional {
                "bytesTransferredIn" => bytes_in: cell,
                "bytesTransferredOut" => bytes_out: cell,
                "MFAUsed" => mfa: cell,
            })
        })
    }

    fn resources(&mut self) -> Read<Option<Resources<'a>>> {
        self.unless_null(Self::general)
    }

    /// Any scalar; nested values are nothing.
    fn cell(&mut self) -> Option<Cell<'a>> {
        match self.bytes.get(self.at)? {
            b'"' => self.string(),
            b'{' | b'[' => self.skip(DEPTH).map(|()| Cell::default()),
            b'n' => self.word("null").map(|()| Cell::default()),
            b't' => self.word("true").map(|()| Cell::verbatim("true")),
            b'f' => self.word("false").map(|()| Cell::verbatim("false")),
            _ => self.whole().or_else(|| self.general()),
        }
    }

    /// A whole number written as it would be written again: no sign, no leading zero, and small enough.
    fn whole(&mut self) -> Option<Cell<'a>> {
        let (begin, mut end) = (self.at, self.at);
        while self.bytes.get(end).is_some_and(u8::is_ascii_digit) {
            end += 1;
        }
        let digits = self.text.get(begin..end)?;
        let plain = matches!(digits.len(), 1..=18) && (digits.len() == 1 || !digits.starts_with('0'));
        let ends = !matches!(self.bytes.get(end), Some(b'.' | b'e' | b'E'));
        (plain && ends).then(|| {
            self.at = end;
            Cell::verbatim(digits)
        })
    }

    /// The first scalar in a value.
    fn first(&mut self) -> Option<Cell<'a>> {
        match self.bytes.get(self.at)? {
            b'"' => self.string(),
            _ => self.general().map(|First(cell)| cell),
        }
    }

    /// A text; one with escapes is the general parser's.
    fn string(&mut self) -> Option<Cell<'a>> {
        let begin = self.at + 1;
        let end = self.plain_end(begin)?;
        if self.bytes[end] == b'"' {
            self.at = end + 1;
            return self.text.get(begin..end).map(Cell::verbatim);
        }
        self.general()
    }

    /// A value as the general parser reads it.
    fn general<T: Deserialize<'a>>(&mut self) -> Option<T> {
        let begin = self.at;
        self.skip(DEPTH)?;
        serde_json::from_str(self.text.get(begin..self.at)?).ok()
    }

    fn unless_null<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Read<Option<T>> {
        if self.bytes.get(self.at)? == &b'n' { self.word("null").map(|()| None) } else { read(self).map(Some) }
    }

    /// Calls `member` for each key of an object, with the cursor at its value, which it has to pass.
    fn object(&mut self, mut member: impl FnMut(&mut Self, &'a str) -> Option<()>) -> Option<()> {
        self.expect(b'{')?;
        self.blanks();
        if self.expect(b'}').is_some() {
            return Some(());
        }
        loop {
            self.expect(b'"')?;
            let (begin, end) = (self.at, self.plain_end(self.at)?);
            self.at = end;
            // An escape in a key: whatever it spells, it is unusual.
            self.expect(b'"')?;
            let key = self.text.get(begin..end)?;
            self.blanks();
            self.expect(b':')?;
            self.blanks();
            member(self, key)?;
            self.blanks();
            if self.expect(b',').is_none() {
                return self.expect(b'}');
            }
            self.blanks();
        }
    }

    /// Passes a value, checking that it is one.
    fn skip(&mut self, depth: u32) -> Option<()> {
        match self.bytes.get(self.at)? {
            b'"' => self.skip_string(),
            b'{' => {
                let deeper = depth.checked_sub(1)?;
                self.object(|cursor, _| cursor.skip(deeper))
            }
            b'[' => {
                let deeper = depth.checked_sub(1)?;
                self.at += 1;
                self.blanks();
                if self.expect(b']').is_some() {
                    return Some(());
                }
                loop {
                    self.skip(deeper)?;
                    self.blanks();
                    if self.expect(b',').is_none() {
                        return self.expect(b']');
                    }
                    self.blanks();
                }
            }
            b'n' => self.word("null"),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            _ => self.skip_number(),
        }
    }

    fn skip_string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            self.at = self.plain_end(self.at)? + 1;
            if self.bytes[self.at - 1] == b'"' {
                return Some(());
            }
            match self.bytes.get(self.at)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
                b'u' if self.bytes.get(self.at + 1..self.at + 5)?.iter().all(u8::is_ascii_hexdigit) => self.at += 5,
                _ => return None,
            }
        }
    }

    fn skip_number(&mut self) -> Option<()> {
        let _ = self.expect(b'-');
        // No digit may follow a leading zero; what follows instead is the caller's to check.
        if self.expect(b'0').is_none() {
            self.digits()?;
        }
        if self.expect(b'.').is_some() {
            self.digits()?;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let begin = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        (self.at > begin).then_some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.bytes.get(self.at..)?.starts_with(word.as_bytes()).then(|| self.at += word.len())
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (*self.bytes.get(self.at)? == byte).then(|| self.at += 1)
    }

    fn blanks(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Index of the first quote or backslash at or after `at`, in a string. A control character stands in no string.
    fn plain_end(&self, mut at: usize) -> Option<usize> {
        while let Some(chunk) = self.bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            let word = u64::from_le_bytes(*chunk);
            let (quote, escape) = (word ^ QUOTES, word ^ ESCAPES);
            let low = word.wrapping_sub(BLANKS) & !word;
            let hit = ((quote.wrapping_sub(ONES) & !quote) | (escape.wrapping_sub(ONES) & !escape) | low) & HIGH;
            if hit != 0 {
                // Marks above the lowest one may be wrong; the lowest is right.
                at += hit.trailing_zeros() as usize / 8;
                return (self.bytes[at] >= 0x20).then_some(at);
            }
            at += 8;
        }
        loop {
            match self.bytes.get(at)? {
                b'"' | b'\\' => return Some(at),
                0..0x20 => return None,
                _ => at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(text: &str) -> Option<Record<'_>> {
        let mut into = Record::default();
        super::record(text, &mut into).then_some(into)
    }

    const SOUND: &str = r#"{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROA:i-1","arn":"arn:aws:sts::1:assumed-role/r/i-1","accountId":"1","accessKeyId":"ASIA1","onBehalfOf":{"userId":"u"},"sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::1:role/r","userName":"r"},"webIdFederationData":{},"attributes":{"creationDate":"2026-03-02T00:00:00Z","mfaAuthenticated":"false"},"ec2RoleDelivery":"2.0"}},"eventTime":"2026-03-02T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-central-1","sourceIPAddress":"3.121.132.90","userAgent":"[a\/b c\u00e9]","errorCode":"AccessDenied","errorMessage":"no \"right\"","requestParameters":{"bucketName":"b","x":[1,-2.5e3,{"y":null}],"key":{"k":["v"]}},"responseElements":null,"additionalEventData":{"bytesTransferredIn":0.0,"bytesTransferredOut":12},"eventID":"id","readOnly":true,"resources":[{"ARN":"arn:aws:s3:::b/k"}],"recipientAccountId":"1", "tlsDetails" : { } }"#;

    /// What both ways make of a text; the quick one may leave it to the other.
    fn agree(text: &str) -> bool {
        let Some(quick) = record(text) else { return true };
        serde_json::from_str::<Record<'_>>(text).is_ok_and(|slow| format!("{quick:?}") == format!("{slow:?}"))
    }

    #[test]
    fn ordinary_records_are_read_the_quick_way_and_alike() {
        assert!(record(SOUND).is_some());
        assert!(agree(SOUND));
        for text in ["{}", r#"{"eventTime":1.50,"userIdentity":null,"requestParameters":{}}"#, r#"{"readOnly":false,"eventID":[{"a":1}]}"#]
        {
            assert!(record(text).is_some() && agree(text), "{text}");
        }
    }

    #[test]
    fn the_unusual_is_left_to_the_general_parser() {
        for text in [
            r#"{"eventTime":"a","eventTime":"b"}"#,
            r#"{"event\u0054ime":"a"}"#,
            r#"{"userIdentity":"x"}"#,
            r#"{"userIdentity":{"accesKeyId":"x"}}"#,
            r#"{"detail":{}}"#,
            r#"{"a":01}"#,
            r#"{"a":1,}"#,
            r#"{"a":[1,]}"#,
            r#"{"a":"\x"}"#,
            "{\"a\":\"\t\"}",
            r#"{"a":nul}"#,
            r#"{"a":1}x"#,
            r#"{"a":-}"#,
            r#"{"a" 1}"#,
            r#"{"eventTime":1e999}"#,
            "[]",
            "",
        ] {
            assert!(record(text).is_none(), "{text}");
        }
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100), "]".repeat(100));
        assert!(record(&deep).is_none());
    }

    proptest! {
        /// Protects the one rule of this file: whatever is done to a record, the quick way never says something else.
        #[test]
        fn the_quick_way_never_disagrees(cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..6, "[\\x00-\\x22,:{}\\[\\]\\\\0-9truefalsn.eE+-]{0,3}"), 0..4)) {
            let mut text = SOUND.to_owned();
            for (place, length, put) in &cuts {
                let at = place.index(text.len());
                let end = (at + length).min(text.len());
                if text.is_char_boundary(at) && text.is_char_boundary(end) {
                    text.replace_range(at..end, put);
                }
            }
            prop_assert!(agree(&text), "{}", text);
        }
    }
}
