//! From the text of a mapping file to a [`Mapping`]: every key with what it takes. All that can be wrong with a file is
//! found here, before a record is read. It must not know any record.

use super::condition::{self, Condition};
use super::envelope::Envelope;
use super::error::MappingError;
use super::field::Field;
use super::glob::Glob;
use super::path::Names;
use super::rule::{ClassRule, CredentialRule, EvidenceRule, Finding, OutcomeRule, PrincipalRule, RefuseRule, Stages};
use super::section::{self, Entry, Page, Section};
use super::{Mapping, keep};
use crate::format::Card;
use crate::model::event::JobStep;
use crate::model::{ActionClass, KindEvidence, Outcome, Probe};
use toml::de::DeTable;

pub(super) const KEYS: &[&str] = &[
    "name",
    "title",
    "platform",
    "card",
    "recognise",
    "envelope",
    "absent",
    "let",
    "refuse",
    "stages",
    "event",
    "principal",
    "evidence",
    "credential",
    "class",
    "outcome",
    "finding",
];
pub(super) const EVENT: &[&str] = &[
    "time",
    "provider_id",
    "action",
    "service",
    "tenant",
    "account",
    "region",
    "source",
    "agent",
    "auth_method",
    "session",
    "session_issued",
    "mfa",
    "on_behalf_of",
    "resource",
    "domain",
    "target",
    "query",
    "job",
    "error",
    "rows",
    "bytes",
    "scopes",
    "tool",
    "tags",
    "via_provider",
];
/// What may be asked for with `$` beside what `[let]` names, in the order in which it is found.
pub(super) const FOUND: [&str; 7] = ["action", "service", "agent", "source", "id", "principal", "outcome"];

const EVIDENCE: &[(&str, KindEvidence)] = &[
    ("static_key", KindEvidence::STATIC_KEY),
    ("console", KindEvidence::CONSOLE),
    ("role_session", KindEvidence::ROLE_SESSION),
    ("workload_session", KindEvidence::WORKLOAD_SESSION),
    ("person_session", KindEvidence::PERSON_SESSION),
    ("ci_session", KindEvidence::CI_SESSION),
    ("provider_service", KindEvidence::PROVIDER_SERVICE),
    ("oauth_app", KindEvidence::OAUTH_APP),
    ("api_client", KindEvidence::API_CLIENT),
    ("ui", KindEvidence::UI),
    ("machine_name", KindEvidence::MACHINE_NAME),
    ("agent", KindEvidence::AGENT),
    ("bot", KindEvidence::BOT),
    ("service_account", KindEvidence::SERVICE_ACCOUNT),
    ("person", KindEvidence::PERSON),
    ("root", KindEvidence::ROOT),
];

/// The kinds of credential of the model.
pub(super) const CREDENTIALS: [&str; 10] =
    ["static_key", "sts_session", "oauth_access", "oauth_refresh", "session", "password", "pat", "cert", "oidc", "svid"];

/// What stands in a mapping until its card is made, which is from the mapping.
static NO_CARD: Card = Card { title: "", shapes: &[], reads: &[], unobservable: &[], export: "" };

fn words<T: Copy>(all: &'static [T], word: fn(T) -> &'static str) -> Vec<(&'static str, T)> {
    all.iter().map(|value| (word(*value), *value)).collect()
}

