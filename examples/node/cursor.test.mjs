// node --test

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { commits } from "./cursor.mjs";
import { startTwin, World } from "./twin.mjs";

let twin;
let world;

before(async () => {
  twin = await startTwin();
});
after(() => twin.stop());
beforeEach(async (context) => {
  world = new World(twin.url, context.name);
  await world.control("POST", "/reset");
});

async function read() {
  const rows = [];
  const { url, key, sleep } = world;
  for await (const row of commits({ url, key, startDate: "7d", endDate: "now", pageSize: 4, sleep })) {
    rows.push(row);
  }
  return rows;
}

test("all pages are read", async () => {
  const rows = await read();

  const { commits: truth } = await world.control("GET", "/answers");
  assert.equal(rows.length, truth.count);
});

test("a limit that is used up is waited for", async () => {
  await world.control("POST", "/faults", {
    match: { endpoint: "commits", first: 2, last: 2 },
    action: { kind: "status", status: 429, retryAfter: 30 },
  });

  const rows = await read();

  assert.equal(rows.length, 6);
  const { verdict, findings } = await world.control("GET", "/report");
  assert.equal(verdict, "clean", JSON.stringify(findings));
});
