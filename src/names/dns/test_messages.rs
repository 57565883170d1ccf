//! Messages for tests, put together label by label.

pub(super) const RESPONSE: u16 = 0x8180;

/// A message of raw questions and records.
#[derive(Clone, Default)]
pub(super) struct Draft {
    pub flags: u16,
    pub questions: Vec<Vec<u8>>,
    /// Answers, authorities and additionals.
    pub records: [Vec<Vec<u8>>; 3],
}

impl Draft {
    pub(super) fn asking(name: &str, kind: u16) -> Draft {
        let question = [wire(name), kind.to_be_bytes().to_vec(), vec![0, 1]].concat();
        Draft {
            flags: 0x0100,
            questions: vec![question],
            ..Draft::default()
        }
    }

    pub(super) fn answering(name: &str, answers: &[Vec<u8>]) -> Draft {
        Draft {
            flags: RESPONSE,
            records: [answers.to_vec(), Vec::new(), Vec::new()],
            ..Draft::asking(name, 1)
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0xab, 0xcd];
        bytes.extend(self.flags.to_be_bytes());
        bytes.extend((self.questions.len() as u16).to_be_bytes());
        for section in &self.records {
            bytes.extend((section.len() as u16).to_be_bytes());
        }
        bytes.extend(self.questions.concat());
        bytes.extend(self.records.concat().concat());
        bytes
    }
}

/// A name without pointers.
pub(super) fn wire(name: &str) -> Vec<u8> {
    let labels = name.split('.').filter(|label| !label.is_empty());
    let mut bytes: Vec<u8> = labels
        .flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat())
        .collect();
    bytes.push(0);
    bytes
}

/// A record whose owner is written as these bytes.
pub(super) fn raw(owner: &[u8], kind: u16, class: u16, ttl: u32, data: &[u8]) -> Vec<u8> {
    [
        owner,
        &kind.to_be_bytes(),
        &class.to_be_bytes(),
        &ttl.to_be_bytes(),
        &(data.len() as u16).to_be_bytes(),
        data,
    ]
    .concat()
}

pub(super) fn record(owner: &str, kind: u16, ttl: u32, data: &[u8]) -> Vec<u8> {
    raw(&wire(owner), kind, 1, ttl, data)
}

pub(super) fn a(owner: &str, ttl: u32, last: u8) -> Vec<u8> {
    record(owner, 1, ttl, &[93, 184, 216, last])
}

pub(super) fn cname(owner: &str, ttl: u32, target: &str) -> Vec<u8> {
    record(owner, 5, ttl, &wire(target))
}

/// A service record (RFC 9460, 2.2) with raw parameters.
pub(super) fn service(owner: &str, priority: u8, target: &str, parameters: &[u8]) -> Vec<u8> {
    record(
        owner,
        65,
        300,
        &[&[0, priority], &wire(target)[..], parameters].concat(),
    )
}

/// A NetBIOS name as it is encoded (RFC 1001, 14.1), with its scope.
pub(super) fn netbios(name: &[u8; 16], scope: &str) -> Vec<u8> {
    let letters = name
        .iter()
        .flat_map(|byte| [b'A' + (byte >> 4), b'A' + (byte & 15)]);
    [vec![32], letters.collect(), wire(scope)].concat()
}
