//! The binary form: objects, a table of where each begins, and a trailer that says how wide the
//! table's entries and the references between objects are.

/// The trailer's length, and where in it stands what.
const TRAILER: usize = 32;

/// What references of a list are made of.
struct Objects<'a> {
    list: &'a [u8],
    /// Bytes of an entry of the table, and of a reference.
    entry: usize,
    reference: usize,
    table: usize,
}

pub(super) fn string(list: &[u8], key: &str) -> Option<String> {
    let trailer = list.get(list.len().checked_sub(TRAILER)?..)?;
    let objects = Objects {
        list,
        entry: usize::from(*trailer.get(6)?),
        reference: usize::from(*trailer.get(7)?),
        table: number(trailer, 24, 8)?,
    };
    let (0xd, count, at) = objects.head(number(trailer, 16, 8)?)? else {
        return None;
    };
    // Keys first, then as many values.
    let refer = |index: usize| {
        number(
            list,
            at.checked_add(index * objects.reference)?,
            objects.reference,
        )
    };
    let keys = (0..count).map_while(|index| Some((index, objects.text(refer(index)?))));
    let mut keys = keys;
    let (index, _) = keys.find(|(_, text)| text.as_deref() == Some(key))?;
    objects.text(refer(count.checked_add(index)?)?)
}

impl Objects<'_> {
    /// An object's kind, how many things it has, and where they begin.
    fn head(&self, object: usize) -> Option<(u8, usize, usize)> {
        let place = object.checked_mul(self.entry)?.checked_add(self.table)?;
        let at = number(self.list, place, self.entry)?;
        let marker = *self.list.get(at)?;
        let (kind, count) = (marker >> 4, usize::from(marker & 0xf));
        if count < 0xf {
            return Some((kind, count, at + 1));
        }
        // A whole number follows that says it.
        let width = match self.list.get(at + 1)? {
            marker @ 0x10..=0x13 => 1usize << (marker & 0xf),
            _ => return None,
        };
        let count = number(self.list, at + 2, width)?;
        // No thing takes less than a byte.
        let count = Some(count).filter(|count| *count <= self.list.len())?;
        Some((kind, count, at + 2 + width))
    }

    fn text(&self, object: usize) -> Option<String> {
        let (kind, count, at) = self.head(object)?;
        match kind {
            5 => {
                let bytes = self.list.get(at..at.checked_add(count)?)?;
                Some(String::from_utf8_lossy(bytes).into_owned())
            }
            6 => {
                let bytes = self.list.get(at..at.checked_add(count * 2)?)?;
                let units = bytes.chunks_exact(2).map(|unit| match unit {
                    [high, low] => u16::from_be_bytes([*high, *low]),
                    _ => 0,
                });
                let letters = char::decode_utf16(units);
                Some(
                    letters
                        .map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER))
                        .collect(),
                )
            }
            _ => None,
        }
    }
}

/// A number of `width` bytes, the highest first.
fn number(bytes: &[u8], at: usize, width: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(width)?)?;
    if field.is_empty() || field.len() > 8 {
        return None;
    }
    let whole = field
        .iter()
        .fold(0u64, |whole, byte| whole << 8 | u64::from(*byte));
    usize::try_from(whole).ok()
}
