//! Documents of many mebibytes whose records lie in lists: whatever the list is called and wherever it lies, they come one
//! by one, once, in little memory. Names and shapes are those in which providers deliver.

use super::*;
use std::fmt::Write as _;

/// A record of about `size` bytes with things in it that look like structure.
fn record(n: usize, size: usize) -> String {
    let mut out = format!("{{\"n\":{n},\"x\":{{\"y\":[1,\"\\\"}}]{{\"],\"l\":[{{\"z\":1}}]}},\"t\":\"");
    out.extend(std::iter::repeat_n('x', size.saturating_sub(out.len() + 2)));
    out.push_str("\"}");
    out
}

fn list(from: usize, records: usize, size: usize) -> String {
    (from..from + records).map(|n| record(n, size)).collect::<Vec<_>>().join(",\n")
}

/// What stands before and behind the list in documents as providers deliver them.
const AROUND: &[(&str, &str)] = &[
    ("{\"Records\":[", "]}"),
    ("{\"@odata.context\":\"https://graph.example/$metadata#auditLogs/signIns\",\"@odata.nextLink\":\"x\",\"value\":[", "]}"),
    ("{\"Events\":[", "],\"NextToken\":\"x\"}"),
    ("{\"Findings\":[", "]}"),
    ("{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"metadata\":{},\"items\":[", "]}"),
    ("{\"took\":5,\"_shards\":{\"total\":1},\"hits\":{\"total\":{\"value\":9},\"max_score\":1.0,\"hits\":[", "]}}"),
    ("{\"data\":{\"auditLogEntries\":{\"nodes\":[", "],\"pageInfo\":{\"hasNextPage\":false}}}}"),
    ("{\"meta\":{\"pages\":[1,2]},\"unheardOf\" : [", " ] , \"n\":1}"),
    ("{\"requestId\":\"1\",\"timestamp\":1578090901599,\"records\":[", "]}"),
    ("[", "]"),
    ("[[", "]]"),
    ("[{\"kind\":\"EventList\",\"metadata\":{},\"items\":[", "]}]"),
    ("[\n{\"page\":{\"n\":1},\"unheardOf\":[", "]}\n]"),
];

/// Texts with where they begin.
type Placed = Vec<(u64, String)>;

/// Records, rejects and the last position are the same however many bytes come at a time, and no block is large.
fn same(text: &[u8], sizes: &[usize]) -> (Placed, Placed) {
    let whole = blocks(text, usize::MAX);
    for size in sizes {
        let parts = blocks(text, *size);
        assert_eq!(records(&whole), records(&parts), "read size {size}");
        assert_eq!(rejects(&whole), rejects(&parts), "read size {size}");
        assert_eq!(whole.last().unwrap().position, parts.last().unwrap().position, "read size {size}");
        assert!(parts.iter().all(|block| block.bytes.len() <= 2 * RECORD_BYTES + size + 8_192), "read size {size}");
    }
    (records(&whole), rejects(&whole))
}

#[test]
fn a_large_document_gives_its_records_whatever_its_list_is_called() {
    let inside = list(0, 3_000, 1_000);
    let expected: Vec<String> = (0..3_000).map(|n| record(n, 1_000)).collect();
    for (before, after) in AROUND {
        let text = format!("{before}{inside}{after}");
        assert!(text.len() > 2 * RECORD_BYTES);
        let (found, bad) = same(text.as_bytes(), &[4_093, 262_144, 1 << 20]);
        assert_eq!(bad, [], "{before}");
        assert_eq!(found.len(), 3_000, "{before}");
        assert!(
            found
                .iter()
                .zip(&expected)
                .all(|((offset, text_of), want)| { text_of == want && text[*offset as usize..].starts_with(want.as_str()) })
        );
    }
}

/// A document small enough for a record stays one where only its size would tell.
#[test]
fn what_is_small_is_as_it_was() {
    let small = format!("{{\"meta\":{{}},\"unheardOf\":[{}]}}", list(0, 3, 50));
    assert_eq!(read(&small), (vec![small.clone()], 0));
    let filled = |length: usize| {
        let rest = "{\"unheardOf\":[{\"t\":\"\"}]}".len();
        format!("{{\"unheardOf\":[{{\"t\":\"{}\"}}]}}", "x".repeat(length - rest))
    };
    for (length, inner) in [(RECORD_BYTES - 1, false), (RECORD_BYTES, false), (RECORD_BYTES + 1, true), (RECORD_BYTES + 2, true)] {
        let text = filled(length) + "{\"last\":1}";
        let (found, bad) = same(text.as_bytes(), &[RECORD_BYTES - 1, RECORD_BYTES, RECORD_BYTES + 1, 1_000]);
        assert_eq!((found.len(), bad.len()), (2, 0), "{length}");
        assert_eq!(found[0].1.starts_with("{\"t\""), inner, "{length}");
    }
}

