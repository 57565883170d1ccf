//! SCTP's user data (RFC 9260): what the DATA and I-DATA (RFC 8260) chunks of a packet carry, in
//! their order. Keeps nothing between packets and joins no fragments: a caller takes what follows.

const DATA: u8 = 0;
const INTERLEAVED_DATA: u8 = 64;

/// The user data after SCTP's common header. A chunk that was cut gives what there is of it.
pub fn data(chunks: &[u8]) -> impl Iterator<Item = &[u8]> {
    Chunks(chunks).filter_map(|chunk| match chunk.kind {
        DATA => chunk.value.get(12..),
        INTERLEAVED_DATA => chunk.value.get(16..),
        _ => None,
    })
}

struct Chunks<'a>(&'a [u8]);

struct Chunk<'a> {
    kind: u8,
    value: &'a [u8],
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    /// Every chunk takes at least its own head, so that this ends.
    fn next(&mut self) -> Option<Chunk<'a>> {
        let (&[kind, _, high, low], rest) = self.0.split_first_chunk::<4>()?;
        let length = usize::from(u16::from_be_bytes([high, low])).checked_sub(4)?;
        let value = rest.get(..length).unwrap_or(rest);
        self.0 = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(Chunk { kind, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: u8, head: usize, text: &[u8]) -> Vec<u8> {
        let length = (4 + head + text.len()) as u16;
        let mut bytes = vec![kind, 3];
        bytes.extend(length.to_be_bytes());
        bytes.resize(4 + head, 0);
        bytes.extend(text);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn found(bytes: &[u8]) -> Vec<&[u8]> {
        data(bytes).collect()
    }

    #[test]
    fn data_is_found_among_other_chunks() {
        let sack = chunk(3, 12, b"");
        let packet = [
            sack,
            chunk(DATA, 12, b"GET / "),
            chunk(INTERLEAVED_DATA, 16, b"rest"),
        ];
        assert_eq!(found(&packet.concat()), [&b"GET / "[..], b"rest"]);
    }

    #[test]
    fn a_cut_chunk_gives_what_there_is() {
        let whole = chunk(DATA, 12, b"GET / HTTP");
        assert_eq!(found(&whole[..20]), [b"GET "]);
        assert_eq!(found(&whole[..12]), [&b""[..]; 0]);
    }

    #[test]
    fn a_chunk_without_length_ends_it() {
        assert_eq!(found(&[0, 3, 0, 0, 1, 2, 3, 4]), [&b""[..]; 0]);
        assert_eq!(found(&[0, 3, 0, 3, 1, 2, 3, 4]), [&b""[..]; 0]);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_hurt(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let all: usize = data(&bytes).map(<[u8]>::len).sum();
            assert!(all <= bytes.len());
        }
    }
}