/// Reads a mapping file; `file` names it in errors.
///
/// # Errors
/// The first thing that is wrong, with its line.
pub(super) fn compile(file: &str, text: &str) -> Result<Mapping, MappingError> {
    let page = Page { file, text };
    let text = text.trim_start_matches('\u{feff}');
    let table = DeTable::parse(text).map_err(|error| page.error(error.span().map_or(0, |span| span.start), "the file", error.message()))?;
    let table = table.get_ref();
    let top = section::top(page, table, KEYS)?;
    let name = identifier(&top.need("name", "the word that names the format, such as `acme_audit`")?)?;
    let title = keep(top.need("title", "what people call it")?.text()?);
    let platform = identifier(&top.need("platform", "the system its identities live in, such as `acme`")?)?;
    let mut names = Names::default();
    let mut lets = Vec::new();
    if let Some(entry) = top.get("let") {
        for (name, entry) in entry.pairs()? {
            if FOUND.contains(&name) {
                return Err(entry.fail(&format!("`${name}` is found in every record already; choose another name")));
            }
            let name = keep(name);
            lets.push((name, Field::read(&entry, &names)?));
            names.0.push(name);
        }
    }
    names.0.extend(FOUND);
    let recognise = recognisers(&top.need("recognise", "conditions that hold of these records and of no others")?)?;
    let envelope = envelope(&top)?;
    let mut absent = vec!["-", "<null>", "undefined", "None"];
    if let Some(entry) = top.get("absent") {
        absent.extend(entry.texts()?.into_iter().map(keep));
    }
    let event = top.need("event", "the fields of an event")?.section(EVENT)?;
    let field = |key: &str| event.get(key).map_or(Ok(Field::default()), |entry| Field::read(&entry, &names));
    let conditions = |key: &str| event.get(key).map_or(Ok(None), |entry| condition::read(&entry, &names).map(Some));
    let principals = rules(&top.need("principal", "rules that name who acted")?, |entry| principal(entry, &names))?;
    let optional = |key: &str| top.get(key).map_or(Vec::new(), |entry| entry.items());
    let mut mapping = Mapping {
        name,
        platform,
        card: &NO_CARD,
        recognise,
        envelope,
        absent: absent.leak(),
        time: Field::read(&event.need("time", "where the time of the event stands")?, &names)?,
        provider_id: field("provider_id")?,
        action: Field::read(&event.need("action", "where the operation is named")?, &names)?,
        service: field("service")?,
        tenant: field("tenant")?,
        account: field("account")?,
        region: field("region")?,
        source: field("source")?,
        agent: field("agent")?,
        auth_method: field("auth_method")?,
        session: field("session")?,
        session_issued: field("session_issued")?,
        mfa: field("mfa")?,
        on_behalf_of: field("on_behalf_of")?,
        resource: field("resource")?,
        domain: field("domain")?,
        target: field("target")?,
        query: field("query")?,
        job: field("job")?,
        error: field("error")?,
        rows: field("rows")?,
        bytes: field("bytes")?,
        scopes: field("scopes")?.joining(),
        tool: field("tool")?,
        tags: event.get("tags").map_or(Ok(Vec::new()), |entry| entry.items().iter().map(|item| Field::read(item, &names)).collect())?,
        via_provider: conditions("via_provider")?,
        lets,
        principals,
        evidence: optional("evidence").iter().map(|entry| evidence(entry, &names)).collect::<Result<_, _>>()?,
        credentials: optional("credential").iter().map(|entry| credential(entry, &names)).collect::<Result<_, _>>()?,
        classes: optional("class").iter().map(|entry| class(entry, &names)).collect::<Result<_, _>>()?,
        outcomes: optional("outcome").iter().map(|entry| outcome(entry, &names)).collect::<Result<_, _>>()?,
        refusals: optional("refuse").iter().map(|entry| refusal(entry, &names)).collect::<Result<_, _>>()?,
        stages: top.get("stages").map(|entry| stages(&entry, &names)).transpose()?,
        finding: top.get("finding").map(|entry| finding(&entry, &names)).transpose()?,
    };
    mapping.card = Box::leak(Box::new(card(&top, title, &mapping)?));
    Ok(mapping)
}

fn rules<'t, T>(entry: &Entry<'t>, read: impl Fn(&Entry<'t>) -> Result<T, MappingError>) -> Result<Vec<T>, MappingError> {
    let rules: Vec<T> = entry.items().iter().map(read).collect::<Result<_, _>>()?;
    if rules.is_empty() { Err(entry.fail("this is empty; expected at least one rule")) } else { Ok(rules) }
}

