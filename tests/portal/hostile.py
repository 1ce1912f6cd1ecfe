#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server among initiators that mean no good, for a bounded time.

  hostile.py library|daemon PROGRAM INNOCENT

The server stays up, what it holds returns to its level, and an innocent session that reads and
compares all the while sees no error, and no read that takes longer than STALL_MS.
"""
import os
import random
import select
import socket
import struct
import subprocess
import sys
import threading
import time

import servers

SECONDS = 3          # of the mixed attacks, in each of three rounds
ATTACKERS = 3
CROWD = 1000
STALL_MS = 20000     # the machine of a test may be busy; what was seen is printed
GROWTH = 48 << 20    # of the resident set in the last round: what allocators keep; a sanitizer finds leaks
SETTLE_SECONDS = 60
RESERVED = 0xFFFFFFFF

LOGIN, COMMAND, MANAGEMENT, TEXT, DATA_OUT, LOGOUT, NOP_OUT = 3, 1, 2, 4, 5, 6, 0
LOGIN_RESPONSE, R2T = 0x23, 0x31
FINAL, READ, WRITE, IMMEDIATE = 0x80, 0x40, 0x20, 0x40


def crc32c_table():
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        yield byte


TABLE = list(crc32c_table())


def crc32c(data):
    crc = RESERVED
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return struct.pack("<I", crc ^ RESERVED)


class Initiator:
    """One connection. Nothing that is sent needs to make sense."""

    serial = 0

    def __init__(self, address, timeout=5.0):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.cmd_sn = 1
        self.tag = 0
        self.digests = False
        Initiator.serial += 1
        self.isid = struct.pack(">BBHH", 0x80, Initiator.serial >> 16 & 0xFF, Initiator.serial & 0xFFFF, 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def reset(self):
        """Closes without a word."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def pdu(self, opcode, flags, specific=b"", data=b"", lun=0, tag=None, length=None, ahs=0, spoil=""):
        """`specific`: from byte 20 on. `spoil`: h, d: a digest is wrong."""
        if tag is None:
            self.tag += 1
            tag = self.tag
        length = len(data) if length is None else length
        header = struct.pack(">BBHB", opcode, flags, 0, ahs) + length.to_bytes(3, "big")
        header += struct.pack(">HHI", lun, 0, 0) + struct.pack(">I", tag) + specific.ljust(28, b"\0")
        padded = data + b"\0" * (-len(data) % 4)
        if not self.digests:
            return header + padded
        header += crc32c(header) if "h" not in spoil else b"bad!"
        if data:
            padded += crc32c(padded) if "d" not in spoil else b"bad!"
        return header + padded

    def send(self, *arguments, **named):
        self.socket.sendall(self.pdu(*arguments, **named))

    def receive_exactly(self, length):
        data = b""
        while len(data) < length:
            part = self.socket.recv(length - len(data))
            if not part:
                raise ConnectionError("closed")
            data += part
        return data

    def receive(self):
        header = self.receive_exactly(48 + 4 * self.digests)
        length = int.from_bytes(header[5:8], "big")
        padded = length + -length % 4 + (4 if self.digests and length else 0)
        return header, self.receive_exactly(padded)[:length]

    def receive_until(self, opcode):
        while True:
            header, data = self.receive()
            if header[0] & 0x3F == opcode:
                return header, data

    def login(self, *keys, digests=False):
        pairs = [f"InitiatorName={servers.INITIATOR}-bad", f"TargetName={servers.TARGET}", *keys]
        if digests:
            pairs += ["HeaderDigest=CRC32C", "DataDigest=CRC32C"]
        text = "".join(pair + "\0" for pair in pairs).encode()
        header = struct.pack(">BBHB", LOGIN | IMMEDIATE, 0x87, 0, 0) + len(text).to_bytes(3, "big")
        header += self.isid[:6] + b"\0\0" + struct.pack(">IIII", 1, 0, self.cmd_sn, 0) + bytes(16)
        self.socket.sendall(header + text + b"\0" * (-len(text) % 4))
        answer, _ = self.receive()
        if answer[0] != LOGIN_RESPONSE or answer[36] != 0:
            raise ConnectionError("not let in")
        self.digests = digests
        return self

    def command(self, cdb, flags=FINAL | READ, expected=0, data=b"", cmd_sn=None, **named):
        if cmd_sn is None:
            cmd_sn = self.cmd_sn
            self.cmd_sn += 1
        specific = struct.pack(">III", expected, cmd_sn & RESERVED, 0) + cdb.ljust(16, b"\0")
        self.send(COMMAND, flags | 1, specific, data, **named)

    def read(self, lba, blocks, **named):
        self.command(struct.pack(">BBIBHB", 0x28, 0, lba, 0, blocks, 0), expected=blocks * 2048, **named)

    def data_out(self, tag, ttt, number, offset, data, flags=FINAL):
        specific = struct.pack(">IIIIII", ttt, 0, 0, 0, number, offset)
        self.send(DATA_OUT, flags, specific, data, tag=tag)


