"""A user's security key: credentials and assertions by soft-webauthn, as pages hand them to the API."""

import base64
import json
from copy import deepcopy

from soft_webauthn import SoftWebauthnDevice


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class SecurityKey:
    """Holds one credential, made at `origin` for the relying party of that host."""

    def __init__(self, origin: str = "https://example.org", user_handle: bytes = b"a user of this page"):
        self.origin = origin
        self.relying_party = origin.removeprefix("https://")
        self.user_handle = user_handle
        self._device = SoftWebauthnDevice()

    @property
    def sign_count(self) -> int:
        return self._device.sign_count

    @sign_count.setter
    def sign_count(self, count: int) -> None:
        self._device.sign_count = count

    def copy(self) -> "SecurityKey":
        """A clone of it, as whoever extracted its key would have."""
        return deepcopy(self)

    def create(self, challenge: str) -> dict:
        """A new credential, as the fields of a WebAuthNEnrollmentAnswer."""
        options = {
            "rp": {"id": self.relying_party},
            "user": {"id": self.user_handle},
            "challenge": unpadded(challenge),
            "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
        }
        made = self._device.create({"publicKey": options}, self.origin)
        return {
            "credential_id": base64.b64encode(made["rawId"]).decode(),
            "client_data": base64url(made["response"]["clientDataJSON"]),
            "authenticator_data": base64url(made["response"]["attestationObject"]),
            "user_handle": base64url(self.user_handle),
            "transports": ["usb"],
        }

    def get(self, public_challenge: str) -> dict:
        """An assertion, as the fields of a WebAuthNEnrollmentAnswer."""
        options = {"challenge": unpadded(public_challenge), "rpId": self.relying_party}
        made = self._device.get({"publicKey": options}, self.origin)
        response = made["response"]
        return {
            "credential_id": base64.b64encode(made["rawId"]).decode(),
            "client_data": base64url(response["clientDataJSON"]),
            "authenticator_data": base64url(response["authenticatorData"]),
            "signature": base64url(response["signature"]),
            "user_handle": base64url(response["userHandle"]),
        }

    def answer(self, public_challenge: str) -> str:
        """An assertion as the answer to a challenge."""
        return json.dumps(self.get(public_challenge))
