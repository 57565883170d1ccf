//! IPv6's extension headers in orders that are not the usual one.

use super::*;

const UDP_6: &str = "udp [2001:db8::1]:5000 > [2001:db8::2]:53 Whole";

#[test]
fn extension_headers_come_in_any_order() {
    let ah = "04 0000 00000001 00000001 000000000000000000000000";
    let udp = "1388 0035 0008 0000";
    let cases = [
        (
            format!(
                "60000000 0038 33 40 {V6} 00{ah} 3c00000000000000 2b00000000000000 1100000000000000 {udp}"
            ),
            UDP_6,
        ),
        (
            format!("60000000 0030 3c 40 {V6} 3300000000000000 00{ah} 1100000000000000 {udp}"),
            UDP_6,
        ),
        (
            format!("60000000 0038 2c 40 {V6} 3300 0001 00000009 3c{ah} 1100000000000000 {udp}"),
            "udp [2001:db8::1]:5000 > [2001:db8::2]:53 First(9)",
        ),
    ];
    for (text, flow) in cases {
        assert_eq!(say(Link::Raw, &text), flow, "{text}");
    }
    let many = format!(
        "60000000 0328 3c 40 {V6} {} 1100000000000000 {udp}",
        "3c00000000000000".repeat(99)
    );
    assert_eq!(say(Link::Raw, &many), UDP_6);
}
