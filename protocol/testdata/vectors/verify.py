#!/usr/bin/env python3
"""Replays the test vectors with nothing but Python's standard library and the openssl program.

A bank may take `submission`, `receipt` and `acquisition` as they are, or as a pattern for another
language.
Usage: python3 verify.py [FOLDER]; exit status 1 when a verdict differs from vectors.json.
"""

import datetime
import hmac
import json
import pathlib
import subprocess
import sys
import tempfile

CONTENT_TYPE, DIGEST, SIGNING_TIME = "contentType", "messageDigest", "signingTime"
KOSHIN = "1.3.6.1.4.1.32473.1."
NONCE, ORIGIN, PURPOSE, CERTIFICATE, AUDIT_HEAD, ACQUISITION = (KOSHIN + str(n) for n in range(1, 7))
NAMES = "X509v3 Subject Alternative Name"


class Refused(Exception):
    """Carries the word that vectors.json has for the reason."""


def openssl(arguments, data=b""):
    """openssl's output, or None if it fails."""
    ran = subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=False)
    return ran.stdout if ran.returncode == 0 else None


def is_signed(request):
    """Whether a request's signature is its own key's."""
    verify = ["openssl", "req", "-inform", "DER", "-verify", "-noout"]
    ran = subprocess.run(verify, input=request, capture_output=True, check=False)
    # OpenSSL 3.0 exits with 0 whatever it finds.
    return ran.returncode == 0 and b"verify OK" in ran.stderr


def submission(cms, expected):
    """The request (DER) that the old certificate's key answers for."""
    request = signed_content(cms, expected)
    if not is_signed(request):
        raise Refused("request")
    old = expected["signer"]
    if member(request, 1) != member(old, 5):  # RFC 2986 and RFC 5280: the subject
        raise Refused("other-subject")
    if after(request, NAMES) != after(old, NAMES):
        raise Refused("other-names")
    if member(request, 2) == member(old, 6):  # the public key
        raise Refused("key")
    return request


def receipt(cms, expected):
    """That the new certificate is installed."""
    if signed_content(cms, expected) != expected["signer"]:
        raise Refused("other-receipt")


def acquisition(request, expected):
    """That the one-time code authorises the request (DER)."""
    if not is_signed(request):
        raise Refused("request")
    values = attribute(request, ACQUISITION)
    if len(values) > 1 or any(len(value) != 32 for value in values):
        raise Refused("request")
    if whole(request, 1) != expected["subject"]:
        raise Refused("other-subject")
    if extension(request, NAMES) != expected["subject_alt_name"]:
        raise Refused("other-names")
    if not values:
        raise Refused("no-code")
    key = expected["code"].replace("-", "").encode()
    parts = [b"koshin-acquisition-1", whole(request, 2), whole(request, 1)]
    parts += [expected["origin"].encode(), expected["nonce"]]
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    if not hmac.compare_digest(hmac.digest(key, message, "sha256"), values[0]):
        raise Refused("wrong-code")


def signed_content(cms, expected):
    """What was signed, once signature, signer and attributes are as expected."""
    with tempfile.TemporaryDirectory() as folder:
        anchors, signer = f"{folder}/ca.pem", f"{folder}/signer.pem"
        ca = openssl(["x509", "-inform", "DER"], expected["ca"])
        pathlib.Path(anchors).write_bytes(ca)
        # The customer's certificate may have expired within the grace; that is not asked here.
        content = openssl(
            ["cms", "-verify", "-inform", "DER", "-binary", "-CAfile", anchors, "-purpose", "any"]
            + ["-no_check_time", "-signer", signer],
            cms,
        )
        if content is None:
            raise Refused("signature")
        if openssl(["x509", "-outform", "DER"], pathlib.Path(signer).read_bytes()) != expected["signer"]:
            raise Refused("other-signer")
    said = attributes(cms)
    for name, value, reason in [
        (PURPOSE, expected["purpose"].encode(), "other-purpose"),
        (NONCE, expected["nonce"], "other-nonce"),
        (ORIGIN, expected["origin"].encode(), "other-origin"),
        (CERTIFICATE, expected["renewed"], "other-certificate"),
    ]:
        if said[name] != value:
            raise Refused(reason)
    form = "%y%m%d%H%M%SZ" if len(said[SIGNING_TIME]) == 13 else "%Y%m%d%H%M%SZ"
    time = datetime.datetime.strptime(said[SIGNING_TIME].decode(), form)
    age = expected["now"] - time.replace(tzinfo=datetime.timezone.utc).timestamp()
    if abs(age) > expected["max_age"]:
        raise Refused("too-old" if age > 0 else "from-the-future")
    return content


