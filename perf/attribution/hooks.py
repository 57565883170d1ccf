"""The links of programs in the kernel: which there are, and taking them away from whoever made them,
as an administrator can (bpf(2): BPF_LINK_GET_NEXT_ID, BPF_LINK_GET_FD_BY_ID, BPF_LINK_DETACH)."""
import ctypes
import os
import platform
import struct

CALL = {"x86_64": 321, "aarch64": 280}
FD_BY_ID, NEXT_ID, DETACH = 30, 31, 34
LIBC = ctypes.CDLL(None, use_errno=True)


def bpf(command, *words):
    """The call's result, and its words as the kernel left them."""
    memory = ctypes.create_string_buffer(struct.pack(f"{len(words)}I", *words), 128)
    result = LIBC.syscall(CALL[platform.machine()], command, memory, 128)
    return result, struct.unpack_from(f"{len(words)}I", memory)


def links():
    """The numbers of all links."""
    found, last = [], 0
    while True:
        result, (_, following, _) = bpf(NEXT_ID, last, 0, 0)
        if result < 0:
            return found
        found.append(following)
        last = following


def take_away(numbers):
    """Detaches these links; how many there were."""
    taken = 0
    for number in numbers:
        fd, _ = bpf(FD_BY_ID, number, 0, 0)
        if fd >= 0:
            taken += bpf(DETACH, fd, 0)[0] == 0
            os.close(fd)
    return taken
