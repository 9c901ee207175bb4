//! Logs written by an attacker, through the real program: nothing in a name, an agent or an object drives a terminal or
//! moves a pane, and no secret that was logged is anywhere in the store or in what is printed.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot run the program must stop")]

#[path = "cli/driver.rs"]
#[expect(dead_code, reason = "what other tests of the program need")]
mod driver;
#[path = "cli/terminal.rs"]
#[expect(dead_code, reason = "what other tests of the program need")]
mod terminal;

use driver::{Desk, record};
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};
use terminal::Terminal;

/// What attackers put into names.
fn hostile() -> Vec<String> {
    let mut values: Vec<String> = [
        "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[31mred",
        "\u{1b}]52;c;cm0gLXJmIH4=\u{7}\u{1b}]8;;https://evil.example\u{1b}\\link\u{1b}]8;;\u{1b}\\",
        "\u{1b}[?1049l\u{1b}[?25h\u{1b}c\u{1b}P$q\"p\u{1b}\\\u{1b}[6n\u{1b}[c",
        "\u{9b}2J\u{9d}0;owned\u{9c}\u{90}x\u{9c}\u{85}y",
        "crm\u{202e}cnys-\u{2066}x\u{2069}\u{200f}",
        "adm\u{0}in\r\n\tx\u{8}\u{7f}\n\n\nroot",
        "svc\u{200b}-\u{200d}a\u{feff}\u{ad}\u{2060}\u{3164}\u{2028}b",
        "ok\u{e0041}\u{e0042}\u{e007f}\u{fe0f}\u{e000}",
        "漢字漢字漢字漢字漢字漢字漢字👩\u{200d}💻",
        "=cmd|' /C calc'!A0 | {curly} [b] <script>alert(1)</script> `x` $(reboot)",
    ]
    .map(str::to_owned)
    .to_vec();
    values.push(format!("a{}b", "\u{301}".repeat(200)));
    values.push("long ".repeat(2_000));
    values
}

fn tame() -> Vec<String> {
    (0..hostile().len()).map(|n| format!("svc-{n}")).collect()
}

/// Four weeks of as many identities as there are values, and a theft of each.
fn corpus(values: &[String]) -> String {
    let mut text = String::new();
    let value = |n: usize| values[n % values.len()].as_str();
    let mut number = 0;
    for (who, name) in values.iter().enumerate() {
        let mut add = |time: String, more: Value| {
            number += 1;
            let mut whole = json!({
                "eventTime": time, "eventID": format!("id-{number}"), "sourceIPAddress": "52.57.10.20",
                "userIdentity": {
                    "type": "IAMUser", "principalId": format!("AIDA{who:04}"), "accountId": "111122223333", "accessKeyId": format!("AKIA{who:016}"),
                    "arn": format!("arn:aws:iam::111122223333:user/{name}"), "userName": name,
                },
                "userAgent": format!("Boto3/1.34.131 {}", value(who + 1)),
                "requestParameters": {"bucketName": value(who + 2), "key": value(who + 3)},
            });
            whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            text.push_str(&record("", 0, whole));
            text.push('\n');
        };
        for day in 1..=28 {
            for hour in [1, 7, 13, 19] {
                add(format!("2026-10-{day:02}T{hour:02}:00:{who:02}Z"), json!({}));
            }
        }
        for step in 0..16 {
            let odd = value(who + step);
            add(
                format!("2026-10-29T03:{step:02}:{who:02}Z"),
                json!({
                    "sourceIPAddress": "185.220.101.34", "userAgent": odd, "eventSource": "iam.amazonaws.com",
                    "eventName": (["CreateAccessKey", "ListUsers", odd, "GetSecretValue"][step % 4]), "errorCode": "AccessDenied", "errorMessage": odd,
                    "awsRegion": odd, "requestParameters": {"userName": odd, "roleArn": odd, "secretId": odd},
                    "resources": [{"ARN": odd, "type": odd}],
                }),
            );
        }
    }
    text
}

