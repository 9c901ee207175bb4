//! The AWS identities of the company, as data: twenty-six that are software and four that are people. It must not know
//! how they are played.

use super::Company;
use super::chance::Chance;
use super::cloudtrail::Call;
use super::label::{Mark, Nature};
use super::ledger::Family::{DataEu, ProductionEu, ProductionUs};
use super::ledger::Ledger;
use super::network::{DATA_CENTRE, Network, OFFICE};
use super::oddity;
use super::operation::{self as calls, Operation};
use super::rhythm::Rhythm;
use super::workload::{Draw, Login, Workload};
use crate::model::Day;
use crate::model::time::{DAY, MINUTE};

const BOTO: &str = "Boto3/1.34.131 md/Botocore#1.34.131 ua/2.0 os/linux#6.1 md/arch#x86_64 lang/python#3.11.9";
const BOTO_ARM: &str = "Boto3/1.34.131 md/Botocore#1.34.131 ua/2.0 os/linux#6.1 md/arch#aarch64 lang/python#3.12.4";
const GO: &str = "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 md/GOOS#linux md/GOARCH#amd64";
const JAVA: &str = "aws-sdk-java/2.26.12 Linux/6.1.94 OpenJDK_64-Bit_Server_VM/21.0.4";
const NODE: &str = "aws-sdk-js/3.614.0 ua/2.1 os/linux#5.10 lang/js md/nodejs#20.14.0";
const CLI: &str = "aws-cli/2.17.9 md/awscrt#0.20.11 ua/2.0 os/linux#6.8 md/arch#x86_64 lang/python#3.11.9";
const TERRAFORM: &str =
    "APN/1.0 HashiCorp/1.0 Terraform/1.9.2 (+https://www.terraform.io) terraform-provider-aws/5.58.0 aws-sdk-go-v2/1.30.3";
const BROWSER: &str =
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36";

/// Identities that make the keys of others; the first is the habitual one.
pub(super) const DEPLOYER: &str = "terraform-deployer";