#[test]
fn a_record_that_is_too_large_is_no_document() {
    let list = list(0, 1_500, 1_000);
    for text in [
        format!("{{\"auditID\":\"1\",\"requestObject\":{{\"items\":[{list}]}}}}"),
        format!("{{\"eventTime\":\"t\",\"x\":[{list}]}}"),
        format!("{{\"x\":[\"{}\"]}}", "y".repeat(2 * RECORD_BYTES)),
        format!("{{\"x\":[[{list}]]}}"),
    ] {
        for text in [text.clone(), format!("[{text}]"), format!("{{\"Records\":[{text}]}}")] {
            let (found, bad) = same(format!("{text}{{\"a\":1}}").as_bytes(), &[1_000, 300_000]);
            assert_eq!((found.len(), bad.len()), (1, 1), "{}", &text[..40]);
            assert!(bad[0].1.contains("1 MiB"), "{}", bad[0].1);
        }
    }
}

/// Nothing in a large document is lost in silence: all its lists are read, in order.
#[test]
fn all_lists_of_a_large_document_are_read() {
    let text = format!(
        "{{\"SignIns\":[{}],\"n\":[1],\"deep\":{{\"Audits\":[{}]}},\"none\":[],\"Last\":[{}]}}\n{{\"small\":[{{\"a\":1}}]}}",
        list(0, 700, 1_000),
        list(700, 1_400, 1_000),
        list(2_100, 2, 100)
    );
    let (found, bad) = same(text.as_bytes(), &[999, 70_000]);
    assert_eq!((found.len(), bad.len()), (2_103, 0));
    assert!(found[..2_102].iter().enumerate().all(|(n, (_, text))| text.starts_with(&format!("{{\"n\":{n},"))));
    assert_eq!(found[2_102].1, "{\"small\":[{\"a\":1}]}");
    // A list may also begin where the object is too large already.
    let late = format!("{{\"x\":\"{}\",\"late\":[{}]}}", "x".repeat(2 * RECORD_BYTES), list(0, 3, 100));
    let (found, bad) = same(late.as_bytes(), &[999, 70_000]);
    assert_eq!((found.len(), bad.len()), (3, 0));
}

/// A subscription of the log service: the log it is from stands beside every record, because a record alone does not tell.
#[test]
fn records_of_a_log_carry_what_stands_before_their_list() {
    let head = "{\"messageType\":\"DATA_MESSAGE\",\"owner\":\"111122223333\",\"logGroup\":\"/aws/eks/shop/cluster\",\"subscriptionFilters\":[\"f\"],";
    let event = |n: usize| format!("\"id\":\"{n}\",\"timestamp\":1795082400123,\"message\":\"{{\\\"n\\\":{n}}}\"}}");
    for many in [2, 20_000] {
        let events: Vec<String> = (0..many).map(|n| format!("{{ {}", event(n))).collect();
        let text = format!("{head}\"logEvents\": [{},{{}}]}}", events.join(","));
        let both = format!("{{\"Records\":[{{\"r\":1}}]}}{text}\n{text}[{{\"l\":1}}]");
        let (found, bad) = if many == 2 { same(both.as_bytes(), &[1, 7, 50]) } else { same(both.as_bytes(), &[5_000, 262_144]) };
        assert_eq!((found.len(), bad.len()), (2 * many + 4, 0));
        assert_eq!((found[0].1.as_str(), found.last().unwrap().1.as_str()), ("{\"r\":1}", "{\"l\":1}"));
        assert_eq!(found[many + 1].1, format!("{}}}", head.trim_end_matches(',')));
        for n in 0..many {
            assert_eq!(found[1 + n].1, format!("{head}{}", event(n)));
            assert!(both[found[1 + n].0 as usize..].starts_with(&events[n]));
        }
        assert!(found.iter().all(|(_, text)| serde_json::from_str::<serde_json::Value>(text).is_ok()));
    }
}

/// Lines are cut by their ends, also when one of them is a document or is cut off.
#[test]
fn a_line_may_be_a_large_document() {
    let large = |inside: &str| format!("{{\"kind\":\"x\",\"meta\":{{}},\"unheardOf\":[{inside}]}}");
    let one_line = list(0, 2_000, 1_000).replace('\n', "");
    let document = large(&one_line);
    let flat = format!("{{\"x\":\"{}\"}}", "x".repeat(RECORD_BYTES));
    for (text, good, bad) in [
        (format!("{{\"a\":1}}\n{document}\n{{\"a\":2}}\n{document} \r\n{{\"a\":3}}\n"), 4_003, 0),
        (format!("{{\"a\":1}}\n{flat}\n{{\"a\":2}}\n{document}\n{flat}"), 2_002, 2),
        // Cut off within a list: the lines that follow are read, and the end says that the list was open.
        (format!("{{\"a\":1}}\n{}\n{{\"a\":2}}\n", &document[..document.len() - 2]), 2_002, 1),
        // Cut off where no list is: the line alone is lost.
        (format!("{{\"a\":1}}\n{}\n{{\"a\":2}}\n{{\"a\":3}}\n", &flat[..flat.len() - 2]), 3, 1),
        (format!("{{\"a\":1}}\n{{\"x\":{flat}\n{{\"a\":2}}\n{{\"a\":3}}\n"), 3, 1),
        (format!("{{\"a\":1}}\n{{\"a\":1}} {}\n{{\"a\":2}}\n", "x".repeat(RECORD_BYTES)), 3, 1),
    ] {
        let (found, rejects) = same(text.as_bytes(), &[997, 65_536, 1 << 20]);
        assert_eq!((found.len(), rejects.len()), (good, bad), "{text:.30} {rejects:?}");
    }
}

