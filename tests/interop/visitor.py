"""A browser without scripts at a demo: keeps cookies, follows redirections, and submits forms."""

from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

from authenticator import Authenticator
from wire import Reply, Wire

PASSWORD = "correct horse battery staple"
MOST_REDIRECTIONS = 5


@dataclass(frozen=True)
class Page:
    """The page that a browser shows after all redirections."""

    address: str
    """Path and query."""
    status: int
    text: str

    @property
    def path(self) -> str:
        return urlsplit(self.address).path


@dataclass
class Visitor:
    """A browser of `user` at the demo with this URL."""

    url: str
    user: str
    cookies: dict[str, str] = field(default_factory=dict)
    app: Authenticator | None = None
    language: str = "en"
    """The languages that the browser accepts."""

    def get(self, address: str) -> Page:
        return self._follow("GET", address)

    def post(self, address: str, **fields: str) -> Page:
        """Submits a form."""
        return self._follow("POST", address, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def data(self, path: str) -> dict:
        """Returns the JSON of a page below the prefix."""
        return self._request("GET", f"/mfa/{path}", accept="application/json").ok()

    def change(self, path: str, body: dict | None = None) -> Reply:
        """Sends a change as JSON to a path below the prefix."""
        return self._request("POST", f"/mfa/{path}", body or {}, "application/json", accept="application/json")

    def sign_up(self) -> Page:
        return self.post("/sign-up", name=self.user, password=PASSWORD)

    def log_in(self, password: str = PASSWORD) -> Page:
        return self.post("/login", name=self.user, password=password)

    def sign_out(self) -> Page:
        return self.post("/sign-out")

    def is_signed_in(self) -> bool:
        return self.get("/mfa/account").path == "/mfa/account"

    def add_app(self) -> dict:
        """Adds an authenticator app. Returns the id and the key."""
        created = self.change("account/totp").ok()
        self.app = Authenticator(created["key"])
        self.change(f"account/totp/{created['id']}/confirm", {"code": self.app.next_code()}).ok()
        return created

    def answer(self, asked: Page, code: str | None = None, **fields: str) -> Page:
        """Answers the factor page with a code, by default the next one of the authenticator app."""
        assert asked.path.startswith("/mfa/factor"), asked
        address = f"/mfa/factor/totp?{urlsplit(asked.address).query}"
        return self.post(address, code=code or self.app.next_code(), **fields)

    def step_up(self) -> None:
        """Passes the step-up for changes of factors."""
        page = self.answer(self.get("/mfa/account/recovery-codes"))
        assert page.path == "/mfa/account/recovery-codes", page

    def _follow(self, method: str, address: str, body: bytes | None = None, kind: str = "") -> Page:
        for _ in range(MOST_REDIRECTIONS):
            reply = self._request(method, address, body, kind)
            if reply.status not in (302, 303):
                return Page(address, reply.status, reply.body.decode())
            to = urlsplit(urljoin(self.url + address, reply.headers["Location"]))
            method, address, body, kind = "GET", to.path + ("?" + to.query if to.query else ""), None, ""
        raise AssertionError(f"more than {MOST_REDIRECTIONS} redirections, the last to {address}")

    def _request(self, method: str, address: str, body=None, kind: str = "", accept: str = "text/html") -> Reply:
        headers = {"Accept": accept, "Accept-Language": self.language} | ({"Content-Type": kind} if kind else {})
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        # The demo closes a connection that is idle while the visitor waits for the next code.
        wire = Wire(self.url)
        reply = wire.request(method, address, body, headers=headers)
        wire.close()
        for header in reply.headers.get_all("Set-Cookie", []):
            for name, cookie in SimpleCookie(header).items():
                self.cookies.pop(name, None)
                if cookie["max-age"] != "0":
                    self.cookies[name] = cookie.value
        return reply