/// The AWS identities; their place is their number.
#[rustfmt::skip]
pub(super) const WORKLOADS: &[Workload] = &[
    Workload { name: "orders-api", family: ProductionEu, login: Login::Instances(40), network: Network::TwoRegions(2_000), agent: JAVA, rhythm: Rhythm::Every { minutes: 30, calls: (4, 14) }, operations: calls::SERVICE, thing: "orders", breadth: 40, refused: 0.0 },
    Workload { name: "checkout-worker", family: ProductionEu, login: Login::Function, network: Network::Frankfurt(24), agent: NODE, rhythm: Rhythm::Daytime { runs: (24, 40), calls: (2, 8), peak: 15.0, spread: 4.5, weekend: 0.9 }, operations: calls::CONSUMER, thing: "checkout", breadth: 4, refused: 0.0 },
    Workload { name: "invoice-renderer", family: ProductionEu, login: Login::Function, network: Network::Frankfurt(16), agent: BOTO, rhythm: Rhythm::Every { minutes: 60, calls: (2, 8) }, operations: calls::TRANSFORM, thing: "invoices", breadth: 60, refused: 0.0 },
    Workload { name: "image-resizer", family: ProductionEu, login: Login::Function, network: Network::Frankfurt(30), agent: BOTO_ARM, rhythm: Rhythm::Daytime { runs: (30, 60), calls: (2, 10), peak: 13.0, spread: 4.0, weekend: 0.6 }, operations: calls::TRANSFORM, thing: "images", breadth: 200, refused: 0.0 },
    Workload { name: "search-indexer", family: ProductionEu, login: Login::Task, network: Network::Frankfurt(12), agent: BOTO_ARM, rhythm: Rhythm::Every { minutes: 60, calls: (3, 10) }, operations: calls::CONSUMER, thing: "search", breadth: 3, refused: 0.0 },
    Workload { name: "payments-gateway", family: ProductionEu, login: Login::Instances(4), network: Network::Fixed(&["52.59.104.21", "18.196.7.140"]), agent: JAVA, rhythm: Rhythm::Every { minutes: 60, calls: (2, 7) }, operations: calls::SERVICE, thing: "payments", breadth: 6, refused: 0.0 },
    Workload { name: "inventory-sync", family: ProductionEu, login: Login::Instances(2), network: Network::Fixed(&["3.121.88.12"]), agent: JAVA, rhythm: Rhythm::Nightly { minute: 130, calls: (30, 60) }, operations: calls::SERVICE, thing: "inventory", breadth: 12, refused: 0.0 },
    Workload { name: "events-consumer", family: ProductionEu, login: Login::Pod, network: Network::Frankfurt(20), agent: GO, rhythm: Rhythm::Every { minutes: 30, calls: (2, 8) }, operations: calls::CONSUMER, thing: "events", breadth: 5, refused: 0.0 },
    Workload { name: "github-deploy", family: ProductionEu, login: Login::Build, network: Network::Runners, agent: CLI, rhythm: Rhythm::Daytime { runs: (4, 14), calls: (6, 24), peak: 14.0, spread: 2.6, weekend: 0.1 }, operations: calls::DEPLOY, thing: "shop", breadth: 25, refused: 0.002 },
    Workload { name: "github-integration-tests", family: ProductionEu, login: Login::Build, network: Network::Runners, agent: BOTO, rhythm: Rhythm::Daytime { runs: (6, 18), calls: (4, 16), peak: 14.0, spread: 3.0, weekend: 0.1 }, operations: calls::TEST, thing: "fixtures", breadth: 12, refused: 0.001 },
    Workload { name: "svc-backup", family: ProductionEu, login: Login::Key, network: Network::Fixed(DATA_CENTRE), agent: CLI, rhythm: Rhythm::Nightly { minute: 85, calls: (60, 110) }, operations: calls::BACKUP, thing: "backup", breadth: 50, refused: 0.0 },
    Workload { name: "svc-monitoring", family: ProductionEu, login: Login::Key, network: Network::Fixed(&["34.107.61.203"]), agent: GO, rhythm: Rhythm::Every { minutes: 60, calls: (9, 16) }, operations: calls::MONITOR, thing: "fleet", breadth: 6, refused: 0.0 },
    Workload { name: "svc-logship", family: ProductionEu, login: Login::Key, network: Network::Fixed(&["198.51.100.40"]), agent: GO, rhythm: Rhythm::Every { minutes: 5, calls: (1, 1) }, operations: calls::SHIP, thing: "logs", breadth: 8, refused: 0.0 },
    Workload { name: "svc-legacy-etl", family: ProductionEu, login: Login::Key, network: Network::Fixed(&["198.51.100.33"]), agent: "aws-sdk-java/1.12.261 Linux/4.18.0 OpenJDK_64-Bit_Server_VM/8u402", rhythm: Rhythm::Nightly { minute: 250, calls: (30, 52) }, operations: calls::LEGACY, thing: "warehouse", breadth: 30, refused: 0.0 },
    Workload { name: "svc-partner-pickup", family: ProductionEu, login: Login::Key, network: Network::Fixed(&["198.51.100.61"]), agent: CLI, rhythm: Rhythm::On { days: &[0, 3], minute: 545, calls: (1, 5) }, operations: calls::PICKUP, thing: "partner", breadth: 4, refused: 0.0 },
    Workload { name: "finance-month-end", family: DataEu, login: Login::Task, network: Network::Frankfurt(2), agent: BOTO, rhythm: Rhythm::MonthEnd { minute: 360, small: (4, 8), big: (110, 150) }, operations: calls::FINANCE, thing: "ledger", breadth: 6, refused: 0.0 },
    Workload { name: DEPLOYER, family: ProductionEu, login: Login::Build, network: Network::Runners, agent: TERRAFORM, rhythm: Rhythm::Daytime { runs: (0, 2), calls: (12, 80), peak: 14.5, spread: 2.0, weekend: 0.0 }, operations: calls::INFRASTRUCTURE, thing: "platform", breadth: 12, refused: 0.03 },
    Workload { name: "telemetry-gateway", family: ProductionEu, login: Login::Instances(2), network: Network::Fixed(&["35.157.19.77"]), agent: GO, rhythm: Rhythm::Every { minutes: 30, calls: (2, 4) }, operations: calls::MEASURE, thing: "telemetry", breadth: 1, refused: 0.42 },
    Workload { name: "data-platform", family: DataEu, login: Login::Instances(8), network: Network::Fixed(&["3.66.12.90", "54.93.201.8"]), agent: JAVA, rhythm: Rhythm::Every { minutes: 60, calls: (4, 12) }, operations: calls::PLATFORM, thing: "lake", breadth: 60, refused: 0.0 },
    Workload { name: "glue-catalog-crawler", family: DataEu, login: Login::Named("GlueJobRunnerSession"), network: Network::Frankfurt(8), agent: "Crawler, aws-internal/3", rhythm: Rhythm::Every { minutes: 120, calls: (6, 14) }, operations: calls::CRAWL, thing: "lake", breadth: 20, refused: 0.0 },
    Workload { name: "ml-feature-store", family: DataEu, login: Login::Named("SageMaker"), network: Network::Frankfurt(6), agent: BOTO, rhythm: Rhythm::Nightly { minute: 300, calls: (40, 90) }, operations: calls::FEATURES, thing: "features", breadth: 24, refused: 0.0 },
    Workload { name: "posture-scanner", family: ProductionUs, login: Login::Named("posture-scan"), network: Network::Fixed(&["44.201.18.6", "54.145.230.77"]), agent: GO, rhythm: Rhythm::Every { minutes: 240, calls: (20, 44) }, operations: calls::SCAN, thing: "estate", breadth: 40, refused: 0.01 },
    Workload { name: "eks-node-group", family: ProductionEu, login: Login::Instances(24), network: Network::Frankfurt(900), agent: "Go-http-client/2.0 containerd/1.7.20", rhythm: Rhythm::Every { minutes: 60, calls: (4, 12) }, operations: calls::NODE, thing: "cluster", breadth: 14, refused: 0.0 },
    Workload { name: "config-recorder", family: ProductionEu, login: Login::Linked("config.amazonaws.com"), network: Network::Frankfurt(1), agent: "config.amazonaws.com", rhythm: Rhythm::Every { minutes: 180, calls: (6, 14) }, operations: calls::RECORD, thing: "estate", breadth: 30, refused: 0.0 },
    Workload { name: "alarm-notifier", family: ProductionEu, login: Login::Function, network: Network::Frankfurt(4), agent: BOTO_ARM, rhythm: Rhythm::Daytime { runs: (2, 9), calls: (1, 4), peak: 12.0, spread: 6.0, weekend: 0.8 }, operations: calls::CONSUMER, thing: "alarms", breadth: 2, refused: 0.0 },
    Workload { name: "snapshot-janitor", family: ProductionEu, login: Login::Function, network: Network::Frankfurt(2), agent: BOTO, rhythm: Rhythm::Nightly { minute: 215, calls: (6, 18) }, operations: calls::TIDY, thing: "snap", breadth: 90, refused: 0.0 },
    Workload { name: "ines.kramer", family: ProductionEu, login: Login::Person, network: Network::Fixed(OFFICE), agent: BROWSER, rhythm: Rhythm::Daytime { runs: (1, 4), calls: (3, 20), peak: 11.0, spread: 2.5, weekend: 0.05 }, operations: calls::PEOPLE, thing: "shop", breadth: 20, refused: 0.01 },
    Workload { name: "tom.okafor", family: ProductionEu, login: Login::Person, network: Network::Fixed(OFFICE), agent: BROWSER, rhythm: Rhythm::Daytime { runs: (0, 4), calls: (3, 18), peak: 13.0, spread: 2.5, weekend: 0.05 }, operations: calls::PEOPLE, thing: "orders", breadth: 20, refused: 0.01 },
    Workload { name: "petra.lind", family: ProductionEu, login: Login::Person, network: Network::Fixed(OFFICE), agent: BROWSER, rhythm: Rhythm::Daytime { runs: (0, 3), calls: (3, 16), peak: 12.0, spread: 2.5, weekend: 0.0 }, operations: calls::PEOPLE, thing: "payments", breadth: 20, refused: 0.02 },
    Workload { name: "samir.haddad", family: DataEu, login: Login::Person, network: Network::Fixed(OFFICE), agent: BROWSER, rhythm: Rhythm::Daytime { runs: (0, 3), calls: (3, 16), peak: 10.5, spread: 2.0, weekend: 0.0 }, operations: calls::PEOPLE, thing: "lake", breadth: 20, refused: 0.01 },
];

