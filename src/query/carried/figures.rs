//! What is counted as four numbers: what is done to one of them is done to each.

/// Packets in, bytes in, packets out, bytes out.
pub(super) type Figures = [u64; 4];

pub(super) fn bytes([_, inbound, _, outbound]: &Figures) -> u64 {
    inbound + outbound
}

pub(super) fn figure(figures: &Figures, index: usize) -> u64 {
    figures.get(index).copied().unwrap_or(0)
}

pub(super) fn less(whole: Figures, part: Figures) -> Figures {
    std::array::from_fn(|index| figure(&whole, index).saturating_sub(figure(&part, index)))
}

/// `figure` times `target` by `total`, rounded down; none of them is 0 where this is called.
pub(super) fn share(figure: u64, total: u64, target: u64) -> u64 {
    let exact = u128::from(figure) * u128::from(target) / u128::from(total.max(1));
    exact as u64
}
