//! The same list in both forms, as Python's `plistlib` writes it.

use super::*;

const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- <key>CFBundleIdentifier</key><string>of a comment</string> -->
<plist version="1.0">
<dict>
	<key>CFBundleDocumentTypes</key>
	<array>
		<dict>
			<key>CFBundleName</key>
			<string>inner</string>
			<key>n</key>
			<integer>1</integer>
		</dict>
	</array>
	<key>CFBundleIdentifier</key>
	<string>org.example.app</string>
	<key>CFBundleName</key>
	<string>Bär &amp; Söhne &lt;1&gt;</string>
	<key>Flag</key>
	<true/>
	<key>Long</key>
	<string>xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx</string>
	<key>Nested</key>
	<dict>
		<key>CFBundleIdentifier</key>
		<string>wrong</string>
	</dict>
</dict>
</plist>"#;

const BINARY: &[u8] =
    b"bplist00\xd6\x01\x02\x03\x04\x05\x06\x07\x0c\x0d\x0e\x0f\x10_\x10\x15CFBundleDocumentTyp\
    es_\x10\x12CFBundleIdentifier\x5cCFBundleNameTFlagTLongVNested\xa1\x08\xd2\x03\x09\x0a\
    \x0bQnUinner\x10\x01_\x10\x0forg.example.appo\x10\x0f\x00B\x00\xe4\x00r\x00 \x00&\x00 \
    \x00S\x00\xf6\x00h\x00n\x00e\x00 \x00<\x001\x00>\x09_\x10(xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
    xxxxxxxxxx\xd1\x02\x11Uwrong\x08\x15-BOTY`bgioq\x83\xa4\xa5\xd0\xd3\x00\x00\x00\x00\x00\
    \x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x12\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x00\xd9";

#[test]
fn the_outermost_texts_are_found_in_both_forms() {
    for list in [XML.as_bytes(), BINARY] {
        let text = |key| string(list, key);
        assert_eq!(
            text("CFBundleIdentifier").as_deref(),
            Some("org.example.app")
        );
        assert_eq!(
            text("CFBundleName").as_deref(),
            Some("B\u{e4}r & S\u{f6}hne <1>")
        );
        assert_eq!(text("Long"), Some("x".repeat(40)));
        for key in [
            "Flag",
            "Nested",
            "CFBundleDocumentTypes",
            "n",
            "nowhere",
            "",
        ] {
            assert_eq!(text(key), None, "{key}");
        }
    }
}

#[test]
fn no_prefix_and_no_byte_can_hurt() {
    for list in [XML.as_bytes(), BINARY] {
        for length in 0..list.len() {
            string(&list[..length], "CFBundleName");
        }
        for at in 0..list.len() {
            for value in [0, 0x0f, 0x5f, 0x7f, 0xd0, 0xdf, 0xff, b'<', b'&'] {
                let mut broken = list.to_vec();
                broken[at] = value;
                string(&broken, "CFBundleName");
            }
        }
    }
    let marks = "<dict><key>a</key><string>&#x41;&#66;&bad;& &amp;lt;&#xd800;</string></dict>";
    assert_eq!(
        string(marks.as_bytes(), "a").as_deref(),
        Some("AB&bad;& &lt;&#xd800;")
    );
}
