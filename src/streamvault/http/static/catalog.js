// The first page: what there is, as cards that can be searched and filtered.

const LIMIT = 48;

function showCatalog() {
  const search = document.getElementById("search");
  const input = document.getElementById("q");
  const chips = el("div", { class: "chips", role: "group", "aria-label": "Kind of file" });
  const grid = el("ul", { class: "grid" });
  const foot = el("div", { class: "foot" });
  let request = new AbortController();
  let returning = returnsTo();
  let wanted = { q: params.get("q") ?? "", kind: KINDS[params.get("kind")] ? params.get("kind") : "" };

  for (const [kind, words] of [["", { many: "Everything" }], ...Object.entries(KINDS)]) {
    const choose = () => load({ ...wanted, kind });
    chips.append(el("button", { type: "button", class: "chip", "data-kind": kind, onclick: choose }, words.icon ? icon(words.icon) : null, words.many));
  }
  main.replaceChildren(el("h1", { class: "unseen" }, "Files"), chips, grid, foot);
  search.hidden = false;
  input.value = wanted.q;
  search.addEventListener("submit", (event) => event.preventDefault());
  let typing;
  input.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => load({ ...wanted, q: input.value.trim() }), 180);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, textarea")) {
      event.preventDefault();
      input.focus();
    }
  });

  function load(next) {
    wanted = next;
    request.abort();
    request = new AbortController();
    history.replaceState(null, "", home(wanted));
    for (const chip of chips.children) chip.setAttribute("aria-pressed", String(chip.dataset.kind === wanted.kind));
    grid.setAttribute("aria-busy", "true");
    grid.replaceChildren(...Array.from({ length: 12 }, () => el("li", { class: "card ghost", "aria-hidden": "true" }, el("div", { class: "shot" }), el("p"), el("p"))));
    foot.replaceChildren();
    fetchPage(null);
  }

  async function fetchPage(cursor) {
    const mine = request;
    try {
      const page = await api("/api/catalog", { ...wanted, limit: LIMIT, cursor }, mine.signal);
      if (!cursor) grid.replaceChildren();
      const first = grid.children.length;
      grid.append(...page.items.map(card));
      grid.setAttribute("aria-busy", "false");
      foot.replaceChildren(...(page.next_cursor ? [more(page.next_cursor)] : []));
      if (!grid.children.length) foot.replaceChildren(empty());
      if (returning) {
        if (page.next_cursor && grid.children.length < returning.count) return fetchPage(page.next_cursor);
        scrollTo(0, returning.y);
        returning = null;
      } else if (cursor) grid.children[first]?.querySelector("a")?.focus({ preventScroll: true });
      say(`${grid.children.length}${page.next_cursor ? " or more" : ""} files`);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!cursor) grid.replaceChildren();
      grid.setAttribute("aria-busy", "false");
      foot.replaceChildren(failure(error, () => mine === request && (cursor ? fetchPage(cursor) : load(wanted))));
      say(error.message);
    }
  }

  function more(cursor) {
    const button = el("button", { class: "button", type: "button" }, "Load more");
    button.addEventListener("click", () => {
      button.disabled = true;
      button.textContent = "Loading…";
      fetchPage(cursor);
    });
    return button;
  }

  function empty() {
    if (!wanted.q && !wanted.kind) {
      return notice("Nothing here yet", "Post a file in one of the channels that the bot is in, and it appears here at once. No command is needed.");
    }
    const clear = () => {
      input.value = "";
      load({ q: "", kind: "" });
    };
    return notice("Nothing found", "No file matches this search.", el("button", { class: "button", type: "button", onclick: clear }, "Show everything"));
  }

  addEventListener("pagehide", () => {
    const count = grid.querySelectorAll(".card:not(.ghost)").length;
    sessionStorage.setItem("list", JSON.stringify({ search: location.search, count, y: scrollY }));
  });
  load(wanted);
}

// The list as it was left, if somebody comes back to it: how many cards it had, and how far it was scrolled.
function returnsTo() {
  const back = sessionStorage.getItem("return") || performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  sessionStorage.removeItem("return");
  const left = listLeft();
  if (!back || left?.search !== location.search) return null;
  history.scrollRestoration = "manual";
  return left;
}

function card(item) {
  const facts = [item.performer || kindOf(item).one, bytes(item.size)];
  const link = el(
    "a",
    { href: watchAddress(item, tokenFor(item)), onclick: (event) => event.ctrlKey || event.metaKey || event.shiftKey || playsNext(event.currentTarget) },
    shot(item),
    el("span", { class: "name", dir: "auto", title: item.name || null }, heading(item)),
    el("span", { class: "facts" }, ...facts.flatMap((fact, index) => [index ? " · " : "", el("bdi", {}, fact)])),
  );
  return el("li", { class: "card" }, link);
}

// What a click on a card opens begins to play, which browsers allow after a click on the same site; what is opened by
// its address, or anew, does not.
const playsNext = (link) => sessionStorage.setItem("play", link.pathname);
function opensToPlay() {
  const meant = sessionStorage.getItem("play") === location.pathname;
  sessionStorage.removeItem("play");
  return meant;
}

// The picture of a card, always 16:9: square covers stand before a blurred copy of themselves.
function shot(item) {
  const small = item.kind === "sticker" && item.mime_type === "image/webp" && item.size < 500_000;
  const thumb = given(item.thumb_url ?? (small ? item.stream_url : null));
  const box = el("div", { class: "shot" });
  if (thumb) {
    const whole = item.kind === "audio" || item.kind === "sticker" || (item.height ?? 0) > (item.width ?? 0);
    const behind = item.placeholder ?? (whole ? thumb : null); // there at once, until the picture has come
    if (behind) box.append(el("img", { class: "blur", src: behind, alt: "", loading: "lazy", decoding: "async" }));
    const picture = el("img", { class: whole ? "whole" : "full", src: thumb, alt: "", loading: "lazy", decoding: "async" });
    picture.addEventListener("error", () => box.replaceChildren(...plain(item, box)));
    box.append(picture);
  } else {
    box.append(...plain(item, box));
  }
  box.append(el("span", { class: "kind" }, icon(kindOf(item).icon)));
  if (item.duration) box.append(el("span", { class: "length" }, clock(item.duration)));
  return box;
}

function plain(item, box) {
  box.classList.add("plain");
  box.style.setProperty("--hue", hue(item));
  return [icon(kindOf(item).icon), el("span", { class: "ext" }, extension(item))];
}
