//! Names that look like a vendor's and are another word: `rnicrosoft`, `microsоft` with a Cyrillic letter. Each word of
//! a name is read the way an eye in a hurry reads it; what then reads as a vendor's word without being it is told. It
//! judges words only: it must not know identities or what they did, and a look-alike decides nothing.

use crate::text::class::{self, Class};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The words imitated: vendors whose names stand in front of consents and connectors. Kept by hand, and no word of
/// which another plain word is a look-alike (`dell`, `deli`).
const VENDORS: &[&str] = &[
    "adobe",
    "amazon",
    "anthropic",
    "asana",
    "atlassian",
    "aws",
    "azure",
    "bitbucket",
    "box",
    "circleci",
    "cisco",
    "claude",
    "cloudflare",
    "confluence",
    "copilot",
    "crowdstrike",
    "databricks",
    "datadog",
    "defender",
    "docusign",
    "dropbox",
    "entra",
    "exchange",
    "facebook",
    "figma",
    "gainsight",
    "github",
    "gitlab",
    "gmail",
    "google",
    "grafana",
    "hashicorp",
    "heroku",
    "hubspot",
    "intercom",
    "intune",
    "jenkins",
    "jira",
    "linkedin",
    "marketo",
    "microsoft",
    "mulesoft",
    "netlify",
    "netsuite",
    "notion",
    "office",
    "okta",
    "onedrive",
    "openai",
    "oracle",
    "outlook",
    "paypal",
    "proofpoint",
    "salesforce",
    "salesloft",
    "sap",
    "servicenow",
    "sharepoint",
    "slack",
    "snowflake",
    "splunk",
    "stripe",
    "tableau",
    "teams",
    "terraform",
    "twilio",
    "vercel",
    "workday",
    "zapier",
    "zendesk",
    "zoom",
    "zscaler",
];

/// Letters of other scripts under the Latin one they are drawn like, a selection of Unicode's table of confusables.
const DRAWN_LIKE: &[(char, &str)] = &[
    ('a', "аАαΑɑàáâãäåāăąᴀ"),
    ('b', "ВΒЬьᏴƄʙ"),
    ('c', "сСϲϹçćčᴄⅽ"),
    ('d', "ԁᴅďđⅾ"),
    ('e', "еЕєεΕèéêëēęěᴇℯ"),
    ('f', "ғƒϝ"),
    ('g', "ɡցğģℊԍ"),
    ('h', "һНΗհĥħ"),
    ('j', "јЈϳյ"),
    ('k', "кКκΚĸķᴋ"),
    ('l', "іІїιΙıìíîïīįɩɪӏӀǀⅼⅰℓłĺľ"),
    ('m', "мМΜᴍⅿ"),
    ('n', "пոηΝñńňɴ"),
    ('o', "оОοΟσօòóôõöøōőᴏℴ"),
    ('p', "рРρΡᴘ"),
    ('q', "ԛԚզ"),
    ('r', "гᴦřŕʀ"),
    ('s', "ѕЅśšşꜱ"),
    ('t', "тТτΤţťᴛ"),
    ('u', "υսцùúûüūůᴜ"),
    ('v', "νѵᴠⅴ"),
    ('w', "ԝԜωшᴡŵ"),
    ('x', "хХχΧⅹ"),
    ('y', "уУүΥγýÿʏ"),
    ('z', "ΖźżžᴢᏃ"),
];

/// The vendors' words by what is left of them: screens ask at every drawing.
static SKELETONS: LazyLock<HashMap<String, &'static str>> =
    LazyLock::new(|| VENDORS.iter().map(|vendor| (skeleton(vendor.chars().map(read)), *vendor)).collect());

/// Characters of a name that are read, parts of a word that may stand together.
const LONGEST: usize = 256;
const PARTS: usize = 12;

/// One letter of a word.
struct Letter {
    raw: char,
    /// The letter it is read as; nothing for what is not seen.
    read: Option<char>,
    /// A word may begin here: the first letter, or a capital behind a small one.
    opens: bool,
}

