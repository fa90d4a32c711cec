#!/usr/bin/env python3
"""A small IPAd in another language: one poll, then it ends.

    ipad.py --reader NAME --at HOST:PORT [--trust CA.pem] [--sgp32-version 1.2|1.0.1] [--flaw NAME]

It reads the eIM's configuration from the eUICC (PC/SC, T=0), asks that eIM for packages (ESipa in the ASN.1 binding over
HTTPS), hands each eUICC Package to the eUICC and its result to the eIM, and takes acknowledged entries from the list.
It shares no code with the tool that tests it: the standard library and libpcsclite is all that it uses.
"""
import argparse
import ctypes
import http.client
import socket
import ssl
import sys

ISD_R = bytes.fromhex("A0000005591010FFFFFFFF8900000100")
DEADLINE = 10
FLAWS = ("no-tls-check", "result-altered", "no-removal", "no-reset", "wrong-user-agent")


# --- BER-TLV ---------------------------------------------------------------------------------------------------------


def tlv(tag, value):
    length = len(value)
    if length < 0x80:
        head = bytes([length])
    else:
        size = (length.bit_length() + 7) // 8
        head = bytes([0x80 | size]) + length.to_bytes(size, "big")
    return bytes.fromhex(tag) + head + value


def elements(data):
    """List of (tag in hex, value, whole element)."""
    found, at = [], 0
    while at < len(data):
        start = at
        at += 1
        if data[start] & 0x1F == 0x1F:
            while data[at] & 0x80:
                at += 1
            at += 1
        tag = data[start:at].hex().upper()
        length = data[at]
        at += 1
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[at : at + size], "big")
            at += size
        if at + length > len(data):
            raise ValueError(f"{tag} goes beyond its end")
        found.append((tag, data[at : at + length], data[start : at + length]))
        at += length
    return found


def inner(data, *tags):
    """The value at the end of that path of tags, or None."""
    for tag in tags:
        data = next((value for name, value, _ in elements(data) if name == tag), None)
        if data is None:
            return None
    return data


# --- the eUICC over PC/SC --------------------------------------------------------------------------------------------


class IoRequest(ctypes.Structure):
    _fields_ = [("protocol", ctypes.c_ulong), ("length", ctypes.c_ulong)]


class Card:
    """A logical channel to the ISD-R."""

    def __init__(self, reader):
        self.lib = ctypes.CDLL("libpcsclite.so.1")
        self.context = ctypes.c_long()
        self.handle = ctypes.c_long()
        protocol = ctypes.c_ulong()
        self.check("SCardEstablishContext", 2, None, None, ctypes.byref(self.context))
        self.check(
            "SCardConnect", self.context, reader.encode(), ctypes.c_ulong(2), ctypes.c_ulong(1),
            ctypes.byref(self.handle), ctypes.byref(protocol),
        )
        self.io = IoRequest(protocol.value, ctypes.sizeof(IoRequest))
        self.open()

    def open(self):
        # TERMINAL CAPABILITY: an IPA in the device (SGP.32 3.8.1)
        self.transmit(bytes.fromhex("80AA000005A903830107"))
        opened, _ = self.transmit(bytes.fromhex("0070000001"))
        self.channel = opened[0]
        _, status = self.transmit(bytes([self.channel, 0xA4, 4, 0, len(ISD_R)]) + ISD_R)
        if status != 0x9000:
            raise OSError(f"no ISD-R: {status:04X}")

    def check(self, name, *arguments):
        code = getattr(self.lib, name)(*arguments) & 0xFFFFFFFF
        if code != 0:
            raise OSError(f"{name}: {code:08X}")

    def transmit(self, command):
        """Data and status; T=0 needs GET RESPONSE, and a wrong length is asked again."""
        data, status = self.exchange(command)
        while status >> 8 == 0x61:
            more, status = self.exchange(bytes([command[0] & 0x03, 0xC0, 0, 0, status & 0xFF]))
            data += more
        if status >> 8 == 0x6C:
            return self.transmit(command[:4] + bytes([status & 0xFF]))
        return data, status

    def exchange(self, command):
        answer = ctypes.create_string_buffer(65538)
        length = ctypes.c_ulong(len(answer))
        self.check(
            "SCardTransmit", self.handle, ctypes.byref(self.io), command, ctypes.c_ulong(len(command)),
            None, answer, ctypes.byref(length),
        )
        raw = answer.raw[: length.value]
        return raw[:-2], int.from_bytes(raw[-2:], "big")

    def es10(self, request):
        """STORE DATA in blocks (SGP.22 5.7.2)."""
        blocks = [request[at : at + 255] for at in range(0, len(request), 255)]
        for number, block in enumerate(blocks):
            last = number == len(blocks) - 1
            header = bytes([0x80 | self.channel, 0xE2, 0x91 if last else 0x11, number, len(block)])
            data, status = self.transmit(header + block)
            # 91XX: a proactive command waits, which a terminal without a toolkit does not fetch; it resets by itself
            if status != 0x9000 and status >> 8 != 0x91:
                raise OSError(f"STORE DATA: {status:04X}")
        return data

    def reset(self):
        """A warm reset, after which the Profile that was enabled is in use (SGP.32 3.3.1)."""
        protocol = ctypes.c_ulong()
        self.check(
            "SCardReconnect", self.handle, ctypes.c_ulong(2), ctypes.c_ulong(1), ctypes.c_ulong(1),
            ctypes.byref(protocol),
        )
        self.open()

    def close(self):
        self.transmit(bytes([0, 0x70, 0x80, self.channel, 0]))
        self.lib.SCardDisconnect(self.handle, ctypes.c_ulong(0))
        self.lib.SCardReleaseContext(self.context)