/// Neither a control nor a character that hides, turns or joins others.
fn harmless(c: char) -> bool {
    let hides = matches!(c, '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{e0fff}');
    !c.is_control() && !hides
}

#[test]
fn nothing_printed_drives_a_terminal() {
    let desk = Desk::new();
    let path = desk.file("trail/a.ndjson", &(corpus(&hostile()) + "{\"broken\": \"\u{1b}]0;x\u{7}\u{202e}\n"));
    let loaded = desk.run(&["load", &path]);
    assert_eq!(loaded.code, 0, "{}", loaded.err);
    let alerts = desk.objects(&["alerts"]);
    assert!(alerts.len() >= hostile().len(), "{} alerts", alerts.len());
    let identities = desk.objects(&["identities"]);
    assert_eq!(identities.len(), hostile().len());
    let names: Vec<&str> = identities.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert!(hostile().iter().filter(|name| names.contains(&name.as_str())).count() > 5, "stored as they are: {names:?}");

    let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let mut commands: Vec<Vec<String>> = [
        &["alerts"][..],
        &["findings"],
        &["identities"],
        &["identities", "--full"],
        &["events"],
        &["events", "--raw"],
        &["rejects"],
        &["doctor"],
    ]
    .iter()
    .map(|args| args.iter().map(|arg| (*arg).to_owned()).collect())
    .collect();
    // No argument can hold a NUL; that identity is asked for by the others' ways.
    for id in ids(&identities).into_iter().filter(|id| !id.contains('\0')) {
        commands.push(vec!["show".to_owned(), id.clone()]);
        commands.push(vec!["review".to_owned(), id]);
    }
    for id in ids(&alerts).into_iter().take(hostile().len()) {
        commands.push(vec!["show".to_owned(), id]);
    }
    let mut texts = vec![loaded.out, loaded.err];
    for command in &commands {
        let args: Vec<&str> = command.iter().map(String::as_str).collect();
        let ran = desk.run(&args);
        assert_eq!(ran.code, 0, "{args:?} {}", ran.err);
        assert!(!ran.out.is_empty() || args[0] == "findings", "{args:?}");
        texts.extend([ran.out, ran.err]);
        if args[0] == "review" {
            continue;
        }
        let ran = desk.run(&[&args[..], &["--json"]].concat());
        for line in ran.out.lines() {
            serde_json::from_str::<Value>(line).unwrap();
            assert!(!line.chars().any(char::is_control), "{args:?}");
        }
        if !matches!(args[0], "doctor" | "review") {
            let ran = desk.run(&[&args[..], &["--color", "always"]].concat());
            assert!(ran.out.split('\u{1b}').skip(1).all(colour), "{args:?}");
        }
    }
    for text in &texts {
        if let Some(odd) = text.chars().find(|c| *c != '\n' && !harmless(*c)) {
            let line = text.lines().find(|line| line.contains(odd));
            assert_eq!(line, None, "{odd:?}");
        }
        let longest = text.lines().map(str::len).max().unwrap_or(0);
        assert!(longest < 9_000, "a value of 10 kB is cut: {longest}, {}", text.lines().find(|line| line.len() == longest).unwrap());
    }
}

/// Whether an escape sequence only colours: `[`, digits and semicolons, `m`.
fn colour(after: &str) -> bool {
    after.strip_prefix('[').is_some_and(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m'))
}

/// Keys from screen to screen, and what is to be seen before going on.
const WALK: [(&str, &str); 17] = [
    ("", "Anomalies"),
    ("\t", "▎Anomalies"),
    ("j", ""),
    ("\r", "185.220.101.34"),
    ("G", ""),
    ("\t", ""),
    ("\r", ""),
    ("\r", ""),
    ("2", ""),
    ("j\r", "185.220.101.34"),
    ("d", "Dismiss"),
    ("\x1b", ""),
    ("3", ""),
    ("\t", ""),
    ("?", ""),
    ("\x1b", ""),
    (":", ""),
];

/// One line of text of a screen, and where its panes begin.
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    header: String,
    tabs: String,
    hints: String,
    panes: Vec<(usize, usize)>,
    corners: Vec<(usize, usize)>,
}

