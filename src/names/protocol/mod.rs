//! What a flow speaks. Certain where its bytes say so; else the port says it, and the caller marks
//! that. Names are other rooms' business, and so are DNS, TLS and QUIC, which have parsers.

mod datagram;
mod port;
mod stream;

pub use datagram::of_datagram;
pub use port::by_port;
pub use stream::of_stream;

/// The application protocols that are told apart, each with its word.
macro_rules! protocols {
    ($($name:ident = $word:literal,)*) => {
        /// An application protocol.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Protocol {
            $($name,)*
        }

        impl Protocol {
            pub const ALL: &'static [Protocol] = &[$(Protocol::$name,)*];

            /// The word that the API, the store and the page use.
            pub fn word(self) -> &'static str {
                match self {
                    $(Protocol::$name => $word,)*
                }
            }
        }
    };
}

protocols! {
    Tls = "tls",
    Dtls = "dtls",
    Quic = "quic",
    Http = "http",
    Http2 = "http2",
    Dns = "dns",
    Mdns = "mdns",
    Llmnr = "llmnr",
    Nbns = "nbns",
    Ssh = "ssh",
    WireGuard = "wireguard",
    OpenVpn = "openvpn",
    Ipsec = "ipsec",
    Pptp = "pptp",
    L2tp = "l2tp",
    Stun = "stun",
    Dhcp = "dhcp",
    Dhcpv6 = "dhcpv6",
    Ntp = "ntp",
    Smtp = "smtp",
    Imap = "imap",
    Pop3 = "pop3",
    Xmpp = "xmpp",
    Ftp = "ftp",
    Nntp = "nntp",
    Sieve = "sieve",
    Ldap = "ldap",
    Kerberos = "kerberos",
    Radius = "radius",
    Postgres = "postgres",
    Mysql = "mysql",
    SqlServer = "sqlserver",
    Mongo = "mongodb",
    Redis = "redis",
    Amqp = "amqp",
    Mqtt = "mqtt",
    Rdp = "rdp",
    Vnc = "vnc",
    Telnet = "telnet",
    Smb = "smb",
    NetbiosDatagram = "netbios-datagram",
    Nfs = "nfs",
    Tftp = "tftp",
    Sip = "sip",
    Rtsp = "rtsp",
    Ssdp = "ssdp",
    Bittorrent = "bittorrent",
    Syslog = "syslog",
    Snmp = "snmp",
    Bgp = "bgp",
    Rip = "rip",
}

#[cfg(test)]
mod tests;
