//! The host in an authority (RFC 3986, 3.2), which is what Host, `:authority` and a CONNECT target
//! hold. A user and a password before it and a path behind it are dropped, wherever they come from.

use crate::names::Name;

/// The host, without a port and without the brackets of an address.
pub(super) fn host(text: &[u8]) -> Option<Name> {
    let text = place(text);
    if let Some(rest) = text.strip_prefix(b"[") {
        let end = rest.iter().position(|byte| *byte == b']')?;
        return rest.get(..end).and_then(Name::of);
    }
    Name::of(without_port(text))
}

/// Host and port, as they were said.
pub(super) fn said(text: &[u8]) -> Option<Name> {
    Name::of(place(text))
}

/// The host of an absolute-form target (RFC 9112, 3.2.2); `None` for any other form.
pub(super) fn of_absolute(target: &[u8]) -> Option<Name> {
    let colon = target.iter().position(|byte| *byte == b':')?;
    let (scheme, rest) = target.split_at_checked(colon)?;
    let is_scheme = scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte));
    if !is_scheme {
        return None;
    }
    host(rest.strip_prefix(b"://")?)
}

/// The part between a user and a path.
fn place(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| b"/?#\\".contains(byte));
    let text = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let user = text.iter().rposition(|byte| *byte == b'@');
    let text = user.and_then(|at| text.get(at + 1..)).unwrap_or(text);
    text.trim_ascii()
}

/// An address of IP version 6 that lacks its brackets has more than one colon, and no port.
fn without_port(text: &[u8]) -> &[u8] {
    let mut parts = text.splitn(3, |byte| *byte == b':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(host), Some(_), None) => host,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_what_lies_between_user_and_port() {
        for (text, wanted) in [
            ("Example.COM", Some("example.com")),
            ("example.com:8080", Some("example.com")),
            ("example.com:", Some("example.com")),
            ("192.0.2.1:80", Some("192.0.2.1")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("[2001:DB8::1]", Some("2001:db8::1")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("user:secret@example.com:80/path?q=1", Some("example.com")),
            ("a@b@example.com", Some("example.com")),
            ("example.com\\@other.example", Some("example.com")),
            ("  example.com.  ", Some("example.com")),
            ("[2001:db8::1", None),
            ("[]", None),
            (":80", None),
            ("user@", None),
            ("", None),
        ] {
            assert_eq!(
                host(text.as_bytes()).as_ref().map(Name::as_str),
                wanted,
                "{text}"
            );
        }
    }

    #[test]
    fn what_was_said_keeps_the_port() {
        assert_eq!(said(b"[FF02::C]:1900").unwrap().as_str(), "[ff02::c]:1900");
        assert_eq!(
            said(b"u:p@a.example:80/x").unwrap().as_str(),
            "a.example:80"
        );
    }

    #[test]
    fn only_an_absolute_target_has_a_host() {
        for (target, wanted) in [
            (
                "http://www.example.org/pub/WWW/TheProject.html",
                Some("www.example.org"),
            ),
            (
                "HTTP://u:p@www.example.org:8001?where",
                Some("www.example.org"),
            ),
            ("ws+unix://x.example", Some("x.example")),
            ("http:///", None),
            ("/redirect?to=http://other.example/", None),
            ("www.example.com:80", None),
            ("*", None),
            ("1http://x.example", None),
        ] {
            assert_eq!(
                of_absolute(target.as_bytes()).as_ref().map(Name::as_str),
                wanted,
                "{target}"
            );
        }
    }
}
