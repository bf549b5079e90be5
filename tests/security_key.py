"""A software security key on top of soft-webauthn, with output in the API's form."""

import base64
import json
from copy import copy
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from soft_webauthn import SoftWebauthnDevice


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class SecurityKey:
    """A key with one credential, created at `origin` for the relying party of that host."""

    def __init__(self, origin: str = "https://example.org", user_handle: bytes = b"a user of this page"):
        self.origin = origin
        self.relying_party = urlsplit(origin).hostname
        self.device = SoftWebauthnDevice()
        self._user_handle = user_handle

    def copy(self) -> "SecurityKey":
        """Returns a clone, as after a theft of the private key."""
        clone = copy(self)
        clone.device = copy(self.device)
        return clone

    def forge(self) -> None:
        """Replaces the private key under the same credential id."""
        self.device.private_key = ec.generate_private_key(ec.SECP256R1())

    def create(self, challenge: str) -> dict:
        """Returns a new credential as fields of a WebAuthNEnrollmentAnswer. A clone returns its credential again."""
        options = {
            "rp": {"id": self.relying_party},
            "user": {"id": self._user_handle},
            "challenge": unpadded(challenge),
            "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
        }
        if self.device.credential_id is not None:
            self.device.cred_init = lambda *_: None
        made = self.device.create({"publicKey": options}, self.origin)
        return {
            "credential_id": base64.b64encode(made["rawId"]).decode(),
            "client_data": base64url(made["response"]["clientDataJSON"]),
            "authenticator_data": base64url(made["response"]["attestationObject"]),
            "user_handle": base64url(self._user_handle),
            "transports": ["usb"],
        }

    def get(self, public_challenge: str) -> dict:
        """Returns an assertion as fields of a WebAuthNEnrollmentAnswer."""
        options = {"challenge": unpadded(public_challenge), "rpId": self.relying_party}
        made = self.device.get({"publicKey": options}, self.origin)
        response = made["response"]
        return {
            "credential_id": base64.b64encode(made["rawId"]).decode(),
            "client_data": base64url(response["clientDataJSON"]),
            "authenticator_data": base64url(response["authenticatorData"]),
            "signature": base64url(response["signature"]),
            "user_handle": base64url(response["userHandle"]),
        }

    def answer(self, public_challenge: str) -> str:
        """Returns an assertion as the answer to a challenge."""
        return json.dumps(self.get(public_challenge))

    def created_json(self, options: dict) -> dict:
        """Returns a new credential as `PublicKeyCredential.toJSON()` of a browser does. `options` are of a page."""
        self._user_handle = unpadded(options["user"]["id"])
        made = self.create(options["challenge"])
        response = {"clientDataJSON": made["client_data"], "attestationObject": made["authenticator_data"]}
        return self._json(made, response | {"transports": made["transports"]})

    def used_json(self, public_challenge: str) -> dict:
        """Returns an assertion as `PublicKeyCredential.toJSON()` of a browser does."""
        made = self.get(public_challenge)
        return self._json(made, {
            "clientDataJSON": made["client_data"],
            "authenticatorData": made["authenticator_data"],
            "signature": made["signature"],
            "userHandle": made["user_handle"],
        })

    @staticmethod
    def _json(made: dict, response: dict) -> dict:
        identifier = base64url(base64.b64decode(made["credential_id"]))
        return {
            "id": identifier,
            "rawId": identifier,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }
