"""Simulated authenticators of Chromium (DevTools protocol, domain WebAuthn)."""

from browser import Browser


class VirtualAuthenticator:
    """An authenticator in the page's browser. A touch is simulated at once."""

    def __init__(
        self,
        page: Browser,
        protocol: str = "ctap2",
        transport: str = "usb",
        *,
        resident_keys: bool = False,
        verifies_user: bool = True,
        backed_up: bool = False,
    ):
        self._driver = page.driver
        self._driver.execute_cdp_cmd("WebAuthn.enable", {})
        options = {
            "protocol": protocol,
            "transport": transport,
            "hasResidentKey": resident_keys,
            "hasUserVerification": verifies_user,
            "isUserVerified": verifies_user,
            "automaticPresenceSimulation": True,
        }
        if backed_up:
            options |= {"defaultBackupEligibility": True, "defaultBackupState": True}
        self._id = self._driver.execute_cdp_cmd("WebAuthn.addVirtualAuthenticator", {"options": options})[
            "authenticatorId"
        ]

    def user_is_there(self, there: bool) -> None:
        """Switches the simulated touch on or off."""
        self._do("setAutomaticPresenceSimulation", enabled=there)

    def recognizes_user(self, recognizes: bool) -> None:
        """Makes user verification succeed or fail."""
        self._do("setUserVerified", isUserVerified=recognizes)

    def credential(self) -> dict:
        """Returns the only credential, private key included."""
        (credential,) = self._do("getCredentials")["credentials"]
        return credential

    def replace(self, credential: dict) -> None:
        """Replaces a credential by another state of the same one, such as an earlier copy."""
        self._do("removeCredential", credentialId=credential["credentialId"])
        self._do("addCredential", credential=credential)

    def unplug(self) -> None:
        self._do("removeVirtualAuthenticator")

    def _do(self, command: str, **arguments) -> dict:
        return self._driver.execute_cdp_cmd(f"WebAuthn.{command}", {"authenticatorId": self._id} | arguments)
