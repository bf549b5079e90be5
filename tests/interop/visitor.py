"""Requests of a signed-in user's browser to the demo's own pages."""

from wire import Reply, Wire


class Visitor:
    def __init__(self, url: str, user: str):
        self._wire = Wire(url)
        reply = self._wire.post("/demo/sign-in", {"user_name": user})
        reply.ok()
        self._cookie = reply.headers["Set-Cookie"].split(";")[0]

    def send(self, method: str, path: str, body=None) -> Reply:
        return self._wire.request(method, path, body, headers={"Cookie": self._cookie})

    def post(self, path: str, body=None, status: int = 200):
        return self.send("POST", path, {} if body is None else body).ok(status)

    @property
    def endpoints(self) -> list[dict]:
        return self.send("GET", "/demo/state").ok()["endpoints"]

    def close(self) -> None:
        self._wire.close()
