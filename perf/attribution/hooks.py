"""The links of programs in the kernel: which there are, taking them away from whoever made them, as an
administrator can, and putting a program back (bpf(2): BPF_LINK_GET_NEXT_ID, BPF_LINK_GET_FD_BY_ID,
BPF_LINK_DETACH, BPF_OBJ_GET_INFO_BY_FD, BPF_PROG_GET_FD_BY_ID, BPF_LINK_CREATE)."""
import ctypes
import os
import platform
import struct

CALL = {"x86_64": 321, "aarch64": 280}
PROGRAM_BY_ID, INFO, CREATE, FD_BY_ID, NEXT_ID, DETACH = 13, 15, 28, 30, 31, 34
LINK_OF_CGROUP = 3
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


def cgroup_links():
    """Each link to a control group: its number, its program's number, the kernel's number of the place."""
    found = []
    for number in links():
        fd, _ = bpf(FD_BY_ID, number, 0, 0)
        if fd < 0:
            continue
        info = ctypes.create_string_buffer(128)
        asked = struct.pack("IIQ", fd, len(info), ctypes.addressof(info))
        if LIBC.syscall(CALL[platform.machine()], INFO, ctypes.create_string_buffer(asked, 128), 128) == 0:
            kind, _, program, _, _, place = struct.unpack_from("IIIIQI", info)
            if kind == LINK_OF_CGROUP:
                found.append((number, program, place))
        os.close(fd)
    return found


def program(number):
    """An open program, that stays as long as this does."""
    return bpf(PROGRAM_BY_ID, number, 0, 0)[0]


def put(program_fd, group_fd, place):
    """Attaches a program; the link ends when what is returned is closed."""
    fd, _ = bpf(CREATE, program_fd, group_fd, place, 0)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "a program cannot be put back")
    return fd