VERIFY = struct.pack(">BBIBHB", 0x2F, 2, 0, 0, 64, 0)
VERIFY_BYTES = 64 * 2048


# ---- attacks: one connection each; the server may close it whenever it wants ------------------------

def noise(address, chance):
    with Initiator(address) as initiator:
        for _ in range(20):
            initiator.socket.sendall(chance.randbytes(chance.randrange(1, 4000)))


def noise_after_login(address, chance):
    with Initiator(address).login() as initiator:
        for _ in range(20):
            initiator.socket.sendall(chance.randbytes(chance.randrange(1, 4000)))


def broken_lengths(address, chance):
    with Initiator(address) as initiator:
        if chance.random() < 0.5:
            initiator.login()
        length = chance.choice([0xFFFFFF, 8193, 262145, 1 << 20])
        initiator.send(chance.choice([LOGIN, TEXT, COMMAND, NOP_OUT]), FINAL, length=length,
                       ahs=chance.choice([0, 255]))
        initiator.socket.sendall(bytes(20000))
        initiator.receive()


def cut_off(address, chance):
    """In the middle of a PDU."""
    initiator = Initiator(address).login()
    whole = initiator.pdu(COMMAND, FINAL | WRITE | 1, struct.pack(">III", VERIFY_BYTES, 1, 0) + VERIFY,
                          bytes(8192))
    initiator.socket.sendall(whole[:chance.randrange(1, len(whole))])
    if chance.random() < 0.5:
        initiator.reset()
    else:
        initiator.socket.close()


def broken_digests(address, chance):
    with Initiator(address).login(digests=True) as initiator:
        initiator.read(0, 4)
        initiator.receive()
        initiator.command(VERIFY, FINAL | WRITE, VERIFY_BYTES, bytes(chance.randrange(1, 9000)),
                          spoil=chance.choice("hd"))
        while True:
            initiator.receive()


def strange_numbers(address, chance):
    with Initiator(address).login() as initiator:
        for _ in range(30):
            initiator.read(0, 1, cmd_sn=initiator.cmd_sn + chance.choice([-1, -1000, 128, 129, 1 << 31]))
        initiator.read(0, 1)
        initiator.receive()
        initiator.read(0, 1, cmd_sn=initiator.cmd_sn + 5)
        initiator.receive()


def wrong_data_out(address, chance):
    with Initiator(address).login("ImmediateData=No", "InitialR2T=Yes") as initiator:
        initiator.command(VERIFY, FINAL | WRITE, VERIFY_BYTES)
        answer, _ = initiator.receive_until(R2T)
        tag, = struct.unpack(">I", answer[16:20])
        ttt, = struct.unpack(">I", answer[20:24])
        burst, = struct.unpack(">I", answer[44:48])
        wrong = {
            "beyond the burst": lambda: initiator.data_out(tag, ttt, 0, burst - 100, bytes(4000)),
            "longer than the burst": lambda: initiator.data_out(tag, ttt, 0, 0, bytes(burst + 512)),
            "another place": lambda: initiator.data_out(tag, ttt, 0, 512, bytes(512), 0),
            "another number": lambda: initiator.data_out(tag, ttt, 3, 0, bytes(512), 0),
            "another task": lambda: initiator.data_out(tag + 77, ttt, 0, 0, bytes(burst)),
            "another transfer": lambda: initiator.data_out(tag, ttt ^ 0x55, 0, 0, bytes(burst)),
            "not asked for": lambda: initiator.data_out(tag, RESERVED, 0, 0, bytes(512)),
            "the end too early": lambda: initiator.data_out(tag, ttt, 0, 0, bytes(512)),
            "nothing": lambda: None,
        }
        wrong[chance.choice(list(wrong))]()
        initiator.read(0, 1)
        while True:
            initiator.receive()


