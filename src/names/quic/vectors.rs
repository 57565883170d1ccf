//! The packets of RFC 9001, appendix A and RFC 9369, appendix A. A client's packet is 1,200 bytes:
//! here are its payload, what is in the clear, its first ciphertext and its tag, which depends on
//! every byte.

use super::test_packets::{Initial, PLAIN, bytes};
use super::{Found, Quic};
use crate::names::Parsed;

/// A.2 of both: a CRYPTO frame, then padding up to 1,162 bytes.
const PAYLOAD: &str = "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868
    04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578616d706c652e636f6dff01000100
    000a00080006001d0017001800100007000504616c706e000500050100000000003300260024001d00209370b2c9
    caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e0403050306
    030203080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ff
    ff0801100104800075300901100f088394c8f03e51570806048000ffff";

/// The CRYPTO frame's own header in front of the hello.
const FRAME_HEADER: usize = 4;

fn client(number: u32) -> Vec<u8> {
    let mut payload = bytes(PAYLOAD);
    payload.resize(1162, 0);
    let initial = Initial {
        number,
        packet_number: 2,
        ..PLAIN
    };
    initial.seal(&payload)
}

#[test]
fn the_clients_initial() {
    for (number, start, tag) in [
        (
            1,
            "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9b",
            "e221af44860018ab0856972e194cd934",
        ),
        (
            0x6b33_43cf,
            "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485dd04de806071",
            "a18b2faa745b6fe189cf772a9f84cbfc",
        ),
    ] {
        let packet = client(number);
        assert_eq!(packet.len(), 1200);
        assert!(packet.starts_with(&bytes(start)) && packet.ends_with(&bytes(tag)));
        let hello = bytes(PAYLOAD).split_off(FRAME_HEADER);
        let found = Quic::new().datagram(true, &packet);
        assert_eq!(found, Parsed::Done(Found::Hello(hello.into())));
    }
}

/// A.3: the server's keys are others, so it is not taken for a client's; A.4: a Retry.
#[test]
fn what_the_server_sends_is_no_hello() {
    let server = "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a
        1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc
        3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158
        407dd074ee";
    let server_2 = "dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698baeea26b91eb76
        1d9b89237bbf87263017915358230035f7fd3945d88965cf17f9af6e16886c61bfc703106fbaf3cb4cfa52382d
        d16a393e42757507698075b2c984c707f0a0812d8cd5a6881eaf21ceda98f4bd23f6fe1a3e2c43edd9ce7ca84b
        ed8521e2e140";
    let retry = "ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba";
    for packet in [server, server_2, retry] {
        for from_client in [true, false] {
            let mut quic = Quic::new();
            assert_eq!(quic.datagram(from_client, &bytes(packet)), Parsed::More);
            assert!(quic.so_far().is_empty());
        }
    }
    let mut quic = Quic::new();
    let mut cut = client(1);
    cut.pop();
    assert_eq!(quic.datagram(true, &cut), Parsed::More);
    assert_eq!(quic.datagram(false, &bytes(server)), Parsed::More);
    assert!(matches!(quic.datagram(true, &client(1)), Parsed::Done(_)));
}
