import { call, on } from "./talk.js";

const form = document.getElementById("sign-in");
on(form, "submit", document.getElementById("sign-in-message"), async () => {
  await call("POST", "demo/sign-in", { user_name: form.elements.user_name.value });
  location.reload();
});
