//! Hellos for tests, built field by field, so that each case says only what is odd about it.

/// A ClientHello of a usual browser, to be changed.
#[derive(Clone, Debug)]
pub(super) struct Build {
    pub(super) version: u16,
    pub(super) session: Vec<u8>,
    pub(super) cookie: Option<Vec<u8>>,
    pub(super) ciphers: Vec<u16>,
    pub(super) extensions: Vec<(u16, Vec<u8>)>,
}

impl Default for Build {
    fn default() -> Build {
        Build {
            version: 0x0303,
            session: vec![7; 32],
            cookie: None,
            ciphers: vec![0x1301, 0x1302, 0xc02b],
            extensions: Vec::new(),
        }
    }
}

impl Build {
    /// With the name of a host, and nothing else.
    pub(super) fn named(name: &str) -> Build {
        Build::default().with(0, host(name.as_bytes()))
    }

    pub(super) fn with(mut self, kind: u16, data: Vec<u8>) -> Build {
        self.extensions.push((kind, data));
        self
    }

    pub(super) fn body(&self) -> Vec<u8> {
        let mut body = self.version.to_be_bytes().to_vec();
        body.extend([9; 32]);
        body.extend(short(&self.session));
        body.extend(self.cookie.iter().flat_map(|cookie| short(cookie)));
        body.extend(long(&pairs(&self.ciphers)));
        body.extend(short(&[0]));
        let list: Vec<u8> = self.extensions.iter().flat_map(extension).collect();
        body.extend(long(&list));
        body
    }

    pub(super) fn message(&self) -> Vec<u8> {
        message(&self.body())
    }

    /// In one record.
    pub(super) fn stream(&self) -> Vec<u8> {
        record(&self.message())
    }
}

pub(super) fn message(body: &[u8]) -> Vec<u8> {
    [&[1], &three(body.len())[..], body].concat()
}

pub(super) fn record(content: &[u8]) -> Vec<u8> {
    [&[22, 3, 1][..], &long(content)].concat()
}

/// The message in records of at most `size` bytes.
pub(super) fn records(message: &[u8], size: usize) -> Vec<u8> {
    message.chunks(size).flat_map(record).collect()
}

/// A datagram with one record that holds one fragment of a DTLS message.
pub(super) fn fragment(body: &[u8], sequence: u16, from: usize, to: usize) -> Vec<u8> {
    let mut content = vec![1];
    content.extend(three(body.len()));
    content.extend(sequence.to_be_bytes());
    content.extend(three(from));
    content.extend(three(to - from));
    content.extend(&body[from..to]);
    [
        &[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1][..],
        &long(&content),
    ]
    .concat()
}

/// The data of a `server_name` extension with one host name.
pub(super) fn host(name: &[u8]) -> Vec<u8> {
    names(&[(0, name)])
}

/// The same with any list of names and their types.
pub(super) fn names(list: &[(u8, &[u8])]) -> Vec<u8> {
    let list: Vec<u8> = list
        .iter()
        .flat_map(|(kind, name)| [&[*kind][..], &long(name)].concat())
        .collect();
    long(&list)
}

/// The data of an ALPN extension.
pub(super) fn protocols(list: &[&[u8]]) -> Vec<u8> {
    long(
        &list
            .iter()
            .flat_map(|name| short(name))
            .collect::<Vec<u8>>(),
    )
}

/// The data of a `supported_versions` extension.
pub(super) fn versions(list: &[u16]) -> Vec<u8> {
    short(&pairs(list))
}

/// A list of numbers with its length.
pub(super) fn list(numbers: &[u16]) -> Vec<u8> {
    long(&pairs(numbers))
}

fn extension((kind, data): &(u16, Vec<u8>)) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &long(data)].concat()
}

fn pairs(numbers: &[u16]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect()
}

fn short(bytes: &[u8]) -> Vec<u8> {
    [&[bytes.len() as u8][..], bytes].concat()
}

fn long(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
}

fn three(length: usize) -> [u8; 3] {
    let [_, high, middle, low] = (length as u32).to_be_bytes();
    [high, middle, low]
}
