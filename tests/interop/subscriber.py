"""The browser's half of web push, built on independent implementations."""

import base64
import json
import os

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from receiver import Received


def encode(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Subscriber:
    """A push subscription (RFC 8291 section 2) at a push service."""

    def __init__(self, service: str, path: str = "/subscription"):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = os.urandom(16)
        self.service, self.path = service, path

    @property
    def subscription(self) -> dict:
        """The output of `PushSubscription.toJSON()`."""
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": encode(point), "auth": encode(self._auth)}
        return {"endpoint": self.service + self.path, "expirationTime": None, "keys": keys}

    def read(self, message: Received) -> dict:
        """Decrypts a message (RFC 8291)."""
        assert message.headers["content-encoding"] == "aes128gcm"
        return json.loads(http_ece.decrypt(message.body, private_key=self._key, auth_secret=self._auth))

    def verify(self, message: Received, server_key: str) -> dict:
        """Verifies the sender of a message (RFC 8292) and returns the claims."""
        scheme, parameters = message.headers["authorization"].split(" ", 1)
        assert scheme == "vapid"
        values = dict(parameter.strip().split("=", 1) for parameter in parameters.split(","))
        assert values["k"] == server_key
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(server_key))
        return jwt.decode(values["t"], key, algorithms=["ES256"], audience=self.service)
