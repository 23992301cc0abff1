// The client's tests against a container: npm install testcontainers, then node --test
//
// The image is built from the Dockerfile of aicode-mock: docker build -t aicode-mock .

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { GenericContainer, Wait } from "testcontainers";

import { commits } from "../node/cursor.mjs";
import { World } from "../node/twin.mjs";

const PORT = 8484;
process.env.AICODE_MOCK_CONTROL_TOKEN = "test-token";
let container;
let url;

before(async () => {
  container = await new GenericContainer("aicode-mock")
    .withExposedPorts(PORT)
    .withEnvironment({
      AICODE_MOCK_SCENARIO: "tiny",
      AICODE_MOCK_NOW: "2026-06-30",
      AICODE_MOCK_CONTROL_TOKEN: process.env.AICODE_MOCK_CONTROL_TOKEN,
    })
    .withWaitStrategy(Wait.forLogMessage("aicode-mock ready"))
    .start();
  url = `http://${container.getHost()}:${container.getMappedPort(PORT)}`;
});
after(() => container?.stop());

test("all pages are read", async () => {
  const world = new World(url, "all pages are read");
  await world.control("POST", "/reset");

  const rows = [];
  const range = { startDate: "7d", endDate: "now" };
  for await (const row of commits({ url, key: world.key, ...range, pageSize: 4, sleep: world.sleep })) rows.push(row);

  const { commits: truth } = await world.control("GET", "/answers");
  assert.equal(rows.length, truth.count);
});
