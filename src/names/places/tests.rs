//! Places by the registries and by databases, whole, damaged and not there.

use super::*;
use proptest::prelude::*;
use std::io::Write;
use tempfile::NamedTempFile;

const ASN: &[u8] = include_bytes!("../../../tests/geo/asn.mmdb");
const CITY: &[u8] = include_bytes!("../../../tests/geo/city.mmdb");

fn file(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn with(asn: &[u8], city: &[u8]) -> Result<Places, Error> {
    let (asn, city) = (file(asn), file(city));
    // The files are gone when this returns: what was opened must not need them.
    Places::open(&Config {
        asn: asn.path().into(),
        city: city.path().into(),
    })
}

fn of(places: &Places, address: &str) -> Place {
    places.of(address.parse().unwrap())
}

fn country(places: &Places, address: &str) -> Option<(String, &'static str)> {
    let country = of(places, address).country?;
    Some((country.code().to_owned(), country.source.word()))
}

#[test]
fn the_registries_know_to_whom_an_address_was_assigned() {
    let places = Places::default();
    for (address, code) in [
        ("8.8.8.8", "US"),
        ("193.0.6.139", "NL"),
        ("::ffff:193.0.6.139", "NL"),
        ("64:ff9b::193.0.6.139", "NL"),
        ("2001:67c:2e8::1", "NL"),
        ("133.11.0.1", "JP"),
        ("200.160.2.3", "BR"),
        ("2c0f:feb0::1", "MU"),
    ] {
        let wanted = Some((code.to_owned(), "registry"));
        assert_eq!(country(&places, address), wanted, "{address}");
    }
    let place = of(&places, "8.8.8.8");
    assert_eq!(
        (place.asn, place.organisation, place.city),
        (None, None, None)
    );
}

#[test]
fn what_is_kept_for_a_purpose_is_in_no_country() {
    let places = Places::default();
    for address in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "169.254.1.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.251",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "100::1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::fb",
        "2001::1",
        "2001:db8::1",
        "2001:20::1",
        "2002:808:808::1",
        "3fff::1",
        "5f00::1",
        "2620:4f:8000::1",
    ] {
        assert_eq!(country(&places, address), None, "{address}");
    }
    for address in [
        "11.0.0.1",
        "100.63.0.1",
        "172.32.0.1",
        "172.15.0.1",
        "192.169.0.1",
        "198.20.0.1",
    ] {
        assert!(country(&places, address).is_some(), "{address}");
    }
}

#[test]
fn databases_tell_networks_and_cities() {
    let places = with(ASN, CITY).unwrap();
    let place = of(&places, "192.0.2.7");
    assert_eq!(place.asn, Some(64496));
    assert_eq!(place.organisation.as_deref(), Some("Example Networks"));
    assert_eq!(place.city.as_deref(), Some("Berlin"));
    assert_eq!(country(&places, "192.0.2.7"), Some(("DE".into(), "city")));
    assert_eq!(of(&places, "::ffff:192.0.2.7"), place);
    let place = of(&places, "2001:db8::1");
    assert_eq!(
        (place.asn, place.city.as_deref()),
        (Some(64511), Some("Kyoto"))
    );
    // The database wins over the registries, and these hold for what it does not have.
    assert_eq!(country(&places, "8.8.8.8"), Some(("CH".into(), "city")));
    assert_eq!(
        country(&places, "193.0.6.139"),
        Some(("NL".into(), "registry"))
    );
    // A network of one's own may be in one's own database.
    let place = of(&places, "10.1.1.1");
    assert_eq!((place.asn, place.country), (Some(64512), None));
    assert_eq!(of(&places, "203.0.113.1"), Place::default());
}

#[test]
fn texts_of_a_database_are_made_harmless() {
    let place = of(&with(ASN, CITY).unwrap(), "198.51.100.1");
    let organisation = place.organisation.unwrap();
    assert!(organisation.starts_with("Evil\u{fffd}\u{fffd}Corp xxx"));
    assert_eq!(organisation.len(), 128);
    assert_eq!(place.city.as_deref(), Some("\u{fffd}Nowhere"));
    assert_eq!((place.country, place.asn), (None, Some(u32::MAX)));
}

#[test]
fn the_wrong_database_tells_nothing() {
    let place = of(&with(CITY, ASN).unwrap(), "192.0.2.7");
    assert_eq!(place, Place::default());
}

#[test]
fn what_cannot_be_read_is_said_with_what_to_do() {
    let open = |path: &Path| {
        let asn = path.to_owned();
        let config = Config {
            asn,
            ..Config::default()
        };
        Places::open(&config).map(|_| ()).unwrap_err().to_string()
    };
    let missing = open(Path::new("/nonexistent/asn.mmdb"));
    assert!(missing.starts_with("the database /nonexistent/asn.mmdb cannot be read: No such file"));
    assert!(missing.ends_with("; name one that can be, or none"));
    let folder = tempfile::tempdir().unwrap();
    assert!(open(folder.path()).ends_with(" is no file, and a database must be one"));
    assert!(open(file(b"no database").path()).contains(" is no whole .mmdb database: "));
    assert!(open(file(&ASN[..ASN.len() / 2]).path()).contains("fetch it again"));
    let large = file(b"");
    large.as_file().set_len((256 << 20) + 1).unwrap();
    assert!(open(large.path()).contains("more than 256 MiB"));
}

#[test]
fn databases_are_read_again_and_kept_if_that_fails() {
    let asn = file(ASN);
    let config = Config {
        asn: asn.path().into(),
        city: PathBuf::new(),
    };
    let places = Places::open(&config).unwrap();
    asn.as_file().set_len(10).unwrap();
    assert!(places.reopen(&config).is_err());
    assert_eq!(of(&places, "192.0.2.7").asn, Some(64496));
    places.reopen(&Config::default()).unwrap();
    assert_eq!(of(&places, "192.0.2.7").asn, None);
}

fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(IpAddr::from),
        any::<[u8; 16]>().prop_map(IpAddr::from),
        any::<u8>().prop_map(|last| IpAddr::from([192, 0, 2, last])),
    ]
}

proptest! {
    #[test]
    fn no_address_can_hurt(address in address()) {
        let country = Places::default().of(address).country;
        prop_assert!(country.is_none_or(|it| it.code().len() == 2));
    }

    #[test]
    fn no_database_can_hurt(
        city in any::<bool>(),
        cut in prop::option::of(0..2_000_usize),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        addresses in prop::collection::vec(address(), 8),
    ) {
        let mut bytes = if city { CITY } else { ASN }.to_vec();
        for (at, byte) in &changes {
            *at.get_mut(&mut bytes) = *byte;
        }
        bytes.truncate(cut.map_or(bytes.len(), |cut| bytes.len() - cut % bytes.len()));
        if let Ok(places) = with(&bytes, &bytes) {
            for address in addresses {
                let place = places.of(address);
                for text in [place.organisation, place.city].into_iter().flatten() {
                    prop_assert!(text.len() <= 128 && !text.chars().any(char::is_control));
                }
            }
        }
    }
}
