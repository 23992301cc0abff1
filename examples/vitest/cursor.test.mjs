import { expect, inject, test } from "vitest";

import { commits } from "../node/cursor.mjs";
import { World } from "../node/twin.mjs";

test.concurrent.each([1, 2, 3, 6, 1000])("all pages are read, %i rows each", async (pageSize) => {
  const world = new World(inject("twinUrl"), `vitest_${pageSize}`);
  await world.control("POST", "/reset");

  const { url, key, sleep } = world;
  const rows = [];
  for await (const row of commits({ url, key, startDate: "7d", endDate: "now", pageSize, sleep })) rows.push(row);

  const { commits: truth } = await world.control("GET", "/answers");
  expect(rows).toHaveLength(truth.count);
});