fn frame(terminal: &Terminal) -> Frame {
    let seen = terminal.seen();
    let rows: Vec<String> = seen.screen().rows(0, 80).collect();
    let find = |wanted: &str| {
        let mut found = Vec::new();
        for (y, row) in rows.iter().enumerate() {
            // By column, as wide letters stand before some.
            let at = |byte: usize| unicode_width::UnicodeWidthStr::width(&row[..byte]);
            found.extend(row.char_indices().filter(|(_, c)| wanted.contains(*c)).map(|(byte, _)| (y, at(byte))));
        }
        found
    };
    let begin = |row: &str| row.chars().take(34).collect::<String>();
    Frame { header: begin(&rows[0]), tabs: begin(&rows[1]), hints: rows[23].clone(), panes: find("▎"), corners: find("╭╮╰╯") }
}

#[test]
fn no_screen_is_driven_or_moved() {
    let mut consoles = [tame(), hostile()].map(|values| {
        let desk = Desk::new();
        let path = desk.file("trail/a.ndjson", &corpus(&values));
        assert_eq!(desk.run(&["load", &path]).code, 0);
        let terminal = Terminal::start(&mut desk.command(&[]), 24, 80);
        (desk, terminal)
    });
    for (step, (keys, seen)) in WALK.into_iter().enumerate() {
        for (_, terminal) in &mut consoles {
            terminal.press(keys.as_bytes());
        }
        for (_, terminal) in &consoles {
            terminal.until(seen);
        }
        // The same screen, and everything of it where it was: the two may draw it at different moments.
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            for (_, terminal) in &consoles {
                terminal.settle();
            }
            let [tame, hostile] = [0, 1].map(|i| frame(&consoles[i].1));
            if tame == hostile {
                break;
            }
            let screens = [0, 1].map(|i| consoles[i].1.screen());
            assert!(Instant::now() < deadline, "step {step} {keys:?}\n{}\n{}\n{tame:?}\n{hostile:?}", screens[0], screens[1]);
        }
        let screen = consoles[1].1.screen();
        let odd = screen.chars().find(|c| *c != '\n' && !harmless(*c));
        assert_eq!(odd, None, "step {step} {keys:?}\n{screen}");
        if std::env::var_os("DRIFTLINE_TEST_SHOW").is_some() {
            println!("── {step} {keys:?}\n{screen}");
        }
    }
    for (_, mut terminal) in consoles {
        let asked = terminal.seen().callbacks().clone();
        assert!(asked.title.is_empty() && asked.icon.is_empty() && asked.unhandled.is_empty(), "{asked:?}");
        assert_eq!((asked.copied, asked.pasted, asked.bells), (0, 0, 0), "{asked:?}");
        only_ours(&terminal.bytes());
        terminal.press(b"\x03");
        let bytes = terminal.bytes();
        assert_eq!(terminal.ended(), 0);
        only_ours(&bytes);
    }
}

/// Everything but text that was written is a sequence of the console's own: positions, colours, its own modes.
fn only_ours(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.split('\u{1b}');
    assert_eq!(parts.next(), Some(""));
    for part in parts {
        assert!(part.starts_with('['), "a sequence that is none of ours: {part:?}");
        let rest = &part[1..];
        let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap();
        let (parameters, kind, drawn) = (&rest[..end], &rest[end..=end], &rest[end + 1..]);
        let known = match kind {
            "m" | "H" | "J" | "K" => parameters.bytes().all(|b| b.is_ascii_digit() || b == b';' || b == b':'),
            "h" | "l" => ["?1049", "?25", "?2004", "?2026", "?1000", "?1002", "?1003", "?1015", "?1006"].contains(&parameters),
            _ => false,
        };
        assert!(known, "ESC[{parameters}{kind}");
        let odd = drawn.chars().find(|c| !harmless(*c));
        assert_eq!(odd, None, "{drawn:?}");
    }
}