def attributes(cms):
    """The signed attributes of the one signer, by name or object identifier."""
    lines = elements(cms)
    # ContentInfo 0, [0] 1, SignedData 2, signerInfos 3, SignerInfo 4, signedAttrs [0] 5.
    starts = [at for at, line in enumerate(lines) if line[0] == 5 and line[3].startswith("cont [ 0 ]")]
    if len(starts) != 1:
        raise Refused("signature")
    inside = lines[starts[0] + 1 :]
    inside = inside[: next(at for at, line in enumerate(inside) if line[0] <= 5)]
    found = {}
    # Each is a SEQUENCE (6) of a type (7) and a SET (7) of one value (8).
    for at, line in enumerate(inside):
        if line[0] != 7 or not line[3].startswith("OBJECT"):
            continue
        name = line[3].split(":", 1)[1]
        values = [value for value in inside[at + 2 :] if value[0] == 8]
        single = len(inside) == at + 3 or inside[at + 3][0] == 6
        if name in found or not values or not single:
            raise Refused("signature")
        found[name] = cms[values[0][1] : values[0][2]]
    if not {CONTENT_TYPE, DIGEST, SIGNING_TIME, NONCE, ORIGIN, PURPOSE, CERTIFICATE, AUDIT_HEAD} <= set(found):
        raise Refused("signature")
    return found


def elements(der):
    """Depth, begin and end of the content, description, and begin of each element."""
    listing = openssl(["asn1parse", "-inform", "DER"], der)
    if listing is None:
        raise Refused("signature")
    found = []
    for line in listing.decode("utf-8", "replace").splitlines():
        at, _, rest = line.partition(":")
        fields = dict(part.split("=") for part in rest[: rest.index(" l=")].split() if "=" in part)
        length, kind = rest[rest.index(" l=") + 3 :].lstrip().split(" ", 1)
        start = int(at) + int(fields["hl"])
        found.append((int(fields["d"]), start, start + int(length), kind.split(":", 1)[1].strip(), int(at)))
    return found


def member(der, number):
    """A member of the signed part, without its identifier and length."""
    members = [line for line in elements(der) if line[0] == 2]
    return der[members[number][1] : members[number][2]]


def whole(der, number):
    """A member of the signed part, with its identifier and length."""
    found = [line for line in elements(der) if line[0] == 2][number]
    return der[found[4] : found[2]]


def attribute(request, oid):
    """The contents of a request's attributes of that type, one value each."""
    lines = elements(request)
    # CertificationRequest 0, its info 1, attributes [0] 2, Attribute 3, type and SET 4, value 5.
    places = [at for at, line in enumerate(lines) if line[0] == 4 and line[3].endswith(":" + oid)]
    values = [lines[at + 2] for at in places if lines[at + 1][0] == 4 and lines[at + 2][0] == 5]
    return [request[value[1] : value[2]] for value in values if value[3].startswith("OCTET STRING")]


def extension(der, name):
    """A whole extension."""
    lines = elements(der)
    for at, line in enumerate(lines):
        if line[3].endswith(":" + name):
            return der[lines[at - 1][4] : lines[at - 1][2]]
    return None


def after(der, name):
    """The value of an extension."""
    lines = elements(der)
    for at, line in enumerate(lines):
        if line[3].endswith(":" + name):
            value = next(line for line in lines[at:] if line[3].startswith("OCTET STRING"))
            return der[value[1] : value[2]]
    return None


CHECKS = {"renew": submission, "receipt": receipt, "acquire": acquisition}


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    vectors = json.loads((folder / "vectors.json").read_text())
    wrong = 0
    for case in vectors["cases"]:
        if not case["openssl"]:
            continue
        expected = {
            "purpose": case["purpose"],
            "nonce": bytes.fromhex(case["nonce"]),
            "origin": vectors["origin"],
        }
        if case["purpose"] == "acquire":
            expected["code"] = case["code"]
            expected["subject"] = bytes.fromhex(case["subject"])
            expected["subject_alt_name"] = bytes.fromhex(case["subject_alt_name"])
        else:
            expected["ca"] = (folder / "ca.der").read_bytes()
            expected["signer"] = (folder / case["signer"]).read_bytes()
            expected["renewed"] = bytes.fromhex(case["renewed"])
            expected["now"] = case["now"]
            expected["max_age"] = vectors["max_age"]
        check = CHECKS[case["purpose"]]
        try:
            check((folder / case["file"]).read_bytes(), expected)
            verdict = "accepted"
        except Refused as refused:
            verdict = str(refused)
        if verdict != case["verdict"]:
            wrong += 1
            print(f"{case['name']}: {verdict}, not {case['verdict']}")
    print(f"{len(vectors['cases'])} vectors, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
