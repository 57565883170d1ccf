"""QUIC version 1's Initial packets (RFC 9000, 17.2.2), protected as RFC 9001, 5 has it. The keys follow
from the first packet's connection ID, so this hides nothing; it is here because the demonstration's
packets shall be real ones, and Python's own library knows no AES.
"""
import hashlib
import hmac
import struct

SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")  # RFC 9001, 5.2
TAG = 16


# -- AES-128-GCM (FIPS 197, SP 800-38D) --------------------------------------------------------

def doubled(byte):
    return (byte << 1) ^ (0x11B if byte & 0x80 else 0)


def boxes():
    """The S-box: inverses, found by walking both ways from 1 by 3 and its inverse, then an affine map."""
    box, power, inverse = [0x63] * 256, 1, 1
    while True:
        power ^= doubled(power)
        for shift in (1, 2, 4):
            inverse = (inverse ^ inverse << shift) & 0xFF
        inverse ^= 0x09 if inverse & 0x80 else 0
        turned = inverse * 0x101
        box[power] = (inverse ^ turned >> 7 ^ turned >> 6 ^ turned >> 5 ^ turned >> 4) & 0xFF ^ 0x63
        if power == 1:
            return box


BOX = boxes()


def round_keys(key):
    words, constant = [list(key[i:i + 4]) for i in range(0, 16, 4)], 1
    while len(words) < 44:
        word = words[-1]
        if len(words) % 4 == 0:
            word = [BOX[b] for b in word[1:] + word[:1]]
            word[0] ^= constant
            constant = doubled(constant)
        words.append([a ^ b for a, b in zip(words[-4], word)])
    return [sum(words[i:i + 4], []) for i in range(0, 44, 4)]


def aes(keys, block):
    state = [a ^ b for a, b in zip(block, keys[0])]
    for number, key in enumerate(keys[1:], 1):
        state = [BOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if number < 10:
            mixed = []
            for i in range(0, 16, 4):
                column = state[i:i + 4]
                every = column[0] ^ column[1] ^ column[2] ^ column[3]
                mixed += [column[j] ^ every ^ doubled(column[j] ^ column[(j + 1) % 4]) for j in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, key)]
    return bytes(state)


def ghash(key, data):
    key, total = int.from_bytes(key, "big"), 0
    for start in range(0, len(data), 16):
        total ^= int.from_bytes(data[start:start + 16], "big")
        product, factor = 0, key
        for bit in range(127, -1, -1):
            if total >> bit & 1:
                product ^= factor
            factor = factor >> 1 ^ (0xE1 << 120 if factor & 1 else 0)
        total = product
    return total.to_bytes(16, "big")


def sealed(key, nonce, plain, header):
    keys = round_keys(key)
    stream = b"".join(aes(keys, nonce + struct.pack("!I", 2 + i)) for i in range(len(plain) // 16 + 1))
    cipher = bytes(a ^ b for a, b in zip(plain, stream))
    padded = b"".join(part + bytes(-len(part) % 16) for part in (header, cipher))
    sums = ghash(aes(keys, bytes(16)), padded + struct.pack("!QQ", 8 * len(header), 8 * len(cipher)))
    return cipher + bytes(a ^ b for a, b in zip(sums, aes(keys, nonce + b"\0\0\0\1")))


# -- the packet -------------------------------------------------------------------------------

def expand(secret, label, length):
    """HKDF-Expand-Label (RFC 8446, 7.1) of at most one hash."""
    label = b"tls13 " + label
    info = struct.pack("!HB", length, len(label)) + label + b"\0\1"
    return hmac.digest(secret, info, "sha256")[:length]


def initial(first, target, source, crypto, from_client, size=1200):
    """The Initial number 0 of either side, `size` bytes long: `crypto` and padding. `first` is the
    connection ID that the client sent its first packet to."""
    common = hmac.digest(SALT, first, hashlib.sha256)
    secret = expand(common, b"client in" if from_client else b"server in", 32)
    key, nonce, mask_key = expand(secret, b"quic key", 16), expand(secret, b"quic iv", 12), expand(secret, b"quic hp", 16)
    ends = bytes((len(target),)) + target + bytes((len(source),)) + source
    start = b"\xc3\0\0\0\1" + ends + b"\0"  # a packet number of four bytes, no token
    rest = size - len(start) - 2
    header = start + struct.pack("!H", 0x4000 | rest) + bytes(4)
    acknowledged = b"" if from_client else b"\x02\0\0\0\0"
    frames = acknowledged + b"\x06\0" + struct.pack("!H", 0x4000 | len(crypto)) + crypto
    body = sealed(key, nonce, frames.ljust(rest - 4 - TAG, b"\0"), header)
    mask = aes(round_keys(mask_key), body[:16])
    number = bytes(a ^ b for a, b in zip(header[-4:], mask[1:5]))
    return bytes((header[0] ^ mask[0] & 0x0F,)) + header[1:-4] + number + body
