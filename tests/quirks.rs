//! Quirks that lie between bytes and record: what real files do to their containers. Each is read from bytes as they come,
//! framed and read by the format that is recognised.
#![expect(clippy::unwrap_used, reason = "a test that cannot read must stop")]

use driftline::feed::Stream;
use driftline::format;

/// Of each record its format and either the action it gives or the refusal; then the reasons of rejects.
fn read(bytes: &[u8]) -> (Vec<String>, Vec<String>) {
    let mut stream = Stream::whole("f", bytes, 64 << 20).unwrap();
    let (mut told, mut rejects) = (Vec::new(), Vec::new());
    while let Some(block) = stream.next_block().unwrap() {
        for frame in &block.frames {
            let record = block.record(frame).unwrap();
            let Some(format) = format::recognise(record) else {
                told.push("unknown".to_owned());
                continue;
            };
            let read = format.read(record, &mut |event| told.push(format!("{} {}", format.name(), event.action)));
            if let Err(refusal) = read {
                told.push(format!("{}: {refusal}", format.name()));
            }
        }
        rejects.extend(block.rejects.iter().map(|reject| reject.reason.clone()));
    }
    (told, rejects)
}

/// A table whose cell is a whole JSON document, with doubled quotes and line ends in it, and cells that are empty.
#[test]
fn a_cell_may_hold_a_document_or_nothing() {
    let document = r#"{""CreationTime"":""2026-11-19T10:00:00"",""Id"":""1"",""Operation"":""FileDownloaded"",""RecordType"":6,""UserType"":0,""UserId"":""ana@example.com"",""Workload"":""SharePoint"",""Note"":""a\r\nb""}"#;
    let text = format!(
        "\u{feff}RecordType,CreationDate,UserIds,Operations,AuditData\r\n6,2026-11-19T10:00:00Z,ana@example.com,FileDownloaded,\"{document}\"\r\n6,2026-11-19T10:00:00Z,ana@example.com,FileDownloaded,\"{}\"\r\n6,2026-11-19T10:00:00Z,ana@example.com,FileDownloaded,\r\n",
        document.replace(",\"\"Id", ",\r\n  \"\"Id")
    );
    let (told, rejects) = read(text.as_bytes());
    assert_eq!(rejects, Vec::<String>::new());
    assert_eq!(told[..2], ["m365_ual FileDownloaded", "m365_ual FileDownloaded"]);
    assert_eq!(told.len(), 3, "{told:?}");
}

/// Files put one behind the other: the header comes again, in other letters, with other columns; an address of tens of kilobytes.
#[test]
fn a_header_may_come_again() {
    let long = format!("/services/data/v58.0/query?q={}", "x".repeat(50_000));
    let text = format!(
        "EVENT_TYPE,TIMESTAMP,USER_ID,URI\nReportExport,20261119100000.123,005000000000001,{long}\nEVENT_TYPE,TIMESTAMP,USER_ID,URI\nURI,20261119100001.123,005000000000001,/x\nevent_type,timestamp,user_id,method_name,client_ip\nAPI,20261119100002.123,005000000000001,query,198.51.100.7\n"
    );
    let (told, rejects) = read(text.as_bytes());
    assert_eq!(rejects, Vec::<String>::new());
    assert_eq!((told.len(), told[2].as_str()), (3, "salesforce_elf API query"), "{told:?}");
    // Once it has become a record, it is refused as what it is.
    let row = r#"{"EVENT_TYPE":"EVENT_TYPE","TIMESTAMP":"TIMESTAMP","USER_ID":"USER_ID","REQUEST_ID":"REQUEST_ID"}"#;
    assert_eq!(read(row.as_bytes()).0, ["salesforce_elf: a repeated header row; expected data"]);
}

/// A file that is a program, not data: it costs one line and nothing beside it.
#[test]
fn a_file_that_is_a_program_is_one_unknown_record() {
    let text = "{\n  eventVersion: \"1.08\",\n  userIdentity: { type: \"IAMUser\" },\n  eventName: \"CreateApiKey\"\n}\n";
    let (told, rejects) = read(text.as_bytes());
    assert_eq!((told, rejects), (vec!["unknown".to_owned()], Vec::new()));
}

/// A document of a log service larger than a record: every record is read, and by what stands before the list the cluster is known.
#[test]
fn a_large_document_of_a_log_is_read_record_by_record() {
    let event = |n: usize| {
        format!(
            r#"{{"id":"{n}","timestamp":1795082400123,"message":"{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"auditID\":\"a{n}\",\"stage\":\"ResponseComplete\",\"verb\":\"list\",\"user\":{{\"username\":\"system:serviceaccount:ns:x\"}},\"objectRef\":{{\"resource\":\"secrets\"}},\"requestReceivedTimestamp\":\"2026-11-19T10:00:00Z\"}}"}}"#
        )
    };
    let events = (0..8_000).map(event).collect::<Vec<_>>().join(",");
    let text = format!(
        r#"{{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"/aws/eks/shop/cluster","logStream":"kube-apiserver-audit-1","subscriptionFilters":["f"],"logEvents":[{events}]}}"#
    );
    assert!(text.len() > 2 << 20);
    let mut stream = Stream::whole("f", text.as_bytes(), 64 << 20).unwrap();
    let (mut ids, mut rejects) = (std::collections::BTreeSet::new(), 0);
    while let Some(block) = stream.next_block().unwrap() {
        rejects += block.rejects.len();
        for frame in &block.frames {
            let record = block.record(frame).unwrap();
            let format = format::recognise(record).unwrap();
            assert_eq!(format.name(), "kubernetes_audit");
            format
                .read(record, &mut |event| {
                    assert_eq!(event.tenant.as_deref(), Some("shop"));
                    ids.insert(event.provider_id.unwrap().into_owned());
                })
                .unwrap();
        }
    }
    assert_eq!((ids.len(), rejects), (8_000, 0));
}