/// Enters the work of the habitual deployer on keys: a new one is made, the day after the old one is switched off and removed.
pub(super) fn rotate_keys(company: &Company, number: i32, day: Day, ledger: &mut Ledger) {
    let seed = company.seed;
    let Some((deployer, workload)) = (0u64..).zip(WORKLOADS).find(|(_, workload)| workload.name == DEPLOYER) else { return };
    for (user, made, minute) in oddity::rotations().filter(|(user, _, _)| company.plays(user)) {
        let Some((owner, of)) = (0u64..).zip(WORKLOADS).find(|(_, workload)| workload.name == user) else { continue };
        let mut chance = Chance::of(seed, 8, owner, number as u64);
        let at = minute * MINUTE + 7_000;
        let generation = oddity::key_generation(user, made, DAY);
        let steps: &[(Operation, u64)] = match number - made {
            0 => &[(calls::CREATE_KEY, generation)],
            1 => &[(calls::RETIRE_KEY, generation - 1), (calls::DELETE_KEY, generation - 1)],
            _ => continue,
        };
        let session = workload.session(Draw { seed, who: deployer, number, day }, at, 99, &mut chance);
        ledger.mark(Some(Mark { nature: Nature::Benign, scenario: "key-rotation", step: "by the habitual deployer" }));
        for (turn, (operation, generation)) in (0i64..).zip(steps) {
            let key = of.key(seed, owner, *generation);
            let at = at + turn * 41_000;
            Call { session: &session, operation, at, thing: user, number: 0, bytes: 0, refusal: None, key: &key }
                .enter(ledger, &mut chance);
        }
        ledger.mark(None);
    }
}