/// Protects every kill, cut and half upload: what is whole is kept, the rest is one reject.
#[test]
fn a_large_document_cut_anywhere_keeps_its_complete_records() {
    let inside = list(0, 1_500, 1_000);
    for (before, after) in AROUND {
        let text = format!("{before}{inside}{after}");
        let begins = before.len();
        for cut in [RECORD_BYTES + begins + 77, begins + 1_400_000, text.len() - after.len() - 1, text.len() - 1] {
            let (found, bad) = same(&text.as_bytes()[..cut], &[60_000]);
            // A record and what divides it from the next take 1,002 bytes.
            assert_eq!((found.len(), bad.len()), ((cut - begins + 2) / 1_002, 1), "{before} {cut}");
        }
    }
}

/// Protects exactly once: from the position after any block the rest comes, once, also from gzip.
#[test]
fn reading_a_large_document_goes_on_where_a_position_says() {
    let dir = tempfile::tempdir().unwrap();
    let inside = list(0, 3_500, 1_000);
    let mut shapes: Vec<(String, usize)> = AROUND.iter().map(|(before, after)| (format!("{before}{inside}{after}"), 3_500)).collect();
    let mut log = String::from("{\"owner\":\"1\",\"logGroup\":\"g h\",\"logEvents\":[");
    for n in 0..30_000 {
        let _ = write!(log, "{}{{\"id\":{n},\"message\":\"{}\"}}", if n > 0 { "," } else { "" }, "m".repeat(60));
    }
    shapes.push((log.clone() + "]}" + &log + "]}", 60_000));
    shapes.push((format!("{{\"a\":1}}\n{{\"m\":{{}},\"q\":[{}],\"z\":[{{\"a\":1}}]}}\n{{\"a\":2}}\n", inside.replace('\n', "")), 3_503));
    for (n, (text, count)) in shapes.iter().enumerate() {
        for name in ["x.json", "x.json.gz"] {
            let path = dir.path().join(format!("{n}{name}"));
            std::fs::write(&path, if name.ends_with("gz") { gzip(text.as_bytes()) } else { text.clone().into_bytes() }).unwrap();
            let whole = read_file(&path, None);
            let all = records(&whole);
            assert_eq!((all.len(), rejects(&whole).len()), (*count, 0), "{text:.40}");
            assert!(whole.len() > 3);
            let mut seen = 0;
            for block in &whole {
                seen += block.frames.len();
                let mut reader = Reader::open(&feed(&path), Some(&block.position)).unwrap();
                assert!(reader.resumed());
                let rest: Vec<Block> = std::iter::from_fn(|| reader.next_block().unwrap()).collect();
                assert_eq!(records(&rest), all[seen..], "{:.40}: {}", text, block.position.header);
                assert_eq!(rejects(&rest).len(), 0);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Protects determinism where size decides: documents around the limit, with damage in them, at any read size.
    #[test]
    fn any_read_sizes_give_the_same_of_large_documents(
        parts in proptest::collection::vec(prop_oneof![
            4 => (0usize..400, 100usize..4_000).prop_map(|(n, size)| list(n, 100, size)),
            1 => (1usize..RECORD_BYTES).prop_map(|n| format!("\"{}\"", "s".repeat(n))),
            3 => proptest::sample::select(vec!["{\"u\":[", "{\"m\":{},\"items\":[", "]}", "]", "[", "}", ",", "\n", "{\"id\":1,\"items\":[", "{\"logGroup\":\"g\",\"logEvents\":[", "{\"a\":1}\n", "{\"d\":{\"e\":[", "{\"x\":", "\"", "],\"v\":["]).prop_map(str::to_owned),
        ], 1..14),
        sizes in proptest::collection::vec(500usize..2_000_000, 2),
    ) {
        let text = parts.concat();
        let whole = blocks(text.as_bytes(), usize::MAX);
        for size in sizes {
            let cut = blocks(text.as_bytes(), size);
            prop_assert_eq!(records(&whole), records(&cut));
            prop_assert_eq!(rejects(&whole), rejects(&cut));
            prop_assert_eq!(&whole.last().unwrap().position, &cut.last().unwrap().position);
        }
    }
}
