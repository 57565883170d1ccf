"""TLS that begins in the middle: STARTTLS of several protocols, and what PostgreSQL does instead."""
from . import tls
from .place import SERVER
from .registry import scenario

XMPP = (b'<?xml version="1.0"?><stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" '
        b'id="1" from="chat.site.example" version="1.0"><stream:features>'
        b'<starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"><required/></starttls></stream:features>')
LDAP_DONE = bytes.fromhex("300c02010178070a010004000400")

# What the server says first, then what it waits for and answers, in order.
TALKS = {
    "smtp": (587, b"220 mail.site.example ESMTP\r\n",
             [(b"EHLO", b"250-mail.site.example\r\n250-SIZE 1000000\r\n250 STARTTLS\r\n"), (b"STARTTLS", b"220 ready\r\n")]),
    "imap": (143, b"* OK IMAP4rev1 ready\r\n",
             [(b"CAPABILITY", b"* CAPABILITY IMAP4rev1 STARTTLS\r\n. OK done\r\n"), (b"STARTTLS", b". OK begin\r\n")]),
    "pop3": (110, b"+OK ready\r\n", [(b"STLS", b"+OK begin\r\n")]),
    "xmpp": (5222, b"", [(b"stream:stream", XMPP), (b"starttls", b'<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>')]),
    "postgres": (5432, b"", [(bytes.fromhex("04d2162f"), b"S")]),
    "ftp": (21, b"220 ready\r\n", [(b"AUTH TLS", b"234 begin\r\n")]),
    "ldap": (389, b"", [(b"1.3.6.1.4.1.1466.20037", LDAP_DONE)]),
}


def serve(place, talk):
    port, greeting, steps = TALKS[talk]
    made = tls.context(place)

    def one(connection):
        connection.sendall(greeting)
        for wanted, answer in steps:
            heard = b""
            while wanted not in heard:
                more = connection.recv(4096)
                if not more:
                    return
                heard += more
            connection.sendall(answer)
        with made.wrap_socket(connection, server_side=True) as safe:
            safe.recv(100)
    place.listen(SERVER, port, one)
    return port


def make(place, talk, certain=True):
    port, name = serve(place, talk), f"{talk}.site.example"
    extra = ["-name", "client.site.example"] if talk == "smtp" else ["-xmpphost", "chat.site.example"] if talk == "xmpp" else []
    with place.recording():
        place.client("openssl", "s_client", "-starttls", talk, *extra, "-connect", f"{SERVER}:{port}",
                     "-servername", name, text="QUIT\r\n")
    if certain:
        place.expect("tcp", (SERVER, port), claims=[("sni", name)], site=("sni", name), layer="tls")
    else:
        place.expect("tcp", (SERVER, port), may_claim=[("sni", name)], layer="tls")
    return []


def starttls(talk, shows, certain=True):
    @scenario(f"starttls-{talk}", shows, f"openssl s_client -starttls {talk} to a server that says just enough")
    def one(place):
        return make(place, talk, certain)


starttls("smtp", "A ClientHello after SMTP's STARTTLS.")
starttls("imap", "A ClientHello after IMAP's STARTTLS.")
starttls("pop3", "A ClientHello after POP3's STLS.")
starttls("xmpp", "A ClientHello after XMPP's starttls element.")
starttls("postgres", "A ClientHello after PostgreSQL's SSLRequest and its one-byte answer.")
starttls("ftp", "A ClientHello after FTP's AUTH TLS: the name may be seen, it need not.", certain=False)
starttls("ldap", "A ClientHello after LDAP's StartTLS operation: the name may be seen, it need not.", certain=False)


@scenario("postgres-psql", "PostgreSQL's own client: SSLRequest, then a ClientHello with the server's name.",
          "psql of libpq 15 or later to a server that says just enough")
def psql(place):
    serve(place, "postgres")
    with place.recording():
        place.client("psql", f"host=db.site.example hostaddr={SERVER} sslmode=require user=someone dbname=none",
                     check=False)
    place.expect("tcp", (SERVER, 5432), claims=[("sni", "db.site.example")], site=("sni", "db.site.example"), layer="tls")