/// The vendor's word that a word of this name looks like without being it. Words end at blanks, dashes and dots, and
/// where a capital follows a small letter; `xn--` labels are read as what they stand for.
pub fn looks_like(name: &str) -> Option<&'static str> {
    let name: String = name.chars().take(LONGEST).collect();
    words(&unfold(&name)).iter().find_map(|word| imitated(word))
}

/// What is told of such a name, in one phrase.
pub fn look_alike_note(name: &str) -> Option<String> {
    looks_like(name).map(|vendor| format!("looks like \"{vendor}\": another word in other letters"))
}

/// The name with its `xn--` labels written out.
fn unfold(name: &str) -> String {
    let label = |text: &str| {
        let encoded = text.get(..4).filter(|head| head.eq_ignore_ascii_case("xn--")).and_then(|_| text.get(4..));
        encoded.and_then(decode).unwrap_or_else(|| text.to_owned())
    };
    let mut out = String::new();
    for part in name.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
        let end = part.char_indices().next_back().filter(|(_, c)| !c.is_ascii_alphanumeric() && *c != '-').map_or(part.len(), |(at, _)| at);
        let (text, sign) = part.split_at(end);
        out.push_str(&label(text));
        out.push_str(sign);
    }
    out
}

/// The words of a name. A character that is not seen is part of its word, for a word with one is not what it reads.
fn words(name: &str) -> Vec<Vec<Letter>> {
    let mut out = vec![Vec::new()];
    let mut small = false;
    for raw in name.chars() {
        let unseen = !raw.is_ascii() && !raw.is_whitespace() && class::of(raw) != Class::Plain;
        if unseen || raw.is_alphanumeric() || raw == '|' {
            let Some(word) = out.last_mut() else { continue };
            let opens = word.is_empty() || small && raw.is_uppercase();
            word.push(Letter { raw, read: (!unseen).then(|| read(raw)), opens });
            small = if unseen { small } else { raw.is_lowercase() };
        } else {
            out.push(Vec::new());
            small = false;
        }
    }
    out
}

/// The vendor's word that this word, or some of its parts together, looks like.
fn imitated(word: &[Letter]) -> Option<&'static str> {
    let opens = word.iter().enumerate().filter(|(_, letter)| letter.opens).map(|(at, _)| at);
    let bounds: Vec<usize> = opens.take(PARTS).chain([word.len()]).collect();
    for (n, from) in bounds.iter().enumerate() {
        for to in bounds.iter().skip(n + 1) {
            let part = word.get(*from..*to).unwrap_or_default();
            let seen = skeleton(part.iter().filter_map(|letter| letter.read));
            if let Some(vendor) = SKELETONS.get(&seen) {
                let raw: String = part.iter().map(|letter| letter.raw).collect();
                // Three letters with a digit among them are a number more often than a name.
                let short = vendor.len() < 4 && raw.contains(|c: char| c.is_ascii_digit() || c == '|');
                if !raw.eq_ignore_ascii_case(vendor) && !short {
                    return Some(vendor);
                }
            }
        }
    }
    None
}

/// The small Latin letter that a character is read as; `i`, `I`, `1` and `|` are all an upright stroke, an `l`.
fn read(c: char) -> char {
    let c = latin(c).to_ascii_lowercase();
    match c {
        'i' | '1' | '|' => 'l',
        '0' => 'o',
        '5' => 's',
        _ => c,
    }
}

fn latin(c: char) -> char {
    let letter = |n: u32| char::from_u32(n).unwrap_or(c);
    let code = u32::from(c);
    match code {
        0..=0x7f => c,
        // Wide forms stand in the order of ASCII, letters for mathematics in fifty-twos, the digits for it in tens.
        0xff01..=0xff5e => letter(code - 0xfee0),
        0x1_d400..=0x1_d6a3 => match (code - 0x1_d400) % 52 {
            n @ 0..26 => letter(0x41 + n),
            n => letter(0x61 + n - 26),
        },
        0x1_d7ce..=0x1_d7ff => letter(0x30 + (code - 0x1_d7ce) % 10),
        0x24b6..=0x24cf => letter(0x41 + code - 0x24b6),
        0x24d0..=0x24e9 => letter(0x61 + code - 0x24d0),
        _ => DRAWN_LIKE.iter().find(|(_, drawn)| drawn.contains(c)).map_or(c, |(latin, _)| *latin),
    }
}

