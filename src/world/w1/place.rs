//! Addresses of the world: real blocks of the operators the design names, so that the shipped table of networks knows
//! them. It must not know who calls from where.

use std::net::Ipv4Addr;

/// A network somebody calls from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// AWS, AS14618 (us-east-1).
    Virginia,
    /// AWS, AS16509 (other regions).
    Frankfurt,
    /// Azure, AS8075.
    Azure,
    /// Google Cloud.
    Google,
    /// The company's secure web gateway.
    Office,
    /// `DigitalOcean`, AS14061.
    DigitalOcean,
    /// Hetzner, AS24940.
    Hetzner,
    /// Tor exits, AS60729.
    Tor,
    /// Comcast, AS7922.
    Comcast,
}

impl Place {
    /// Every place.
    pub const ALL: [Self; 9] = [
        Self::Virginia,
        Self::Frankfurt,
        Self::Azure,
        Self::Google,
        Self::Office,
        Self::DigitalOcean,
        Self::Hetzner,
        Self::Tor,
        Self::Comcast,
    ];

    /// First two octets of its blocks; every /24 below them is the operator's.
    const fn blocks(self) -> &'static [[u8; 2]] {
        match self {
            Self::Virginia => &[[54, 152], [54, 157], [54, 172], [54, 197], [54, 221], [54, 235]],
            Self::Frankfurt => &[[52, 57], [52, 28], [52, 29], [18, 184], [18, 185], [3, 120], [3, 121], [3, 122], [35, 157], [35, 158]],
            Self::Azure => &[
                [20, 57],
                [20, 97],
                [20, 109],
                [20, 161],
                [20, 169],
                [20, 172],
                [20, 12],
                [20, 14],
                [20, 25],
                [20, 36],
                [20, 37],
                [20, 40],
                [20, 44],
                [20, 49],
                [20, 51],
                [20, 55],
                [20, 62],
                [20, 64],
                [20, 72],
                [20, 83],
            ],
            Self::Google => &[[34, 89], [34, 107], [34, 141], [34, 159], [35, 198], [35, 234], [34, 90], [34, 91]],
            Self::Office => &[[163, 116]],
            Self::DigitalOcean => &[[159, 65], [167, 99], [134, 209]],
            Self::Hetzner => &[[95, 216], [88, 99], [78, 46], [135, 181]],
            Self::Tor => &[[185, 220]],
            Self::Comcast => &[[73, 15], [73, 44], [73, 92], [73, 162]],
        }
    }

    /// Distinct /24 blocks it has.
    pub const fn size(self) -> u32 {
        match self {
            Self::Tor => 1,
            Self::Office => 16,
            _ => self.blocks().len() as u32 * 256,
        }
    }

    /// Address `host` of /24 block `number` (both wrap around).
    pub fn address(self, number: u32, host: u32) -> Ipv4Addr {
        let number = number % self.size();
        let blocks = self.blocks();
        let [a, b] = blocks[number as usize % blocks.len()];
        let third = match self {
            Self::Tor => 101,
            Self::Office => 128 + number,
            _ => number / blocks.len() as u32,
        };
        Ipv4Addr::new(a, b, third as u8, (1 + host % 253) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::Enricher;
    use crate::model::Network;

    #[test]
    fn every_block_lies_in_the_network_it_stands_for() {
        let enricher = Enricher::builtin();
        let mut wrong = std::collections::BTreeMap::new();
        for place in Place::ALL {
            let (asn, network): (&[u32], Network) = match place {
                Place::Virginia => (&[14_618], Network::Cloud),
                Place::Frankfurt => (&[16_509], Network::Cloud),
                Place::Azure => (&[8_075], Network::Cloud),
                Place::Google => (&[15_169, 396_982], Network::Cloud),
                Place::Office => (&[55_256], Network::Corp),
                Place::DigitalOcean => (&[14_061], Network::Hosting),
                Place::Hetzner => (&[24_940], Network::Hosting),
                Place::Tor => (&[60_729], Network::Tor),
                Place::Comcast => (&[7_922], Network::Residential),
            };
            for number in 0..place.size() {
                let source = enricher.source(&place.address(number, number).to_string());
                if !asn.contains(&source.asn) || source.network != network {
                    wrong
                        .entry((place, source.asn, source.network.as_str(), place.address(number, 0).octets()[..2].to_vec()))
                        .and_modify(|n| *n += 1)
                        .or_insert(1);
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