def flood(address, chance):
    """Commands whose answers nobody reads."""
    with Initiator(address).login() as initiator:
        initiator.socket.settimeout(0.3)
        for _ in range(400):
            initiator.read(chance.randrange(4000), 256)


def pings(address, _):
    with Initiator(address).login() as initiator:
        initiator.socket.settimeout(0.3)
        for _ in range(2000):
            initiator.send(NOP_OUT | IMMEDIATE, FINAL, struct.pack(">I", RESERVED), bytes(1000))


def management(address, chance):
    with Initiator(address).login() as initiator:
        for _ in range(60):
            initiator.read(chance.randrange(4000), 64)
            # No reset: it would be told to the innocent session, as it must.
            initiator.send(MANAGEMENT | IMMEDIATE, FINAL | chance.choice([0, 1, 2, 3, 4, 8, 9, 127]),
                           struct.pack(">I", chance.choice([RESERVED, initiator.tag, 1])),
                           lun=chance.choice([0, 1, 0xC001]))


def garbled(address, chance):
    """PDUs that are right but for some of their bytes; no resets among them, and no eject."""
    with Initiator(address).login() as initiator:
        for _ in range(40):
            whole = bytearray(initiator.pdu(
                chance.choice([COMMAND, TEXT, NOP_OUT, LOGOUT, DATA_OUT, 0x10, 0x1C, 0x3F]),
                FINAL | chance.choice([READ, WRITE, 0]),
                struct.pack(">III", 512, initiator.cmd_sn, 0) + struct.pack(">BBIBHB", 0x28, 0, 0, 0, 1, 0)))
            for _ in range(chance.randrange(4)):
                whole[chance.randrange(1, 32)] = chance.randrange(256)
            initiator.cmd_sn += 1
            initiator.socket.sendall(whole)
        initiator.receive()


def texts(address, chance):
    with Initiator(address).login() as initiator:
        for _ in range(30):
            text = chance.choice([b"SendTargets=All\0", b"=\0", b"x" * 8000, b"A=" + b"1" * 9000 + b"\0",
                                  b"X-y=1\0" * 900, b"MaxRecvDataSegmentLength=0\0"])
            specific = struct.pack(">III", chance.choice([RESERVED, 1, 7]), initiator.cmd_sn, 0)
            initiator.cmd_sn += 1
            initiator.send(TEXT, chance.choice([FINAL, 0, 0x40]), specific, text)
            initiator.receive()


def too_large(address, chance):
    """Memory that is asked for and never used."""
    with Initiator(address).login("ImmediateData=No") as initiator:
        for _ in range(30):
            initiator.command(VERIFY, FINAL | WRITE, chance.choice([RESERVED, 16 << 20, 1 << 20]))
        time.sleep(0.05)


def bad_logins(address, chance):
    keys = chance.choice([["AuthMethod=CHAP"], ["MaxBurstLength=1"] * 2, ["X-y=1"] * 40,
                          ["HeaderDigest=" + "x," * 3000], ["SessionType=Odd"]])
    with Initiator(address) as initiator:
        initiator.login(*keys)


ATTACKS = [noise, noise_after_login, broken_lengths, cut_off, broken_digests, strange_numbers, wrong_data_out,
           flood, pings, management, garbled, texts, too_large, bad_logins]


def attack_for(address, seconds, seed, counts):
    """Every kind once, however slow the machine is, and then until the time is over."""
    chance = random.Random(seed)
    end = time.monotonic() + seconds
    rounds = 0
    while rounds == 0 or time.monotonic() < end:
        for attack in chance.sample(ATTACKS, len(ATTACKS)):
            try:
                attack(address, chance)
            except OSError:
                pass  # it was thrown out, or not let in: that is what it is for
            counts[attack.__name__] = counts.get(attack.__name__, 0) + 1
            if rounds > 0 and time.monotonic() > end:
                break
        rounds += 1