/// What is left of letters when pairs that look like one letter are that letter.
fn skeleton(letters: impl Iterator<Item = char>) -> String {
    letters.collect::<String>().replace("rn", "m").replace("vv", "w").replace("cl", "d")
}

/// What an encoded label stands for, by RFC 3492; nothing where it is none.
fn decode(label: &str) -> Option<String> {
    const BASE: u32 = 36;
    let (plain, tail) = label.rsplit_once('-').unwrap_or(("", label));
    let mut out: Vec<char> = plain.chars().collect();
    let (mut code, mut at, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut tail = tail.chars().peekable();
    while tail.peek().is_some() {
        let (before, mut weight, mut k) = (at, 1_u32, BASE);
        loop {
            // Letters are the digits 0 to 25 there, the digits themselves 26 to 35.
            let digit = (tail.next()?.to_digit(BASE)? + 26) % BASE;
            at = at.checked_add(digit.checked_mul(weight)?)?;
            let threshold = k.saturating_sub(bias).clamp(1, 26);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            k = k.checked_add(BASE)?;
        }
        let len = u32::try_from(out.len()).ok()?.checked_add(1)?;
        let mut delta = (at - before) / if before == 0 { 700 } else { 2 };
        delta += delta / len;
        bias = 0;
        while delta > 455 {
            delta /= 35;
            bias += BASE;
        }
        bias += BASE * delta / (delta + 38);
        code = code.checked_add(at / len)?;
        at %= len;
        out.insert(usize::try_from(at).ok()?, char::from_u32(code)?);
        at += 1;
    }
    Some(out.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Protects the reader of a list from a name that only looks known.
    #[test]
    fn look_alikes_are_told() {
        for (name, vendor) in [
            ("rnicrosoft", "microsoft"),
            ("rnicrosoft graph sync", "microsoft"),
            ("Rnicrosoft-Graph", "microsoft"),
            ("m1crosoft", "microsoft"),
            ("micros0ft.onmicrosoft.com", "microsoft"),
            ("svc@rnicrosoft.com", "microsoft"),
            ("rnicrosoftSync", "microsoft"),
            ("MlCROSOFT", "microsoft"),
            ("g00gle_backup", "google"),
            ("googIe", "google"),
            ("saIesforceSync", "salesforce"),
            ("salesf0rce", "salesforce"),
            ("5lack", "slack"),
            ("s|ack", "slack"),
            ("arnazon", "amazon"),
            ("avvs-backup", "aws"),
            ("zoorn", "zoom"),
            ("snovvflake", "snowflake"),
            ("clatabricks", "databricks"),
            ("doudflare", "cloudflare"),
            ("0kta", "okta"),
            // Cyrillic а, е, о, р, с, also as capitals.
            ("аzure", "azure"),
            ("googlе", "google"),
            ("micrоsoft", "microsoft"),
            ("drорbox", "dropbox"),
            ("miсrosoft", "microsoft"),
            ("СISCO", "cisco"),
            ("МІСRОSОFТ", "microsoft"),
            ("аws", "aws"),
            // Greek omicron, Armenian, wide and mathematical letters, an accent, one letter for mathematics.
            ("micrοsoft", "microsoft"),
            ("zοοm", "zoom"),
            ("օkta", "okta"),
            ("ｍｉｃｒｏｓｏｆｔ", "microsoft"),
            ("Ｏｋｔａ", "okta"),
            ("𝗴𝗼𝗼𝗴𝗹𝗲", "google"),
            ("ⓢⓛⓐⓒⓚ", "slack"),
            ("gıthub", "github"),
            ("óкta", "okta"),
            // Unseen: a blank of no width, a mark, a soft hyphen.
            ("micro\u{200b}soft", "microsoft"),
            ("o\u{301}kta", "okta"),
            ("Sales\u{ad}force", "salesforce"),
            // Encoded labels.
            ("xn--mcrosoft-thh.com", "microsoft"),
            ("login.xn--kta-red.example", "okta"),
        ] {
            assert_eq!(looks_like(name), Some(vendor), "{name}");
        }
    }

    /// Protects against crying wolf: a vendor's own word is not its look-alike, and ordinary names are nobody's.
    #[test]
    fn ordinary_names_are_nobodys() {
        for name in [
            "",
            "-",
            "|",
            "modern-sync",
            "burn-rate",
            "clod",
            "vivaldi",
            "learn-bot",
            "aws-backup",
            "google-sync",
            "born2run",
            "intern",
            "Microsoft Graph",
            "MICROSOFT",
            "MicroSoft",
            "GitHub Actions",
            "SalesForce",
            "Salesforce1",
            "DataBricks",
            "CloudFlare",
            "OKTA2",
            "microsoft\u{a0}graph",
            "Slack | Sync",
            "slack|sync",
            "salesforce-to-snowflake",
            "ServiceNow_Int",
            "zoom1",
            "b0x",
            "5ap",
            "aw5",
            "arn:aws:iam::111122223333:role/deploy",
            "0b1c2d3e-1111-4222-8333-444455556666",
            "i-0abc1de1f",
            "AROAEXAMPLEIDEXAMPLE:i-0a1b",
            "svc-backup",
            "deli",
            "disco",
            "teams-bot",
            "corn-export",
            "modem",
            "tern",
            "barn",
            "clark",
            "müller",
            "Jörg",
            "Søren",
            "Zoë",
            "Анна Петрова",
            "служба резервного копирования",
            "Οικονομία",
            "漢字",
            "xn--mnchen-3ya.de",
            "xn--",
            "xn--microsoft-",
            "xn--999999999",
            "official",
            "box-sync",
            "Office 365",
            "azure-devops",
            "sapling",
            "notional",
            "oracles",
            "jlra2",
        ] {
            assert_eq!(looks_like(name), None, "{name}");
        }
        for vendor in VENDORS {
            for name in
                [(*vendor).to_owned(), vendor.to_uppercase(), format!("{vendor}-sync"), format!("{vendor}Sync"), format!("my.{vendor}.com")]
            {
                assert_eq!(looks_like(&name), None, "{name}");
            }
        }
    }

    /// Protects the list: a word that reads as another vendor's would tell the wrong one, or tell a vendor of itself.
    #[test]
    fn no_vendor_looks_like_another() {
        let mut skeletons: Vec<String> = VENDORS.iter().map(|vendor| skeleton(vendor.chars().map(read))).collect();
        skeletons.sort();
        skeletons.dedup();
        assert_eq!(skeletons.len(), VENDORS.len());
        assert!(VENDORS.is_sorted());
        let mut drawn: Vec<char> = DRAWN_LIKE.iter().flat_map(|(_, drawn)| drawn.chars()).collect();
        let all = drawn.len();
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), all, "a letter is drawn like one other");
        assert!(drawn.iter().all(|c| !c.is_ascii()));
    }

    #[test]
    fn encoded_labels_are_read() {
        for (label, text) in [
            ("mnchen-3ya", Some("münchen")),
            ("bcher-kva", Some("bücher")),
            ("80ak6aa92e", Some("аррӏе")),
            ("fiqs8s", Some("中国")),
            ("", Some("")),
            ("9", None),
            ("99999999", None),
            ("a-é", None),
        ] {
            assert_eq!(decode(label).as_deref(), text, "{label}");
        }
    }

    #[test]
    fn the_note_is_one_phrase() {
        let note = look_alike_note("rnicrosoft").unwrap();
        assert_eq!(note, "looks like \"microsoft\": another word in other letters");
        assert_eq!(look_alike_note("microsoft"), None);
    }

    proptest! {
        /// Names are hostile: nothing panics, and only a vendor's word is told.
        #[test]
        fn hostile_names_are_read(name in "(xn--)?\\PC{0,40}(-[a-z0-9]{1,12})?") {
            if let Some(vendor) = looks_like(&name) {
                prop_assert!(VENDORS.contains(&vendor));
            }
        }

        /// A mixed-up letter is found wherever in a name the word stands.
        #[test]
        fn a_look_alike_is_found_among_words(before in "[a-z]{0,6}", after in "[a-z]{0,6}", sign in "[-_ ./@]") {
            prop_assert_eq!(looks_like(&format!("{before}{sign}micr\u{43e}soft{sign}{after}")), Some("microsoft"));
        }
    }
}
