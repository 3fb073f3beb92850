#!/usr/bin/env node
// Receives events of a device in real time and prints each as one line of JSON. Node 18 or newer, nothing to install.
//
//   node client.mjs http://edge.local:48462 [SINCE_ID]
//
// It prints the events after SINCE_ID, oldest first, and goes on with each new one; without SINCE_ID it begins with the
// next event. Keep the last event_id you have dealt with and give it at the next start: then you miss none and get none
// twice. Where the device asks for a token, put it into the environment variable EDGE_TOKEN.

const WAIT_S = 25; // the device answers at the first event, or with [] after so long
const RETRY_MS = [500, 1000, 2000, 5000];

const [address, since] = process.argv.slice(2);
if (!isAddress(address) || (since !== undefined && !/^\d+$/.test(since))) {
  console.error("usage: node client.mjs http://DEVICE:48462 [SINCE_ID]");
  process.exit(2);
}

function isAddress(text) {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

async function events(query) {
  const url = new URL("/v1/json/events", address);
  url.search = new URLSearchParams(query);
  const headers = process.env.EDGE_TOKEN ? { Authorization: `Bearer ${process.env.EDGE_TOKEN}` } : {};
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout((WAIT_S + 10) * 1000) });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${answer.status} ${body.error}`);
  return body;
}

async function newestId() {
  const [newest] = await events({ limit: 1, order: "DESC" });
  return newest ? newest.event_id : 0;
}

let cursor = since === undefined ? undefined : Number(since);
let failures = 0;
for (;;) {
  try {
    if (cursor === undefined) cursor = await newestId();
    // A device that was set up anew counts from the start again.
    else if (failures && (await newestId()) < cursor) cursor = 0;
    if (failures) console.error("the device is back");
    failures = 0;
    for (const event of await events({ sinceId: cursor, order: "ASC", timeout: WAIT_S })) {
      console.log(JSON.stringify(event));
      cursor = event.event_id;
    }
  } catch (error) {
    if (!failures) console.error(`no answer (${error.cause?.code ?? error.message}); trying again`);
    await new Promise((wake) => setTimeout(wake, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]));
  }
}
