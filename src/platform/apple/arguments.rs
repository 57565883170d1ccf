//! What a process was called with (sysctl `KERN_PROCARGS2`): a count, the file that was executed,
//! and then the arguments, each with a zero behind it.

/// How many arguments are told, and how many bytes of them in all.
const MOST: usize = 8;
const MOST_BYTES: usize = 4096;

/// The first few arguments.
pub(crate) fn arguments(told: &[u8]) -> Vec<String> {
    read(told).unwrap_or_default()
}

fn read(told: &[u8]) -> Option<Vec<String>> {
    let count = u32::from_le_bytes(*told.first_chunk()?) as usize;
    let (_, rest) = split_at_zero(told.get(4..)?)?;
    // The file is padded with zeros up to the next word.
    let begin = rest.iter().position(|byte| *byte != 0)?;
    let mut rest = rest.get(begin..)?;
    let (mut all, mut left) = (Vec::new(), MOST_BYTES);
    while all.len() < count.min(MOST) && left > 0 {
        let Some((one, after)) = split_at_zero(rest) else {
            break;
        };
        let one = one.get(..left).unwrap_or(one);
        left -= one.len();
        all.push(String::from_utf8_lossy(one).into_owned());
        rest = after;
    }
    Some(all)
}

/// What is before the next zero, and what is behind it.
fn split_at_zero(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(count: u32, arguments: &[&str]) -> Vec<u8> {
        let mut told = count.to_le_bytes().to_vec();
        told.extend(b"/usr/bin/python3\0\0\0\0");
        for argument in arguments {
            told.extend(argument.as_bytes());
            told.push(0);
        }
        told.extend(b"HOME=/Users/a\0\0");
        told
    }

    #[test]
    fn the_first_arguments_are_told_and_nothing_of_the_environment() {
        let called = ["python3", "", "-m", "web"];
        assert_eq!(arguments(&told(4, &called)), called);
        let many = ["a"; 100];
        assert_eq!(arguments(&told(100, &many)), ["a"; MOST]);
        let long = "b".repeat(MOST_BYTES);
        let [first, second] = &arguments(&told(3, &["ab", &long, "c"]))[..] else {
            panic!("two arguments");
        };
        assert_eq!((first.len(), second.len()), (2, MOST_BYTES - 2));
    }

    #[test]
    fn no_prefix_and_no_count_can_hurt() {
        let whole = told(u32::MAX, &["a", "b"]);
        for length in 0..whole.len() {
            assert!(arguments(&whole[..length]).len() <= 3);
        }
        assert_eq!(arguments(&[1, 0, 0, 0]), Vec::<String>::new());
    }
}
