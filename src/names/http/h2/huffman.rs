//! HPACK's Huffman code (RFC 7541, 5.2 and appendix B). The code is canonical, so the lengths of its
//! codes say all of it; the rest is worked out when this is compiled.

/// The bits that each symbol takes; the last symbol is the end of a string, which never occurs in
/// one.
const LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, //
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28, //
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, //
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, //
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, //
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, //
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, //
    6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, //
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, //
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, //
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, //
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, //
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, //
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, //
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, //
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, //
    30,
];

const LONGEST: usize = 30;

/// The codes of one length are consecutive, in the order of their symbols.
#[derive(Clone, Copy)]
struct Row {
    first: u32,
    count: u32,
    start: u16,
}

const CODE: ([Row; LONGEST + 1], [u16; 257]) = code();

/// The text; `None` where the code or its padding is wrong.
pub(super) fn decoded(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(bytes.len());
    let (mut code, mut length) = (0_u32, 0_usize);
    for byte in bytes {
        for place in (0..8).rev() {
            code = (code << 1) | u32::from((byte >> place) & 1);
            length += 1;
            if let Some(symbol) = symbol(code, length) {
                text.push(u8::try_from(symbol).ok()?);
                (code, length) = (0, 0);
            } else if length >= LONGEST {
                return None;
            }
        }
    }
    let padded = length < 8 && code == (1 << length) - 1;
    padded.then_some(text)
}

fn symbol(code: u32, length: usize) -> Option<u16> {
    static ROWS: [Row; LONGEST + 1] = CODE.0;
    static SYMBOLS: [u16; 257] = CODE.1;
    let row = ROWS.get(length)?;
    let offset = code
        .checked_sub(row.first)
        .filter(|offset| *offset < row.count)?;
    SYMBOLS
        .get(usize::from(row.start) + offset as usize)
        .copied()
}

/// Runs at compile time only.
const fn code() -> ([Row; LONGEST + 1], [u16; 257]) {
    let mut rows = [Row {
        first: 0,
        count: 0,
        start: 0,
    }; LONGEST + 1];
    let mut symbols = [0; 257];
    let (mut next, mut filled, mut length) = (0_u32, 0, 1);
    while length <= LONGEST {
        next <<= 1;
        rows[length] = Row {
            first: next,
            count: 0,
            start: filled as u16,
        };
        let mut symbol = 0;
        while symbol < LENGTHS.len() {
            if LENGTHS[symbol] as usize == length {
                symbols[filled] = symbol as u16;
                rows[length].count += 1;
                filled += 1;
                next += 1;
            }
            symbol += 1;
        }
        length += 1;
    }
    (rows, symbols)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::http::h2::tests::bytes;

    #[test]
    fn strings_are_those_of_rfc_7541_c_4_and_c_6() {
        for (code, text) in [
            ("f1e3c2e5f23a6ba0ab90f4ff", "www.example.com"),
            ("a8eb10649cbf", "no-cache"),
            ("25a849e95ba97d7f", "custom-key"),
            ("25a849e95bb8e8b4bf", "custom-value"),
            ("6402", "302"),
            ("aec3771a4b", "private"),
            (
                "d07abe941054d444a8200595040b8166e082a62d1bff",
                "Mon, 21 Oct 2013 20:13:21 GMT",
            ),
            (
                "9d29ad171863c78f0b97c8e9ae82ae43d3",
                "https://www.example.com",
            ),
            ("640eff", "307"),
            ("9bd9ab", "gzip"),
            (
                "94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
                "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
            ),
        ] {
            assert_eq!(decoded(&bytes(code)).unwrap(), text.as_bytes(), "{text}");
        }
    }

    #[test]
    fn long_codes_are_those_of_appendix_b() {
        for (code, length, wanted) in [
            (0x03ff_ffee, 26, 255),
            (0x0fff_fffe, 28, 249),
            (0x07ff_fff0, 27, 254),
            (0x3fff_ffff, 30, 256),
            (0x3fff_fffc, 30, 10),
            (0x1ff8, 13, 0),
            (0x7fff0, 19, 92),
        ] {
            assert_eq!(symbol(code, length), Some(wanted), "{code:x}");
        }
    }

    #[test]
    fn every_symbol_has_a_code() {
        let (rows, mut symbols) = CODE;
        assert_eq!(rows.iter().map(|row| row.count).sum::<u32>(), 257);
        symbols.sort_unstable();
        assert!(
            symbols
                .iter()
                .enumerate()
                .all(|(place, symbol)| place == usize::from(*symbol))
        );
    }

    #[test]
    fn wrong_padding_and_the_end_of_a_string_are_refused() {
        for code in ["640efe", "ff", "ffff", "ffffffff", "9bd9abff"] {
            assert_eq!(decoded(&bytes(code)), None, "{code}");
        }
        assert_eq!(decoded(&[]).unwrap(), b"");
    }
}