/// A word of lower-case letters, digits and underscores, since it stands in filters and in the store.
fn identifier(entry: &Entry<'_>) -> Result<&'static str, MappingError> {
    let text = entry.text()?;
    let sound = text.len() <= 48
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if sound { Ok(keep(text)) } else { Err(entry.fail(&format!("“{text}” is no name; expected lower-case letters, digits and `_`"))) }
}

/// Alternatives of conditions. One that would take records of others is an error: it needs a value that tells, or two
/// keys.
fn recognisers(entry: &Entry<'_>) -> Result<Vec<Vec<Condition>>, MappingError> {
    let items = entry.items();
    let nested = items.first().is_some_and(Entry::is_list);
    let alternatives = if nested { items } else { vec![entry.clone()] };
    alternatives
        .iter()
        .map(|alternative| {
            let conditions = condition::read(alternative, &Names::default())?;
            let sure = conditions.iter().any(Condition::is_telling) || conditions.iter().filter(|c| c.heads().is_some()).count() >= 2;
            if sure {
                Ok(conditions)
            } else {
                Err(alternative.fail("too little to know a record by; expected two keys, or a key with its value"))
            }
        })
        .collect()
}

fn envelope(top: &Section<'_>) -> Result<Envelope, MappingError> {
    let Some(entry) = top.get("envelope") else { return Ok(Envelope::default()) };
    let section = entry.section(&["members", "texts", "pairs", "flattened"])?;
    let list = |key: &str| section.get(key).map_or(Ok(Vec::new()), |entry| entry.texts());
    Ok(Envelope {
        members: list("members")?.into_iter().map(keep).collect(),
        texts: list("texts")?.into_iter().map(keep).collect(),
        pairs: list("pairs")?.into_iter().map(keep).collect(),
        flattened: section.get("flattened").map_or(Ok(false), |entry| entry.flag())?,
    })
}

fn when(section: &Section<'_>, names: &Names) -> Result<Vec<Condition>, MappingError> {
    section.get("when").map_or(Ok(Vec::new()), |entry| condition::read(&entry, names))
}

fn bits(entry: &Entry<'_>) -> Result<KindEvidence, MappingError> {
    entry.items().iter().try_fold(KindEvidence::NONE, |all, item| Ok(all.with(item.word(EVIDENCE)?)))
}

fn reason(section: &Section<'_>) -> Result<&'static str, MappingError> {
    Ok(keep(section.need("because", "the reason in a few words")?.text()?))
}

fn principal(entry: &Entry<'_>, names: &Names) -> Result<PrincipalRule, MappingError> {
    let section = entry.section(&["when", "id", "name", "platform", "evidence", "because"])?;
    let evidence = section.get("evidence").map_or(Ok(KindEvidence::NONE), |entry| bits(&entry))?;
    let told = evidence != KindEvidence::NONE || section.get("because").is_some();
    Ok(PrincipalRule {
        when: when(&section, names)?,
        id: Field::read(&section.need("id", "where the stable id of who acted stands")?, names)?,
        name: section.get("name").map_or(Ok(Field::default()), |entry| Field::read(&entry, names))?,
        platform: section.get("platform").map(|entry| identifier(&entry)).transpose()?,
        evidence,
        because: if told { Some(reason(&section)?) } else { None },
    })
}

fn evidence(entry: &Entry<'_>, names: &Names) -> Result<EvidenceRule, MappingError> {
    let section = entry.section(&["is", "when", "because"])?;
    Ok(EvidenceRule {
        is: bits(&section.need("is", "what it is evidence of")?)?,
        when: condition::read(&section.need("when", "the conditions")?, names)?,
        because: reason(&section)?,
    })
}

fn credential(entry: &Entry<'_>, names: &Names) -> Result<CredentialRule, MappingError> {
    let section = entry.section(&["when", "id", "kind"])?;
    let kind = section.need("kind", "what sort of credential it is")?;
    let known: Vec<(&str, &'static str)> = CREDENTIALS.iter().map(|kind| (*kind, *kind)).collect();
    let (fixed, found) = if kind.is_table() {
        let inner = kind.section(&["from", "map", "as", "join", "sum", "when"])?;
        if let Some(map) = inner.get("map") {
            for (_, meaning) in map.pairs()? {
                meaning.word(&known)?;
            }
        }
        (None, Some(Field::read(&kind, names)?))
    } else {
        (Some(kind.word(&known)?), None)
    };
    Ok(CredentialRule { when: when(&section, names)?, id: Field::read(&section.need("id", "where its id stands")?, names)?, fixed, found })
}

fn class(entry: &Entry<'_>, names: &Names) -> Result<ClassRule, MappingError> {
    let section = entry.section(&["is", "action", "service", "when", "probe", "job_step"])?;
    let globs = |key: &str| section.get(key).map_or(Ok(Vec::new()), |entry| Ok(entry.texts()?.into_iter().map(Glob::new).collect()));
    let rule = ClassRule {
        is: section.need("is", "what the operation does")?.word(&words(ActionClass::ALL, ActionClass::as_str))?,
        action: globs("action")?,
        service: globs("service")?,
        when: when(&section, names)?,
        probe: section.get("probe").map(|entry| entry.word(&words(Probe::ALL, Probe::as_str))).transpose()?,
        job_step: section.get("job_step").map(|entry| entry.word(&words(JobStep::ALL, JobStep::as_str))).transpose()?,
    };
    if rule.action.is_empty() && rule.service.is_empty() && rule.when.is_empty() {
        return Err(section.fail("this holds of everything; expected `action`, `service` or `when`"));
    }
    Ok(rule)
}

fn outcome(entry: &Entry<'_>, names: &Names) -> Result<OutcomeRule, MappingError> {
    let section = entry.section(&["is", "when", "from", "map"])?;
    let words = words(Outcome::ALL, Outcome::as_str);
    let mut map = Vec::new();
    if let Some(entry) = section.get("map") {
        for (word, meaning) in entry.pairs()? {
            map.push((Glob::new(word), meaning.word(&words)?));
        }
    }
    let is = section.get("is").map(|entry| entry.word(&words)).transpose()?;
    let from = section.get("from").map(|entry| Field::read(&entry, names)).transpose()?;
    if is.is_some() == from.is_some() {
        return Err(section.fail("expected either `is` or `from`"));
    }
    Ok(OutcomeRule { is, when: when(&section, names)?, from, map })
}

fn refusal(entry: &Entry<'_>, names: &Names) -> Result<RefuseRule, MappingError> {
    let section = entry.section(&["when", "because"])?;
    Ok(RefuseRule { when: condition::read(&section.need("when", "the conditions")?, names)?, what: reason(&section)? })
}

fn stages(entry: &Entry<'_>, names: &Names) -> Result<Stages, MappingError> {
    let section = entry.section(&["of", "keep", "because"])?;
    Ok(Stages {
        of: Field::read(&section.need("of", "where the stage stands")?, names)?,
        keep: section.need("keep", "the stage that is read")?.texts()?.into_iter().map(Glob::new).collect(),
        what: reason(&section)?,
    })
}

fn finding(entry: &Entry<'_>, names: &Names) -> Result<Finding, MappingError> {
    let section = entry.section(&["when", "tag"])?;
    Ok(Finding {
        when: when(&section, names)?,
        tag: Field::read(&section.need("tag", "a template such as `finding:acme:{severity}:{title}`")?, names)?,
    })
}

/// The card, with what is read taken from the rules themselves.
fn card(top: &Section<'_>, title: &'static str, mapping: &Mapping) -> Result<Card, MappingError> {
    let section = top.need("card", "what is said of the format")?.section(&["shapes", "unobservable", "export"])?;
    let list = |key: &str, what: &str| -> Result<&'static [&'static str], MappingError> {
        Ok(section.need(key, what)?.texts()?.into_iter().map(keep).collect::<Vec<_>>().leak())
    };
    Ok(Card {
        title,
        shapes: list("shapes", "the containers and shapes it is read in")?,
        reads: mapping.told().leak(),
        unobservable: list("unobservable", "what these records cannot show")?,
        export: keep(section.need("export", "one command that exports the log from the provider")?.text()?),
    })
}
