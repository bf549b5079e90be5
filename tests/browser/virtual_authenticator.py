"""Authenticators that Chromium simulates, through the WebAuthn domain of the DevTools protocol."""

from browser import Browser


class VirtualAuthenticator:
    """One that is plugged into the page's browser, and whose user touches it at once when asked to."""

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
        """Whether somebody touches it when it asks for that."""
        self._do("setAutomaticPresenceSimulation", enabled=there)

    def recognizes_user(self, recognizes: bool) -> None:
        """Whether PIN or finger are right when it asks for them."""
        self._do("setUserVerified", isUserVerified=recognizes)

    def credential(self) -> dict:
        """The only one that it holds, with its private key."""
        (credential,) = self._do("getCredentials")["credentials"]
        return credential

    def replace(self, credential: dict) -> None:
        """Makes it hold another state of a credential that it holds, such as a copy made earlier."""
        self._do("removeCredential", credentialId=credential["credentialId"])
        self._do("addCredential", credential=credential)

    def unplug(self) -> None:
        self._do("removeVirtualAuthenticator")

    def _do(self, command: str, **arguments) -> dict:
        return self._driver.execute_cdp_cmd(f"WebAuthn.{command}", {"authenticatorId": self._id} | arguments)
