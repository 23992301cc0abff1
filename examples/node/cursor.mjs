// A small client of the AI Code Tracking API: what the tests here are about.

const WAIT_S = 60; // the limit resets every minute

/** All commits of a range, page by page.  `sleep` waits so many seconds. */
export async function* commits({ url, key, startDate, endDate, pageSize = 1000, sleep = sleepFor }) {
  const headers = { Authorization: `Basic ${btoa(`${key}:`)}` };
  for (let page = 1, read = 0, total = 1; read < total; page += 1) {
    const query = new URLSearchParams({ startDate, endDate, page, pageSize });
    const answer = await ask(`${url}/analytics/ai-code/commits?${query}`, headers, sleep);
    const { items, totalCount } = await answer.json();
    yield* items;
    [read, total] = [read + items.length, totalCount];
    if (read < total && items.length === 0) throw new Error(`page ${page} is empty before its end`);
  }
}

async function ask(target, headers, sleep) {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await fetch(target, { headers });
    if (answer.ok) return answer;
    const text = await answer.text();
    const busy = answer.status === 429 || answer.status >= 500;
    if (!busy || attempt === 6) throw new Error(`${answer.status} ${text}`);
    const named = Number(answer.headers.get("Retry-After"));
    await sleep(named || (answer.status === 429 ? WAIT_S : 2 ** attempt));
  }
}

const sleepFor = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
