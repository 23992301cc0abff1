// Starts a twin of the API for the tests of a run, and drives the world of one test.
//
// Where CURSOR_API_URL is set, in CI beside a service container, that server is taken instead.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const COMMAND = process.env.AICODE_MOCK ?? "aicode-mock";
const OPTIONS = ["--scenario", "tiny", "--now", "2026-06-30", "--port", "0", "--log-format", "off"];

/** Start a server; its `url`, and `stop()`. */
export async function startTwin() {
  if (process.env.CURSOR_API_URL) return { url: process.env.CURSOR_API_URL, stop: () => {} };
  const server = spawn(COMMAND, ["serve", ...OPTIONS], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((_, reject) => {
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`${COMMAND} ended with ${code}`)));
  });
  const url = await Promise.race([readyUrl(server.stdout), ended]);
  ended.catch(() => {}); // from now on its end is ours
  return { url, stop: () => server.kill() };
}

async function readyUrl(output) {
  for await (const line of createInterface({ input: output })) {
    const [, url] = /^aicode-mock ready (\S+)/.exec(line) ?? [];
    if (url) return url;
  }
  return new Promise(() => {}); // its exit tells why
}

/** A world of its own: the key opens it with its first request. */
export class World {
  constructor(url, name) {
    this.url = url;
    this.key = `sandbox_${name.replace(/\W+/g, "_")}`;
  }

  /** Ask the control plane for something, such as `world.control("PUT", "/clock", { advance: "61s" })`. */
  async control(method, path, body) {
    const token = process.env.AICODE_MOCK_CONTROL_TOKEN;
    const answer = await fetch(`${this.url}/_mock/worlds/${this.key}${path}`, {
      method,
      headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  }

  /** Waiting takes no time: the clock of this world moves. */
  sleep = (seconds) => this.control("PUT", "/clock", { advance: `${seconds}s` });
}
