//! Ranges of addresses put in order: sorted, and without overlaps.
//!
//! Where ranges overlap, the narrower knows more: a customer's block inside of its provider's. The one that begins later holds while
//! it lasts, and the wider one goes on behind it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::IpAddr;

use parallax_model::refdata::Network;

/// A range of addresses of one family, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    pub start: IpAddr,
    pub end: IpAddr,
    pub network: Network,
}

/// Sorts ranges and resolves overlaps. Of two equal ranges the first in the list holds.
pub fn flatten(mut ranges: Vec<Range>) -> Vec<(IpAddr, IpAddr, Network)> {
    ranges.sort_by_key(|range| (range.start, Reverse(range.end)));
    let mut cuts: Vec<IpAddr> = ranges.iter().flat_map(|range| [Some(range.start), following(range.end)]).flatten().collect();
    cuts.sort();
    cuts.dedup();

    let mut flat: Vec<(IpAddr, IpAddr, usize)> = Vec::with_capacity(ranges.len());
    let mut begun = BinaryHeap::new();
    let mut coming = ranges.iter().enumerate().peekable();
    for (position, &cut) in cuts.iter().enumerate() {
        while let Some((index, range)) = coming.next_if(|(_, range)| range.start == cut) {
            begun.push((range.start, Reverse(range.end), Reverse(index)));
        }
        while begun.peek().is_some_and(|(_, Reverse(end), _)| *end < cut) {
            begun.pop();
        }
        let Some(&(_, Reverse(end), Reverse(holder))) = begun.peek() else { continue };
        let until = cuts.get(position + 1).filter(|next| **next <= end).and_then(|next| previous(*next)).unwrap_or(end);
        match flat.last_mut().filter(|(_, _, last)| *last == holder) {
            Some((_, end, _)) => *end = until,
            None => flat.push((cut, until, holder)),
        }
    }
    flat.into_iter().map(|(start, end, holder)| (start, end, ranges[holder].network.clone())).collect()
}

fn following(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_add(1).map(|next| IpAddr::V4(next.into())),
        IpAddr::V6(address) => u128::from(address).checked_add(1).map(|next| IpAddr::V6(next.into())),
    }
}

fn previous(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_sub(1).map(|before| IpAddr::V4(before.into())),
        IpAddr::V6(address) => u128::from(address).checked_sub(1).map(|before| IpAddr::V6(before.into())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn range(start: u8, end: u8, asn: u32) -> Range {
        Range { start: address(start), end: address(end), network: Network { asn, name: String::new(), country: String::new() } }
    }

    fn shown(ranges: Vec<Range>) -> Vec<(u8, u8, u32)> {
        let last = |address| match address {
            IpAddr::V4(address) => address.octets()[3],
            IpAddr::V6(_) => unreachable!("the tests have one family"),
        };
        flatten(ranges).into_iter().map(|(start, end, network)| (last(start), last(end), network.asn)).collect()
    }

    #[test]
    fn a_range_inside_another_is_cut_out_of_it() {
        assert_eq!(
            shown(vec![range(0, 255, 1), range(10, 20, 2), range(12, 12, 3)]),
            [(0, 9, 1), (10, 11, 2), (12, 12, 3), (13, 20, 2), (21, 255, 1)]
        );
        assert_eq!(shown(vec![range(5, 5, 1), range(0, 5, 2), range(5, 5, 3)]), [(0, 4, 2), (5, 5, 1)]);
    }

    /// The rule of the module, address by address.
    fn naive(ranges: &[Range], address: IpAddr) -> Option<u32> {
        let holds = ranges.iter().enumerate().filter(|(_, range)| range.start <= address && address <= range.end);
        let last = holds.max_by_key(|(index, range)| (range.start, Reverse(range.end), Reverse(*index)));
        last.map(|(_, range)| range.network.asn)
    }

    proptest! {
        #[test]
        fn every_address_belongs_to_the_range_that_began_last(parts in prop::collection::vec((0u8..40, 0u8..40), 0..12)) {
            let ranges: Vec<_> = parts.iter().enumerate().map(|(index, (a, b))| range(*a.min(b), *a.max(b), index as u32 + 1)).collect();
            let flat = flatten(ranges.clone());
            prop_assert!(flat.windows(2).all(|pair| pair[0].1 < pair[1].0), "{flat:?}");
            for last in 0..41 {
                let found = flat.iter().find(|(start, end, _)| *start <= address(last) && address(last) <= *end);
                prop_assert_eq!(found.map(|(_, _, network)| network.asn), naive(&ranges, address(last)), "{} in {:?}", last, ranges);
            }
        }
    }
}
