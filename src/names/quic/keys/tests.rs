//! Keys and packet numbers by the published vectors.

use super::super::test_packets::{FIRST, bytes};
use super::super::version::Version;
use super::*;

impl Keys {
    /// The reverse of `open`: the header as it is before protection, and the payload.
    pub(in super::super) fn seal(
        &self,
        header: Vec<u8>,
        protected: usize,
        number: u64,
        payload: &[u8],
    ) -> Vec<u8> {
        let mut body = payload.to_vec();
        let nonce = self.nonce(number).into();
        let tag = self
            .packet
            .encrypt_inout_detached(&nonce, &header, body.as_mut_slice().into())
            .unwrap();
        let end = header.len();
        let mut packet = header;
        packet.extend(body);
        packet.extend(tag);
        let sample: [u8; SAMPLE] = *packet[protected + 4..].first_chunk().unwrap();
        let mut mask = sample.into();
        self.header.encrypt_block(&mut mask);
        packet[0] ^= mask[0] & 0x0f;
        for (byte, mask) in packet[protected..end].iter_mut().zip(&mask[1..]) {
            *byte ^= mask;
        }
        packet
    }
}

/// RFC 9001, A.1 and RFC 9369, A.1: the mask and the nonce stand for the keys, which are inside.
#[test]
fn keys_are_those_of_the_vectors() {
    for (number, side, key, nonce, header) in [
        (
            1,
            "client in",
            "1f369613dd76d5467730efcbe3b1a22d",
            "fa044b2f42a3fd3b46fb255c",
            "9f50449e04a0e810283a1e9933adedd2",
        ),
        (
            1,
            "server in",
            "cf3a5331653c364c88f0f379b6067e37",
            "0ac1493ca1905853b0bba03e",
            "c206b8d9b9f0f37644430b490eeaa314",
        ),
        (
            0x6b33_43cf,
            "client in",
            "8b1a0bc121284290a29e0971b5cd045d",
            "91f73e2351d8fa91660e909f",
            "45b95e15235d6f45a6b19cbcb0294ba9",
        ),
        (
            0x6b33_43cf,
            "server in",
            "82db637861d55e1d011f19ea71d5d2a7",
            "dd13c276499c0249d3310652",
            "edf6d05c83121201b436e16877593c3a",
        ),
    ] {
        let protection = &Version::of(number).unwrap().protections[0];
        let keys = Keys::of(protection, &FIRST, side.as_bytes()).unwrap();
        assert_eq!(keys.nonce.to_vec(), bytes(nonce));
        let given = Keys {
            packet: AesGcm::new_from_slice(&bytes(key)).unwrap(),
            nonce: keys.nonce,
            header: Aes128Enc::new_from_slice(&bytes(header)).unwrap(),
        };
        let seal = |keys: &Keys| keys.seal(vec![0xc3, 0, 0, 0, 7], 1, 7, b"sixteen and more");
        assert_eq!(seal(&keys), seal(&given), "{number:#x} {side}");
    }
}

/// RFC 9000, A.3, and the ends of the range.
#[test]
fn packet_numbers_are_the_closest_to_the_expected() {
    for (largest, value, bytes, whole) in [
        (Some(0xa82f_30ea), 0x9b32, 2, 0xa82f_9b32),
        (None, 0, 1, 0),
        (None, 255, 1, 255),
        (Some(254), 0, 1, 256),
        (Some(0), 2, 4, 2),
        (Some(300), 250, 1, 250),
        (Some((1 << 62) - 2), 1, 1, (1 << 62) - 255),
    ] {
        let truncated = Truncated { value, bytes };
        assert_eq!(truncated.whole(largest), whole, "{largest:?} {value}");
    }
}