# --- the eIM over HTTPS ----------------------------------------------------------------------------------------------


class Eim:
    def __init__(self, configuration, address, trust, flaw):
        self.host, _, port = address.rpartition(":")
        self.port = int(port)
        self.name = (inner(configuration, "81") or inner(configuration, "80")).decode()
        self.agent = "curl/8" if flaw == "wrong-user-agent" else "gsma-rsp-ipad"
        # The tag of the choice stands in place of that of the certificate
        anchor = inner(configuration, "A6", "A1")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        if flaw == "no-tls-check":
            self.context.check_hostname = False
            self.context.verify_mode = ssl.CERT_NONE
        elif anchor is not None:
            # A CA, or the eIM's own certificate
            self.context.load_verify_locations(cadata=tlv("30", anchor))
            self.context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        elif trust is not None:
            self.context.load_verify_locations(trust)
        else:
            raise OSError("nothing says whom to trust")
        self.connection = None

    def connect(self):
        raw = socket.create_connection((self.host, self.port), DEADLINE)
        connection = http.client.HTTPSConnection(self.name, timeout=DEADLINE)
        connection.sock = self.context.wrap_socket(raw, server_hostname=self.name)
        return connection

    def hang_up(self):
        """The network of another Profile carries no connection of the one before."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def send(self, message):
        if self.connection is None:
            self.connection = self.connect()
        self.connection.request("POST", "/gsma/rsp2/asn1", body=message, headers={
            "Content-Type": "application/x-gsma-rsp-asn1",
            "X-Admin-Protocol": "gsma/rsp/v2.1.0",
            "User-Agent": self.agent,
        })
        response = self.connection.getresponse()
        body = response.read()
        if response.status not in (200, 204):
            raise OSError(f"HTTP {response.status}")
        kind = response.getheader("Content-Type", "").partition(";")[0].strip()
        if body and kind != "application/x-gsma-rsp-asn1":
            raise OSError(f"an answer of Content-Type {kind}")
        return body


# --- the IPA ---------------------------------------------------------------------------------------------------------


def poll(card, eim, eid, options):
    with_eid = options.sgp32_version != "1.0.1"
    for _ in range(20):
        answer = inner(eim.send(tlv("BF4F", tlv("5A", eid))), "BF4F")
        if answer is None:
            raise OSError("that is no GetEimPackageResponse")
        (kind, _, package), *_ = elements(answer)
        if kind == "02":
            return
        if kind != "BF51":
            result = tlv("A0", tlv("02", b"\x02"))
        else:
            result = card.es10(package)
            # psmoList with enable or disable
            operations = inner(package, "BF51", "30", "A0") or b""
            if options.flaw != "no-reset" and any(tag in ("A3", "A4") for tag, _, _ in elements(operations)):
                card.reset()
                eim.hang_up()
            if options.flaw == "result-altered":
                result = result[:-1] + bytes([result[-1] ^ 1])
        answer = eim.send(tlv("BF50", (tlv("5A", eid) if with_eid else b"") + result))
        acknowledged = inner(answer, "BF50", "BF53")
        if options.flaw == "no-removal":
            continue
        for tag, value, _ in elements(acknowledged or b""):
            if tag == "80":
                card.es10(tlv("BF30", tlv("80", value)))
        deliver(card, eim)


def deliver(card, eim):
    """Notifications that wait, one by one: each is removed once the eIM has taken it."""
    listed = inner(card.es10(bytes.fromhex("BF2B00")), "BF2B", "A0") or b""
    for _, value, whole in elements(listed):
        number = inner(value, "BF2F", "80")
        if number is None:
            continue
        eim.send(tlv("BF3D", tlv("A0", whole)))
        card.es10(tlv("BF30", tlv("80", number)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", required=True)
    parser.add_argument("--at", required=True, help="host and port of the eIM")
    parser.add_argument("--trust", help="PEM, where the eUICC names no anchor")
    parser.add_argument("--sgp32-version", default="1.2", choices=["1.2", "1.0.1"])
    parser.add_argument("--flaw", choices=FLAWS)
    options = parser.parse_args()
    card = Card(options.reader)
    try:
        eid = inner(card.es10(bytes.fromhex("BF3E035C015A")), "BF3E", "5A")
        configured = inner(card.es10(bytes.fromhex("BF5500")), "BF55", "A0") or b""
        for _, configuration, _ in elements(configured):
            poll(card, Eim(configuration, options.at, options.trust, options.flaw), eid, options)
    finally:
        card.close()


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError, http.client.HTTPException) as error:
        sys.exit(f"{type(error).__name__}: {error}")