# ---- many at a time ----------------------------------------------------------------------------------

def crowd(address):
    """A thousand connects that say nothing; half of them vanish without a word."""
    initiators = []
    for i in range(CROWD):
        try:
            initiators.append(Initiator(address))
        except OSError:
            continue
        if i % 2:
            initiators[-1].reset()
    return initiators


def slow_logins(address):
    """A byte now and then."""
    slow = [Initiator(address, servers.PATIENCE) for _ in range(8)]
    for _ in range(5):
        for initiator in slow:
            try:
                initiator.socket.sendall(b"\x43")
            except OSError:
                pass
        time.sleep(0.05)
    return slow


def expect_thrown_out(initiators, seconds):
    end = time.monotonic() + seconds
    for initiator in initiators:
        if initiator.socket.fileno() < 0:
            continue
        readable, _, _ = select.select([initiator.socket], [], [], max(0.0, end - time.monotonic()))
        assert readable, f"a login that takes for ever was not ended in {seconds} s"
        try:
            assert initiator.socket.recv(1) == b""
        except ConnectionError:
            pass
        initiator.socket.close()


# ---- all of it -----------------------------------------------------------------------------------------

class Innocent:
    def __init__(self, program, server):
        self.process = subprocess.Popen(
            [program, server.address, servers.TARGET, servers.INITIATOR + "-good", server.disc],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "reads\n", "the innocent session does not begin"

    def finish(self):
        said, _ = self.process.communicate(timeout=servers.PATIENCE)
        assert self.process.returncode == 0, "the innocent session saw an error"
        return [int(word) for word in said.split()]


def settled(server, level):
    """Everybody but the innocent session has gone, and what they held with them."""
    if isinstance(server, servers.Library):
        state = server.state()
        # Its own reads come and go.
        if state["sessions"] != 1 or state["nexuses"] != 1 or state["memory"] > 64 * 2048:
            return False
    return server.descriptors() <= level


def wait_settled(server, level):
    end = time.monotonic() + SETTLE_SECONDS
    while not settled(server, level):
        assert time.monotonic() < end, f"{server.descriptors()} descriptors, {level} before; " + str(
            server.state() if isinstance(server, servers.Library) else "")
        time.sleep(0.1)


def one_round(server, level, seed, counts, with_crowd):
    threads = [threading.Thread(target=attack_for, args=(server.address, SECONDS, seed + i, counts))
               for i in range(ATTACKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if with_crowd:
        waiting = slow_logins(server.address) + crowd(server.address)
        expect_thrown_out(waiting, server.login_seconds + 60)
    wait_settled(server, level)


def main():
    kind, program, innocent_program = sys.argv[1:]
    counts, seed = {}, int(os.environ.get("HOSTILE_SEED", "1"))
    with servers.KINDS[kind](program) as server:
        innocent = Innocent(innocent_program, server)
        level = server.descriptors()
        # Buffers are kept for the next command: two rounds are what it takes to have them all.
        one_round(server, level, seed, counts, True)
        one_round(server, level, seed + 100, counts, False)
        resident = server.resident()
        # The daemon takes its time to throw out a login.
        one_round(server, level, seed + 200, counts, kind == "library")
        with Initiator(server.address, servers.PATIENCE).login() as initiator:
            initiator.read(0, 1)
            initiator.receive()
        wait_settled(server, level)
        growth = server.resident() - resident
        assert server.is_up(), "the server has ended"
        reads, slowest = innocent.finish()
    print(f"{sum(counts.values())} attacks, {len(counts)} kinds of {len(ATTACKS)}; resident {growth / 1048576:+.1f} MiB; "
          f"innocent: {reads} reads, slowest {slowest} ms")
    assert len(counts) == len(ATTACKS), "an attacker has failed: " + str(counts)
    assert growth <= GROWTH, "the resident set grew"
    assert reads > 50 and slowest <= STALL_MS, "the innocent session was held up"
    return 0


sys.exit(main())
