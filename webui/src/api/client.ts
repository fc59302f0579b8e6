import createClient, { type Middleware } from "openapi-fetch";
import { address, bearer, isElsewhere, pageToken } from "./address";
import { Problem, problemOf } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Item = Schemas["Item"];
export type Version = Schemas["Version"];
export type FileItem = Schemas["FileItem"];
export type Kind = Item["kind"];
export type Me = Schemas["Me"];
export type WorkItem = Schemas["WorkItem"];
export type WorkTree = Schemas["WorkTree"];

const credentials: Middleware = {
  async onRequest({ request }) {
    const url = new URL(request.url);
    if (bearer()) request.headers.set("Authorization", `Bearer ${bearer()}`);
    if (!pageToken() || url.searchParams.has("token")) return request;
    url.searchParams.set("token", pageToken());
    // a body that is taken over from another request is a stream, which browsers do not send to every server
    const { method, headers, signal, credentials, cache } = request;
    const body = request.body ? await request.arrayBuffer() : undefined;
    return new Request(url, { method, headers, signal, credentials, cache, body });
  },
};

/** The API, typed by docs/openapi.json. Made once its address is known. */
export const client = () => {
  made ??= connect();
  return made;
};
let made: ReturnType<typeof connect> | undefined;

function connect() {
  const api = createClient<paths>({
    baseUrl: new URL(address("/", { token: "" }), location.href).href.replace(/[?#].*$/, "").replace(/\/$/, ""),
    credentials: isElsewhere() ? "omit" : "same-origin",
    querySerializer: { array: { style: "form", explode: true } },
  });
  api.use(credentials);
  return api;
}

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The data of an answer. Throws Problem for everything else, with status 0 when the server cannot be reached. */
export async function ask<T>(answer: Promise<Answer<T>>): Promise<T> {
  let told: Answer<T>;
  try {
    told = await answer;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "Unreachable", "The server cannot be reached.");
  }
  if (!told.response.ok) throw problemOf(told.response, told.error);
  return told.data as T;
}