const CANARY: &str = "CaNaRy";

/// A secret of `length` letters with the canary in it, as keys and tokens look.
fn secret(length: usize) -> String {
    let body = "wJalrXUtnFEMIbPxRfiCYzK7MDENG0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".repeat(5);
    format!("{}{CANARY}{}", &body[..length / 2], &body[length / 2..length - CANARY.len()])
}

/// Records with secrets wherever CloudTrail has ever carried one.
fn leaking_trail() -> String {
    let (key, token, short) = (secret(40), format!("IQoJb3JpZ2luX2VjE{}", secret(280)), secret(16));
    let jwt = format!("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.{}", secret(86));
    let url = format!(
        "https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261101&X-Amz-Security-Token={token}&X-Amz-Signature={key}"
    );
    let cases = [
        json!({"responseElements": {"credentials": {"accessKeyId": "ASIAIOSFODNN7EXAMPLE", "secretAccessKey": key, "sessionToken": token, "expiration": "Nov 1"}}}),
        json!({"responseElements": {"accessKey": {"accessKeyId": "AKIAI44QH8DHBEXAMPLE", "secretAccessKey": key, "userName": "x"}}}),
        json!({"requestParameters": {"masterUserPassword": short, "dBInstanceIdentifier": "db"}}),
        json!({"requestParameters": {"environment": {"variables": {"DB_PASSWORD": short, "API_KEY": key}}}}),
        json!({"requestParameters": {"body": json!({"inner": json!({"clientSecret": key}).to_string()}).to_string()}}),
        json!({"requestParameters": {"userData": key, "instanceType": "t3.micro"}}),
        json!({"requestParameters": {"sAMLAssertion": key, "roleArn": "arn:aws:iam::111122223333:role/x"}}),
        json!({"requestParameters": {"webIdentityToken": jwt, "roleArn": "arn:aws:iam::111122223333:role/x"}}),
        json!({"requestParameters": {"bucketName": "b", "key": url}}),
        json!({"requestParameters": {"secretString": format!("{{\"password\":\"{short}\"}}")}}),
        json!({"userAgent": format!("tool/1 Authorization: Bearer {jwt}")}),
        json!({"userAgent": format!("curl --password {short} https://x")}),
        json!({"errorCode": "Client", "errorMessage": format!("cannot log in with password={short}")}),
        json!({"errorCode": "Client", "errorMessage": format!("-----BEGIN RSA PRIVATE KEY-----\n{key}\n-----END RSA PRIVATE KEY-----")}),
        json!({"additionalEventData": {"AuthenticationMethod": "QueryString", "x-amz-security-token": token, "url": url}}),
        json!({"resources": [{"ARN": format!("arn:aws:s3:::b/{url}"), "type": "AWS::S3::Object"}]}),
        json!({"eventID": format!("password={key}")}),
        json!({"eventName": format!("Get?access_token={token}")}),
        json!({"sourceIPAddress": format!("198.51.100.7?sessionToken={token}")}),
        json!({"awsRegion": format!("eu-central-1&password={key}")}),
    ];
    let lines: Vec<String> = cases.into_iter().enumerate().map(|(n, more)| record("svc-a", n as u32, more)).collect();
    // Torn and foreign ones are kept as rejects.
    let torn =
        format!("{{\"eventName\":\"CreateAccessKey\",\"responseElements\":{{\"secretAccessKey\":\"{key}\",\"sessionToken\":\"{token}");
    let foreign = json!({"to": "do", "sessionToken": token, "note": format!("Authorization: Bearer {jwt}")}).to_string();
    lines.join("\n") + "\n" + &foreign + "\n" + &torn + "\n"
}

