// Arrow keys move the focus by where things are, as a remote control needs it. What has arrow keys of its own keeps
// them: fields, sliders, menus, lists, the player.

import { useEffect } from "react";
import { rememberPlaces } from "./places";
import { type Direction, nearest, outermost, type Place } from "./spatial";

const FOCUSABLE =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex]:not([tabindex^="-"])';
const OWN_KEYS =
  '[role="menu"], [role="menubar"], [role="listbox"], [role="grid"], [role="tree"], [role="combobox"], [role="spinbutton"], [role="application"], [aria-orientation="vertical"], [contenteditable="true"], video, audio, input[type="number"], input[type="date"], [data-own-keys]';
const OWN_SIDEWAYS = '[role="slider"], input[type="range"], input[type="radio"]';
const OWN_UP_AND_DOWN = "select";
const POPUP = 'dialog[open], [role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]';
const KEYS: Record<string, Direction> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };
const BACK = new Set(["Backspace", "Escape", "GoBack", "BrowserBack"]);

export function useSpatial(): void {
  useEffect(() => {
    let popup: Element | undefined;
    const before = () => {
      popup = openPopup(); // what closes at this key is gone when the key arrives below
    };
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      const direction = KEYS[event.key];
      if (direction) {
        if (!hasOwnKeys(event.target, direction) && step(direction, popup)) event.preventDefault();
      } else if (BACK.has(event.key) && !popup && !isEdited(event.target) && canGoBack()) {
        event.preventDefault();
        history.back();
      }
    };
    window.addEventListener("keydown", before, true);
    window.addEventListener("keydown", pressed);
    const forget = rememberPlaces();
    return () => {
      forget();
      window.removeEventListener("keydown", before, true);
      window.removeEventListener("keydown", pressed);
    };
  }, []);
}

/** Moves the focus; false where there is nothing in that direction, so that the page may scroll. */
function step(direction: Direction, popup: Element | undefined): boolean {
  const scope = popup ?? document.fullscreenElement ?? document.body;
  const current = document.activeElement;
  const from = current && current !== document.body && scope.contains(current) ? placeOf(current) : startOf(scope);
  const found = [...scope.querySelectorAll(FOCUSABLE)].filter((one) => one !== current && shown(one));
  const places = outermost(found.map((element) => Object.assign(placeOf(element), { element })));
  const moving = places.filter((place) => !place.fixed);
  const vertical = direction === "up" || direction === "down";
  const first = from.fixed ? places.filter((place) => place.fixed) : vertical ? moving : places;
  const next = take(from, first, direction);
  if (next) return focus(next);
  if (vertical && !from.fixed && scrolled(current ?? scope, direction)) {
    requestAnimationFrame(() => requestAnimationFrame(() => focus(take(from, visible(scope, current), direction))));
    return true; // a virtualised list shows its next row only then
  }
  return focus(take(from, places, direction));
}

const visible = (scope: Element, current: Element | null) =>
  outermost(
    [...scope.querySelectorAll(FOCUSABLE)]
      .filter((one) => one !== current && shown(one))
      .map((element) => Object.assign(placeOf(element), { element })),
  ).filter((place) => !place.fixed);

type Found = Place & { element: Element };

function take(from: Place, places: readonly Found[], direction: Direction): Element | undefined {
  return places[nearest(from, places, direction)]?.element;
}

function focus(element: Element | undefined): boolean {
  if (!(element instanceof HTMLElement)) return false;
  element.focus({ preventScroll: true });
  boxed(element).scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

/** The element whose box a link fills: a card, where the link covers it. A hidden heading is as small as what hides it. */
function boxed(element: Element): Element {
  const covers = element instanceof HTMLElement && element.classList.contains("after:inset-0");
  return (covers ? element.offsetParent : element.closest(".sr-only")) ?? element;
}

/** What takes the focus only from scripts, as headings do, is left from where it begins. */
function placeOf(element: Element): Place {
  let { left, top, right, bottom } = boxed(element).getBoundingClientRect();
  if (element.matches('[tabindex="-1"]')) {
    bottom = top + 1;
    if (getComputedStyle(element).direction === "rtl") left = right - 1;
    else right = left + 1;
  }
  return { left, top, right, bottom, fixed: element.closest("nav, [data-fixed]") !== null && isFixed(element) };
}

function isFixed(element: Element): boolean {
  const around = element.closest("nav, [data-fixed]");
  return around !== null && getComputedStyle(around).position === "fixed";
}

/** Where somebody starts who has no focus: above the content. */
function startOf(scope: Element): Place {
  const { left, top, right } = (scope.querySelector("main") ?? scope).getBoundingClientRect();
  return { left, top: top - 1, right, bottom: top - 1, fixed: false };
}

function shown(element: Element): boolean {
  const { width, height } = element.getBoundingClientRect();
  if (width < 3 || height < 3 || element.closest('[inert], [aria-hidden="true"]')) return false;
  return element.checkVisibility({ visibilityProperty: true, opacityProperty: false });
}

const openPopup = (): Element | undefined => [...document.querySelectorAll(POPUP)].filter(shown).at(-1);

function isEdited(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  return (
    target instanceof HTMLInputElement && !["checkbox", "radio", "range", "button", "submit"].includes(target.type)
  );
}

/** Up and down leave a field of one line, one of several at the ends of its text, a slider and what is chosen side by side; left and right leave a list. */
function hasOwnKeys(target: EventTarget | null, direction: Direction): boolean {
  if (!(target instanceof Element)) return false;
  const sideways = direction === "left" || direction === "right";
  if (target.closest(OWN_KEYS) || target.closest(sideways ? OWN_SIDEWAYS : OWN_UP_AND_DOWN)) return true;
  if (target instanceof HTMLTextAreaElement) return sideways || !isAtEnd(target, direction);
  return sideways && isEdited(target);
}

/** Whether the cursor is at the end of a text of several lines, in a direction. */
function isAtEnd({ selectionStart, selectionEnd, value }: HTMLTextAreaElement, direction: Direction): boolean {
  return selectionStart === selectionEnd && selectionEnd === (direction === "up" ? 0 : value.length);
}

/** Scrolls what is around an element by half a screen; false at its end. */
function scrolled(element: Element, direction: Direction): boolean {
  const by = direction === "down" ? 1 : -1;
  for (let around: Element | null = element; around; around = around.parentElement) {
    const page = around === document.documentElement;
    if (!page && !/auto|scroll/.test(getComputedStyle(around).overflowY)) continue;
    const room = by > 0 ? around.scrollHeight - around.clientHeight - around.scrollTop : around.scrollTop;
    if (room < 2) continue;
    around.scrollBy({ top: by * Math.min(room, around.clientHeight / 2), behavior: "instant" });
    return true;
  }
  return false;
}

function canGoBack(): boolean {
  const state: unknown = history.state;
  return typeof state === "object" && state !== null && "__TSR_index" in state && Number(state.__TSR_index) > 0;
}
