//! The store's small binary forms: runs of numbers as LEB128 differences (starts and offsets of raw records, hour
//! counters), and the events an alert stands on. Reading never trusts the bytes: damage is `None`, never a panic. It must
//! not know which table a blob came from.

use crate::model::alert::EventRef;
use crate::model::{EventId, Timestamp};

/// Writes a number, seven bits a byte, lowest first.
fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Numbers as wrapping differences to the one before; short when they rise slowly.
pub fn pack_rising(numbers: impl IntoIterator<Item = u64>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut last = 0u64;
    for number in numbers {
        put(&mut out, number.wrapping_sub(last));
        last = number;
    }
    out
}

/// Reads what [`pack_rising`] wrote.
pub fn unpack_rising(mut bytes: &[u8]) -> Option<Vec<u64>> {
    let mut out = Vec::new();
    let mut last = 0u64;
    while !bytes.is_empty() {
        last = last.wrapping_add(take(&mut bytes)?);
        out.push(last);
    }
    Some(out)
}

/// 24 hour counters.
pub fn pack_hours(hours: &[u32; 24]) -> Vec<u8> {
    let mut out = Vec::with_capacity(24);
    for count in hours {
        put(&mut out, u64::from(*count));
    }
    out
}

/// Reads what [`pack_hours`] wrote.
pub fn unpack_hours(mut bytes: &[u8]) -> Option<[u32; 24]> {
    let mut hours = [0; 24];
    for count in &mut hours {
        *count = u32::try_from(take(&mut bytes)?).ok()?;
    }
    bytes.is_empty().then_some(hours)
}

/// The events an alert stands on, twenty bytes each.
pub fn pack_support(support: &[EventRef]) -> Vec<u8> {
    let mut out = Vec::with_capacity(support.len() * 20);
    for event in support {
        out.extend(event.time.0.to_le_bytes());
        out.extend(event.id.0.to_le_bytes());
        out.extend(event.principal.to_le_bytes());
    }
    out
}

/// Reads what [`pack_support`] wrote.
pub fn unpack_support(bytes: &[u8]) -> Option<Vec<EventRef>> {
    let (events, rest) = bytes.as_chunks::<20>();
    if !rest.is_empty() {
        return None;
    }
    events
        .iter()
        .map(|event| {
            Some(EventRef {
                time: Timestamp(i64::from_le_bytes(*event.first_chunk()?)),
                id: EventId(u64::from_le_bytes(event[8..16].try_into().ok()?)),
                principal: u32::from_le_bytes(*event.last_chunk()?),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Protects raw records and counters: what is packed is what is read.
        #[test]
        fn packing_loses_nothing(numbers: Vec<u64>, hours: [u32; 24], refs: Vec<(i64, u64, u32)>) {
            prop_assert_eq!(unpack_rising(&pack_rising(numbers.clone())), Some(numbers));
            prop_assert_eq!(unpack_hours(&pack_hours(&hours)), Some(hours));
            let refs: Vec<_> = refs.into_iter().map(|(t, e, principal)| EventRef { time: Timestamp(t), id: EventId(e), principal }).collect();
            prop_assert_eq!(unpack_support(&pack_support(&refs)), Some(refs));
        }

        /// Protects the reader from a damaged file.
        #[test]
        fn damage_never_panics(bytes: Vec<u8>) {
            let _ = (unpack_rising(&bytes), unpack_hours(&bytes), unpack_support(&bytes));
        }
    }
}
