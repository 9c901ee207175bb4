//! Addresses of the company and of those who call it: real blocks of the right operators, so that a table of networks
//! recognises them, and documentation blocks for the company itself. It must not know who uses an address.

use super::chance::Chance;

/// Where an identity calls from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Network {
    /// Always one of these.
    Fixed(&'static [&'static str]),
    /// AWS Frankfurt (AS16509): this many addresses.
    Frankfurt(u32),
    /// AWS Frankfurt and Virginia (AS16509 and AS14618): this many addresses.
    TwoRegions(u32),
    /// Azure (AS8075): build runners, nearly always an address not seen before.
    Runners,
    /// Google Cloud Frankfurt (AS396982): this many addresses.
    Google(u32),
}

/// Blocks of EC2 in eu-central-1.
const FRANKFURT: &[&str] = &["52.57", "52.28", "54.93", "3.121", "18.184", "35.157", "3.66", "18.196"];
/// Blocks of EC2 in us-east-1.
const VIRGINIA: &[&str] = &["3.86", "34.201", "44.201", "54.145", "18.206", "52.90"];
/// Blocks of Azure that hosted build runners come from.
const AZURE: &[&str] = &["20.57", "20.97", "20.109", "20.161", "20.169", "20.172", "52.159", "172.183", "13.64", "4.227"];
/// Blocks of Google Cloud in europe-west3.
const GOOGLE: &[&str] = &["34.89", "34.107", "34.141", "34.159"];

/// The company's office.
pub(super) const OFFICE: &[&str] = &["203.0.113.24", "203.0.113.25"];
/// The company's data centre.
pub(super) const DATA_CENTRE: &[&str] = &["198.51.100.17"];

impl Network {
    /// Address number `slot` of this network as `seed` and `who` draw it; the same arguments give the same address.
    /// `fresh` other than 0 gives another set of addresses in the same blocks.
    pub(super) fn address(self, seed: u64, who: u64, slot: u64, fresh: u64) -> String {
        let (blocks, size): (&[&str], u64) = match self {
            Self::Fixed(list) => return list[(slot % list.len() as u64) as usize].to_owned(),
            Self::TwoRegions(size) if slot.is_multiple_of(3) => (VIRGINIA, size.into()),
            Self::Frankfurt(size) | Self::TwoRegions(size) => (FRANKFURT, size.into()),
            Self::Runners => (AZURE, u64::MAX),
            Self::Google(size) => (GOOGLE, size.into()),
        };
        let number = slot % size.max(1);
        let mut chance = Chance::of(seed, 0x1b_add2, who ^ (fresh << 32), number);
        let block = chance.pick(blocks);
        format!("{block}.{}.{}", chance.between(0, 255), chance.between(1, 254))
    }
}
