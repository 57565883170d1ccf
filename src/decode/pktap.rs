//! Apple's PKTAP: the frame behind the header that says whose it is.

use crate::capture::{Link, pktap};
use crate::decode::Reason;
use crate::decode::layer::{Layer, Next};

/// The frame behind the header at `at`.
pub(super) fn inside(link: Link, bytes: &[u8], at: usize) -> Result<Next, Reason> {
    let rest = bytes.get(at..).unwrap_or_default();
    let Some(header) = pktap::Header::of(rest) else {
        return Err(match link {
            Link::Pktap => Reason::ShortLink,
            _ => Reason::UnknownLink,
        });
    };
    let link = header.link().ok_or(Reason::UnknownLink)?;
    Ok(Next::plain(
        Layer::Link(link),
        at.saturating_add(header.length()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::pktap::test_headers::{NOBODY, Said, first, second};

    #[test]
    fn the_frame_behind_it_is_of_the_link_that_it_tells() {
        let inner = |head: &[u8]| inside(Link::User2, head, 0).map(|next| (next.layer, next.at));
        assert_eq!(
            inner(&first(NOBODY)),
            Ok((Layer::Link(Link::Ethernet), 156))
        );
        let raw = Said { link: 12, ..NOBODY };
        assert_eq!(inner(&second(raw)), Ok((Layer::Link(Link::Raw), 78)));
        assert_eq!(inner(&[]), Err(Reason::UnknownLink));
        assert_eq!(
            inside(Link::Pktap, &[0; 200], 0).err(),
            Some(Reason::ShortLink)
        );
    }
}
