//! Pieces in any order, against a byte-by-byte model.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

#[test]
fn a_hello_is_whole_when_its_last_gap_is_filled() {
    let mut assembly = Assembly::default();
    assembly.put(4, b"ab");
    assert_eq!(assembly.hello(), Parsed::More);
    assembly.put(0, &[1, 0, 0]);
    assert_eq!(assembly.so_far(), [1, 0, 0]);
    assembly.put(3, &[2]);
    assert_eq!(
        assembly.hello(),
        Parsed::Done(vec![1, 0, 0, 2, b'a', b'b'].into())
    );
}

#[test]
fn another_message_is_no_hello() {
    let mut assembly = Assembly::default();
    assembly.put(0, &[2, 0, 0, 0]);
    assert_eq!(assembly.hello(), Parsed::Not);
}

#[test]
fn what_is_kept_is_bounded() {
    let mut assembly = Assembly::default();
    for at in 0..20_000 {
        assembly.put(at * 2, &[7]);
        assembly.put(u64::MAX - at, &[7; 100]);
    }
    assert_eq!(assembly.islands.len(), MOST_ISLANDS);
    assembly.put(1, &vec![7; 70_000]);
    assert_eq!(assembly.so_far().len(), LONGEST);
    assert!(assembly.held() < 2 * LONGEST + 8192);
}

proptest! {
    #[test]
    fn the_first_byte_of_each_place_wins(
        pieces in vec((0_u64..400, vec(any::<u8>(), 0..60)), 0..60),
    ) {
        let mut assembly = Assembly::default();
        let mut model = [None; 512];
        for (offset, bytes) in &pieces {
            assembly.put(*offset, bytes);
            for (place, byte) in model[*offset as usize..].iter_mut().zip(bytes) {
                place.get_or_insert(*byte);
            }
        }
        let prefix: Vec<u8> = model.iter().map_while(|byte| *byte).collect();
        prop_assert_eq!(assembly.so_far(), prefix);
        for island in &assembly.islands {
            let there: Option<Vec<u8>> = model[island.start..island.end].iter().copied().collect();
            prop_assert_eq!(Some(&assembly.bytes[island.start..island.end]), there.as_deref());
        }
    }
}
