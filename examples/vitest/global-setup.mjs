// One twin for the whole run; the tests find it with `inject("twinUrl")`.

import { startTwin } from "../node/twin.mjs";

let twin;

export async function setup(project) {
  twin = await startTwin();
  project.provide("twinUrl", twin.url);
}

export function teardown() {
  twin.stop();
}
