// Who is logged in: the way to the log-in page, or a menu with the browsers of the person, and for owners the chats
// that wait for a word of theirs.

async function change(path, method, body = undefined) {
  const answer = await fetch(address(path), { method, headers: body ? { "Content-Type": "application/json" } : {}, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Refused(answer.status, (await answer.json().catch(() => ({}))).detail ?? answer.statusText, 0);
}

function acting(label, act, cls = "button") {
  return el("button", { class: cls, type: "button", onclick: async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      await act(button);
    } catch (error) {
      button.disabled = false;
      say(error.message);
      button.title = error.message;
    }
  } }, label);
}

async function logOut() {
  await change("/api/logout", "POST");
  location.assign(`${base}/`);
}

function sessionRow(one) {
  const when = one.last_used_at ?? one.created_at;
  const row = el("li", {}, el("span", {}, one.browser || "A browser", el("small", {}, one.current ? "this one" : `${one.address}, ${day(when)}`)));
  if (!one.current) row.append(acting("Log out", async () => { await change(`/api/sessions/${one.id}`, "DELETE"); row.remove(); }));
  return row;
}

function chatRow(one) {
  const by = one.added_by ? `added by ${one.added_by.name || one.added_by.id}` : "added by somebody";
  const row = el("li", {}, el("span", {}, one.title || String(one.chat_id), el("small", {}, by)));
  row.append(acting("Serve it", async () => { await change(`/api/chats/${one.chat_id}`, "POST"); row.replaceChildren(el("span", {}, one.title, el("small", {}, "is served now"))); }));
  return row;
}

async function fillMenu(menu, me) {
  const sessions = await api("/api/sessions");
  const parts = [el("p", {}, `Logged in as ${me.person.name || me.person.id}, ${me.role}.`), el("ul", {}, ...sessions.items.map(sessionRow))];
  if (me.can.includes("index")) {
    const waiting = (await api("/api/chats")).items.filter((one) => !one.served);
    if (waiting.length) parts.push(el("p", {}, "Channels that others added the bot to:"), el("ul", {}, ...waiting.map(chatRow)));
  }
  menu.replaceChildren(...parts, el("div", { class: "actions" }, acting("Log out", logOut)));
}

async function showAccount() {
  let me;
  try {
    me = await api("/api/me");
  } catch {
    return; // the files are there; who one is, is only a courtesy
  }
  const place = document.getElementById("account");
  if (me.person) {
    const menu = el("div", { class: "menu" });
    const details = el("details", { class: "account" }, el("summary", {}, me.person.name || "Account"), menu);
    details.addEventListener("toggle", () => { if (details.open) fillMenu(menu, me).catch((error) => menu.replaceChildren(el("p", {}, error.message))); });
    document.addEventListener("click", (event) => { if (!details.contains(event.target)) details.open = false; });
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") details.open = false; });
    place.replaceChildren(details);
  } else if (me.server.features.includes("login")) {
    place.replaceChildren(el("div", { class: "account" }, el("a", { href: `${base}/login` }, "Log in")));
  }
}