fn leaking_rows() -> String {
    let columns = [
        "EVENT_TYPE",
        "TIMESTAMP",
        "REQUEST_ID",
        "ORGANIZATION_ID",
        "USER_ID",
        "URI",
        "CLIENT_IP",
        "USER_AGENT",
        "QUERY",
        "CLIENT_NAME",
        "TIMESTAMP_DERIVED",
    ];
    let token = format!("00D5e000001HLDN!AQEAQ{}", secret(90));
    let (key, short) = (secret(40), secret(16));
    let jwt = format!("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.{}", secret(86));
    let mut text = columns.map(|c| format!("\"{c}\"")).join(",") + "\n";
    let leaks = [
        ("/services/oauth2/token?refresh_token=", token.as_str(), "SELECT Id FROM Account", "agent"),
        ("/services/data/v62.0/query", "", "SELECT Id FROM Account", "Authorization: Bearer @"),
        ("/services/data/v62.0/sobjects?sid=1&access_token=", &token, "", "agent"),
        ("/login?pw=1&password=", &short, "", "tool password=#"),
        ("/apex/x?client_secret=", &key, "SELECT Id FROM X WHERE Note__c = 'password=#'", "agent"),
        ("/services/data", "", "", "agent ~"),
    ];
    for (n, (uri, secret, query, agent)) in leaks.into_iter().enumerate() {
        let agent = agent.replace('@', &jwt).replace('#', &short).replace('~', &token);
        let query = query.replace('#', &short);
        let cells = [
            "RestApi",
            &format!("2026110101{n:02}00.000"),
            &format!("r{n}"),
            "00D5e000001HLDN",
            "0055e000004WHsK",
            &format!("{uri}{secret}"),
            "198.51.100.7",
            &agent,
            &query,
            "crm",
            &format!("2026-11-01T01:{n:02}:00.000Z"),
        ];
        text += &(cells.map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).join(",") + "\n");
    }
    text
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
}

#[test]
fn a_planted_token_is_nowhere_in_the_store() {
    let desk = Desk::new();
    desk.file("trail/a.ndjson", &leaking_trail());
    desk.file("trail/RestApi.csv", &leaking_rows());
    let folder = desk.path("trail").to_string_lossy().into_owned();
    let loaded = desk.run(&["load", &folder]);
    assert_eq!(loaded.code, 0, "{loaded:?}");
    // Followed, so that a write-ahead log is there while we look.
    desk.file("trail/b.ndjson", &leaking_trail().replace("svc-a", "svc-b").replace("00000000-0000", "11111111-0000"));
    let mut watch = desk.command(&["watch", &folder]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !desk.run(&["identities"]).out.contains("svc-b") {
        assert!(Instant::now() < deadline, "never followed");
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(200));
    let mut files = 0;
    for entry in std::fs::read_dir(desk.db().parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        files += 1;
        assert!(!contains(&std::fs::read(&path).unwrap(), CANARY), "{}", path.display());
    }
    watch.kill().unwrap();
    watch.wait().unwrap();
    assert_eq!(files, 3, "the file, its log and its index");

    let raw = desk.objects(&["events", "--raw"]);
    assert!(raw.len() >= 20 + 6, "{}", raw.len());
    let mut all = loaded.out + &loaded.err;
    for args in [
        &["events", "--raw", "--json"][..],
        &["events"],
        &["rejects", "--json"],
        &["rejects"],
        &["identities", "--full", "--json"],
        &["alerts", "--json"],
        &["findings", "--json"],
        &["show", "svc-a"],
        &["show", "svc-b", "--json"],
        &["review", "svc-a"],
        &["doctor", "--json"],
    ] {
        let ran = desk.run(args);
        assert_eq!(ran.code, 0, "{args:?} {}", ran.err);
        all += &(ran.out + &ran.err);
    }
    for line in all.lines() {
        assert!(!contains(line.as_bytes(), CANARY), "{line}");
    }
    assert!(all.contains("‹redacted:"));
    for id in ["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE", "AKIAEXAMPLE"] {
        assert!(all.contains(id), "{id} names a credential and stays");
    }
    assert!(raw.iter().all(|event| event["raw"].as_str().is_some_and(|raw| serde_json::from_str::<Value>(raw).is_ok())));
    std::io::stdout().flush().unwrap();
}
