"""A passkey that is a program: it answers challenges as the key of a phone does, and can be told to cheat."""

from __future__ import annotations

import json
import secrets
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


class SoftKey:
    """One key pair for one account of one site."""

    def __init__(self, host: str = "localhost", origin: str = "http://localhost") -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.site, self.origin = sha256(host.encode()).digest(), origin
        self.owner = ""

    def register(self, options: dict[str, Any], **changed: Any) -> str:
        """What a browser posts for the options of a registration."""
        self.owner = options["publicKey"]["user"]["id"]
        key = AttestedCredentialData.create(
            Aaguid.NONE, self.id, ES256.from_cryptography_key(self.private.public_key())
        )
        data = AuthenticatorData.create(self.site, PRESENT | VERIFIED | ATTESTED, 0, key)
        response = {
            "clientDataJSON": websafe_encode(self._client_data("webauthn.create", options)),
            "attestationObject": websafe_encode(bytes(AttestationObject.create("none", data, {}))),
        }
        return self._posted(response | changed)

    def sign(self, options: dict[str, Any], *, flags: int = PRESENT | VERIFIED, **changed: Any) -> str:
        """What a browser posts for the options of a log-in."""
        data = AuthenticatorData.create(self.site, flags, 0)
        client_data = self._client_data("webauthn.get", options)
        signed = self.private.sign(data + sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": websafe_encode(client_data),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signed),
            "userHandle": self.owner,
        }
        return self._posted(response | changed)

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": options["publicKey"]["challenge"], "origin": self.origin}
        return json.dumps(told).encode()

    def _posted(self, response: dict[str, Any]) -> str:
        name = websafe_encode(self.id)
        sent = {"type": "public-key", "id": name, "rawId": name, "response": response, "clientExtensionResults": {}}
        return json.dumps(sent)
