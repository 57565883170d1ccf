"""Frames of a classic capture file in another order, more than once, or not at all: for what no network here
can be made to do. Times stay in ascending order; the frames move."""
import struct


def read(path):
    data = path.read_bytes()
    header, at, records = data[:24], 24, []
    while at < len(data):
        seconds, fraction, kept, length = struct.unpack_from("<IIII", data, at)
        records.append(((seconds, fraction), length, data[at + 16:at + 16 + kept]))
        at += 16 + kept
    return header, records


def write(path, header, records):
    path.write_bytes(header + b"".join(
        struct.pack("<IIII", *stamp, len(frame), length) + frame for stamp, length, frame in records))


def reorder(path, chosen, order):
    """The first frames that `chosen(bytes)` chooses, in that order."""
    header, records = read(path)
    places = [at for at, (_, _, frame) in enumerate(records) if chosen(frame)][:len(order)]
    moved = [records[places[index]] for index in order]
    for at, (_, length, frame) in zip(places, moved):
        records[at] = (records[at][0], length, frame)
    write(path, header, records)


def double(path, chosen, count):
    """Each of the first `count` chosen frames twice; the second time a microsecond later."""
    header, records = read(path)
    out, left = [], count
    for (seconds, fraction), length, frame in records:
        out.append(((seconds, fraction), length, frame))
        if left and chosen(frame):
            out.append(((seconds, min(fraction + 1, 999_999)), length, frame))
            left -= 1
    write(path, header, out)


def remove(path, chosen):
    """Takes out the first chosen frame."""
    header, records = read(path)
    at = next(at for at, (_, _, frame) in enumerate(records) if chosen(frame))
    write(path, header, records[:at] + records[at + 1:])
