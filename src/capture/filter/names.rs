//! Names that libpcap would look up. To compile `host example.org` it asks the system's resolver,
//! and the resolver the network; netmonitor asks nobody, so such an expression is refused before
//! libpcap sees it. Words are told apart as libpcap's scanner does, and what may be a name follows
//! from the word before, as in its grammar; everything that is not known to be harmless is refused.

use super::FilterError;
use std::net::Ipv6Addr;

/// What a word that is no keyword would be to libpcap.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing that makes sense.
    Keyword,
    /// A host or a network, to be looked up.
    Address,
    /// A port, a protocol, an interface or the like, which the system's own tables have.
    Name,
}

/// After these stands a host or a network.
const BEFORE_ADDRESS: &str = "host net gateway src dst ra ta \
    addr1 addr2 addr3 addr4 address1 address2 address3 address4";

/// After these stands a name that no resolver is asked for.
const BEFORE_NAME: &str = "port portrange proto protochain type subtype dir direction on ifname \
    rset ruleset reason action llc batadv";

/// These leave open what stands after them.
const JOINING: &str = "and or not mask";

/// After these stands another keyword, or a number.
const OTHERS: &str = "link ether ppp slip fddi tr wlan arp rarp ip sctp tcp udp icmp igmp igrp pim \
    vrrp carp radio ip6 icmp6 ah esp atalk aarp decnet lat sca moprc mopdl iso esis es-is isis \
    is-is l1 l2 iih lsp snp csnp psnp clnp stp ipx netbeui less greater byte broadcast multicast \
    len length inbound outbound ifindex vlan mpls pppoed pppoes geneve vxlan lane metac bcc oam \
    oamf4 oamf4ec oamf4sc sc ilmic vpi vci connectmsg metaconnect rnr rulenum srnr subrulenum fisu \
    lssu lsu msu hfisu hlssu hmsu sio opc dpc sls hsio hopc hdpc hsls";

/// Numbers by another name.
const CONSTANTS: &str = "icmptype icmpcode icmp-echoreply icmp-unreach icmp-sourcequench \
    icmp-redirect icmp-echo icmp-routeradvert icmp-routersolicit icmp-timxceed icmp-paramprob \
    icmp-tstamp icmp-tstampreply icmp-ireq icmp-ireqreply icmp-maskreq icmp-maskreply icmp6type \
    icmp6code icmp6-destinationunreach icmp6-packettoobig icmp6-timeexceeded \
    icmp6-parameterproblem icmp6-echo icmp6-echoreply icmp6-multicastlistenerquery \
    icmp6-multicastlistenerreportv1 icmp6-multicastlistenerdone icmp6-routersolicit \
    icmp6-routeradvert icmp6-neighborsolicit icmp6-neighboradvert icmp6-redirect \
    icmp6-routerrenum icmp6-nodeinformationquery icmp6-nodeinformationresponse \
    icmp6-ineighbordiscoverysolicit icmp6-ineighbordiscoveryadvert \
    icmp6-multicastlistenerreportv2 icmp6-homeagentdiscoveryrequest \
    icmp6-homeagentdiscoveryreply icmp6-mobileprefixsolicit icmp6-mobileprefixadvert \
    icmp6-certpathsolicit icmp6-certpathadvert icmp6-multicastrouteradvert \
    icmp6-multicastroutersolicit icmp6-multicastrouterterm tcpflags tcp-fin tcp-syn tcp-rst \
    tcp-push tcp-ack tcp-urg tcp-ece tcp-cwr";

/// Refuses an expression with a word in it that libpcap would look up as a host or a network.
pub(super) fn refuse(expression: &str) -> Result<(), FilterError> {
    let mut place = Place::Keyword;
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let at = expression.len() - rest.len();
        let length = match first {
            '\\' => escaped(rest, at, place)?,
            ')' => {
                // What libpcap expects is again what it expected at the bracket's beginning.
                place = if place == Place::Name {
                    Place::Address
                } else {
                    place
                };
                1
            }
            _ if in_word(first) => words(rest, at, &mut place)?,
            other => other.len_utf8(),
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(())
}

/// A word that a backslash makes a name, whatever else it could be: how long it is.
fn escaped(rest: &str, at: usize, place: Place) -> Result<usize, FilterError> {
    let length = rest.find([' ', '!', '(', ')', '\n', '\t']);
    let length = length.unwrap_or(rest.len());
    name(rest.get(..length).unwrap_or_default(), at, place)?;
    Ok(length)
}

/// One address, or words with colons between them: how long that is.
fn words(rest: &str, at: usize, place: &mut Place) -> Result<usize, FilterError> {
    let length = rest.find(|letter| !in_word(letter)).unwrap_or(rest.len());
    let whole = rest.get(..length).unwrap_or_default();
    if is_address(whole) {
        return Ok(length);
    }
    let mut begin = at;
    for word in whole.split(':') {
        let bare = word.trim_start_matches(['-', '_', '.']);
        *place = after(bare, begin + word.len() - bare.len(), *place)?;
        begin += word.len() + 1;
    }
    Ok(length)
}

/// What may stand after a word, if the word itself may stand where it does.
fn after(word: &str, at: usize, place: Place) -> Result<Place, FilterError> {
    let is_in = |list: &str| list.split_ascii_whitespace().any(|known| known == word);
    if is_in(BEFORE_ADDRESS) {
        return Ok(Place::Address);
    }
    if is_in(BEFORE_NAME) {
        return Ok(Place::Name);
    }
    if is_in(OTHERS) {
        return Ok(Place::Keyword);
    }
    if !(word.is_empty() || is_numeric(word) || is_in(JOINING) || is_in(CONSTANTS)) {
        name(word, at, place)?;
    }
    Ok(place)
}

fn name(word: &str, at: usize, place: Place) -> Result<(), FilterError> {
    let message = match place {
        Place::Name => return Ok(()),
        Place::Keyword => format!("syntax error in filter expression: there is no word `{word}`"),
        Place::Address => format!(
            "`{word}` is a name, and netmonitor looks no names up: write the host's or network's \
             address"
        ),
    };
    Err(FilterError {
        message,
        at: Some(at),
    })
}

fn in_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | ':')
}

fn is_address(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok() || is_numeric(text) || is_hardware(text)
}

/// A number, or two to four with dots between them.
fn is_numeric(text: &str) -> bool {
    let is_number = |part: &str| {
        let hex = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X"));
        let digits = hex.unwrap_or(part);
        let is_digit = |digit: char| digit.is_digit(if hex.is_some() { 16 } else { 10 });
        !digits.is_empty() && digits.chars().all(is_digit)
    };
    text.split('.').count() <= 4 && text.split('.').all(is_number)
}

/// Six bytes with one kind of mark between them, three groups of two bytes, or none at all.
fn is_hardware(text: &str) -> bool {
    let is_hex = |part: &str| part.chars().all(|digit| digit.is_ascii_hexdigit());
    let parts = |mark, count, digits: std::ops::RangeInclusive<usize>| {
        let fits = |part: &str| digits.contains(&part.len()) && is_hex(part);
        text.split(mark).count() == count && text.split(mark).all(fits)
    };
    [':', '-', '.']
        .into_iter()
        .any(|mark| parts(mark, 6, 1..=2))
        || parts('.', 3, 4..=4)
        || parts(' ', 1, 12..=12)
}
