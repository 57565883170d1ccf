//! What IANA's registry of ports (RFC 6335) says that a port is for, and a few that everybody uses
//! without asking it. A guess: whoever opens a port may speak what he likes on it.

use super::Protocol;
use Protocol as P;

const TCP: u8 = 6;
const UDP: u8 = 17;
const SCTP: u8 = 132;

/// Sorted, so that it can be searched.
static PORTS: [(u8, u16, Protocol); 96] = [
    (TCP, 21, P::Ftp),
    (TCP, 22, P::Ssh),
    (TCP, 23, P::Telnet),
    (TCP, 25, P::Smtp),
    (TCP, 53, P::Dns),
    (TCP, 80, P::Http),
    (TCP, 88, P::Kerberos),
    (TCP, 110, P::Pop3),
    (TCP, 119, P::Nntp),
    (TCP, 139, P::Smb),
    (TCP, 143, P::Imap),
    (TCP, 179, P::Bgp),
    (TCP, 389, P::Ldap),
    (TCP, 443, P::Tls),
    (TCP, 445, P::Smb),
    (TCP, 464, P::Kerberos),
    (TCP, 465, P::Tls),
    (TCP, 554, P::Rtsp),
    (TCP, 563, P::Tls),
    (TCP, 587, P::Smtp),
    (TCP, 636, P::Tls),
    (TCP, 853, P::Tls),
    (TCP, 989, P::Tls),
    (TCP, 990, P::Tls),
    (TCP, 993, P::Tls),
    (TCP, 995, P::Tls),
    (TCP, 1194, P::OpenVpn),
    (TCP, 1433, P::SqlServer),
    (TCP, 1723, P::Pptp),
    (TCP, 1883, P::Mqtt),
    (TCP, 2049, P::Nfs),
    (TCP, 3128, P::Http),
    (TCP, 3268, P::Ldap),
    (TCP, 3269, P::Tls),
    (TCP, 3306, P::Mysql),
    (TCP, 3389, P::Rdp),
    (TCP, 3478, P::Stun),
    (TCP, 4190, P::Sieve),
    (TCP, 5060, P::Sip),
    (TCP, 5061, P::Tls),
    (TCP, 5222, P::Xmpp),
    (TCP, 5223, P::Tls),
    (TCP, 5269, P::Xmpp),
    (TCP, 5349, P::Tls),
    (TCP, 5432, P::Postgres),
    (TCP, 5671, P::Tls),
    (TCP, 5672, P::Amqp),
    (TCP, 5900, P::Vnc),
    (TCP, 6379, P::Redis),
    (TCP, 6514, P::Tls),
    (TCP, 6881, P::Bittorrent),
    (TCP, 8000, P::Http),
    (TCP, 8008, P::Http),
    (TCP, 8080, P::Http),
    (TCP, 8443, P::Tls),
    (TCP, 8883, P::Tls),
    (TCP, 27017, P::Mongo),
    (UDP, 53, P::Dns),
    (UDP, 67, P::Dhcp),
    (UDP, 68, P::Dhcp),
    (UDP, 69, P::Tftp),
    (UDP, 88, P::Kerberos),
    (UDP, 123, P::Ntp),
    (UDP, 137, P::Nbns),
    (UDP, 138, P::NetbiosDatagram),
    (UDP, 161, P::Snmp),
    (UDP, 162, P::Snmp),
    (UDP, 389, P::Ldap),
    (UDP, 443, P::Quic),
    (UDP, 464, P::Kerberos),
    (UDP, 500, P::Ipsec),
    (UDP, 514, P::Syslog),
    (UDP, 520, P::Rip),
    (UDP, 521, P::Rip),
    (UDP, 546, P::Dhcpv6),
    (UDP, 547, P::Dhcpv6),
    (UDP, 853, P::Quic),
    (UDP, 1194, P::OpenVpn),
    (UDP, 1701, P::L2tp),
    (UDP, 1812, P::Radius),
    (UDP, 1813, P::Radius),
    (UDP, 1900, P::Ssdp),
    (UDP, 2049, P::Nfs),
    (UDP, 3389, P::Rdp),
    (UDP, 3478, P::Stun),
    (UDP, 4500, P::Ipsec),
    (UDP, 5060, P::Sip),
    (UDP, 5349, P::Dtls),
    (UDP, 5353, P::Mdns),
    (UDP, 5355, P::Llmnr),
    (UDP, 5684, P::Dtls),
    (UDP, 6881, P::Bittorrent),
    (UDP, 19302, P::Stun),
    (UDP, 51820, P::WireGuard),
    (SCTP, 80, P::Http),
    (SCTP, 443, P::Tls),
];

/// The protocol that this port is for, if it is a usual one.
pub fn by_port(ip_protocol: u8, port: u16) -> Option<Protocol> {
    let key = (ip_protocol, port);
    let place = PORTS
        .binary_search_by_key(&key, |(number, port, _)| (*number, *port))
        .ok()?;
    PORTS.get(place).map(|(_, _, protocol)| *protocol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_says_each_port_once() {
        let keys: Vec<_> = PORTS
            .iter()
            .map(|(number, port, _)| (*number, *port))
            .collect();
        assert!(keys.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn a_port_is_looked_up_with_its_transport() {
        assert_eq!(by_port(TCP, 443), Some(P::Tls));
        assert_eq!(by_port(UDP, 443), Some(P::Quic));
        assert_eq!(by_port(UDP, 22), None);
        assert_eq!(by_port(TCP, 22), Some(P::Ssh));
        assert_eq!(by_port(SCTP, 80), Some(P::Http));
    }
}
