"use strict";

const STATUS_MS = 2000;
const PICTURE_MS = 200; // five pictures a second, shared by all cameras in view
const RETRY_MS = 2000;
const ROWS = 50;

const byId = (id) => document.getElementById(id);
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));
const cards = new Map();
let token = sessionStorage.getItem("token") || "";
let tokenWanted = false; // something was asked for that needs one, though looking does not

// Every call goes through here: the token where one is needed, and an error for every answer that is none.
async function ask(path, { headers = {}, ...options } = {}) {
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(path, { cache: "no-store", ...options, headers });
  byId("access").hidden = answer.status !== 401 && !tokenWanted;
  if (!answer.ok && answer.status !== 304) {
    const { detail } = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(`${path}: ${answer.status}`), { status: answer.status, detail });
  }
  return answer;
}

function copyOf(template) {
  return byId(template).content.firstElementChild.cloneNode(true);
}

function setPill(pill, word, good) {
  pill.textContent = word;
  pill.className = `pill ${good ? "good" : "bad"}`;
}

function notify(texts) {
  const notices = byId("notices");
  if (notices.textContent === texts.join("")) return;
  notices.replaceChildren(...texts.map((text) => {
    const notice = document.createElement("p");
    notice.className = "notice";
    notice.textContent = text;
    return notice;
  }));
}

// The device and its channels.

async function watchStatus() {
  for (;;) {
    if (!document.hidden) {
      try {
        showStatus(await (await ask("v1/status")).json());
      } catch {
        setPill(byId("health"), "no answer", false);
        if (byId("access").hidden) notify(["The device does not answer; this page goes on asking."]);
      }
    }
    await sleep(STATUS_MS);
  }
}

function showStatus(status) {
  setPill(byId("health"), status.healthy ? "all is well" : "needs attention", status.healthy);
  notify([...[...status.faults, ...status.notices].map((each) => each.text), ...status.receivers.flatMap(receiverNotice)]);
  showUpdate(status.update);
  showDisk(status.disk);
  const shown = new Set(status.channels.map((channel) => channel.channel_id));
  for (const [id, card] of cards) if (!shown.has(id)) dropCard(id, card);
  const place = byId("channels");
  if (!status.channels.length && !place.firstElementChild) place.append(copyOf("empty"));
  if (status.channels.length && !cards.size) place.replaceChildren();
  status.channels.forEach((channel) => showChannel(channel));
  if (status.last_event_id < cursor) restartEvents();
}

function showDisk(disk) {
  const mega = (bytes) => `${Math.round(bytes / 1e6)} MB`;
  byId("disk").hidden = !disk.name;
  byId("disk").textContent = `Written to ${disk.name}: ${mega(disk.written_last_day)} a day, ${mega(disk.own_last_day)} of it by edge.`;
}

function receiverNotice(receiver) {
  const parts = [];
  if (receiver.status !== "ok") parts.push(`${receiver.status}: ${receiver.detail}`);
  if (receiver.dead) parts.push(`${receiver.dead} dead letters (edge deliveries list)`);
  return parts.length ? [`${receiver.address}: ${parts.join("; ")}`] : [];
}

function dropCard(id, card) {
  card.seen.disconnect();
  card.node.remove();
  cards.delete(id);
}

function showChannel(channel) {
  const card = cards.get(channel.channel_id) || newCard(channel.channel_id);
  const { node } = card;
  const live = channel.fps > 0;
  card.picture = channel.picture;
  node.querySelector("h2").textContent = channel.name;
  node.querySelector("img").alt = `Picture of ${channel.name}`;
  setPill(node.querySelector(".pill"), channel.status, live);
  node.querySelector(".rate").textContent = live ? `${channel.fps.toFixed(1)} fps` : "";
  node.querySelector(".detail").textContent = channel.detail;
  node.querySelector(".figures").textContent = figures(channel, live);
  const view = node.querySelector(".view");
  view.classList.toggle("old", !live);
  if (channel.width) view.style.aspectRatio = `${channel.width} / ${channel.height}`;
  node.querySelector(".crossings").hidden = !channel.lines.length;
  node.querySelector(".lines").replaceChildren(...channel.lines.map(lineRow));
  node.querySelector(".insides").hidden = !channel.zones.length;
  node.querySelector(".zones").replaceChildren(...channel.zones.map(zoneRow));
}

// What is worth knowing of a camera's health: what flows, and of what should not be there, what is.
function figures({ enabled, health }, live) {
  const parts = [];
  if (live && enabled) parts.push(`${health.analysed_fps.toFixed(1)} of ${health.wanted_fps} a second analysed`);
  if (live && health.bytes_per_s) parts.push(`${((health.bytes_per_s * 8) / 1e6).toFixed(2)} Mbit/s`);
  if (!live && health.picture_age_s !== undefined) parts.push(`last picture ${health.picture_age_s} s ago`);
  const counted = [["left_out", "left out"], ["decode_errors", "not decodable"], ["reconnects", "reconnects"]];
  for (const [key, words] of counted) if (health[key]) parts.push(`${health[key]} ${words}`);
  return parts.join(" · ");
}

function newCard(id) {
  const node = copyOf("channel");
  const card = { id, node, picture: false, inView: false, etag: "" };
  card.seen = new IntersectionObserver(([entry]) => { card.inView = entry.isIntersecting; });
  card.seen.observe(node);
  byId("channels").append(node);
  cards.set(id, card);
  return card;
}

function lineRow(line) {
  const row = copyOf("line");
  row.querySelector("dt").textContent = line.rule_name;
  row.querySelector(".forth").textContent = line.a_to_b;
  row.querySelector(".back").textContent = line.b_to_a;
  return row;
}

function zoneRow(zone) {
  const row = copyOf("zone");
  row.querySelector("dt").textContent = zone.rule_name;
  row.querySelector("strong").textContent = zone.inside;
  return row;
}

// The pictures: one after the other, the next one asked for once the last has come, so a slow link is never flooded.

async function watchPictures() {
  for (;;) {
    const began = performance.now();
    const wanted = document.hidden ? [] : [...cards.values()].filter((card) => card.inView && card.picture);
    for (const card of wanted) {
      try {
        await showPicture(card);
      } catch {
        await sleep(PICTURE_MS);
      }
    }
    await sleep(Math.max(20, PICTURE_MS * Math.max(1, wanted.length) - (performance.now() - began)));
  }
}

async function showPicture(card) {
  const image = card.node.querySelector("img");
  const width = Math.min(1280, Math.ceil((card.node.clientWidth * devicePixelRatio) / 160) * 160);
  const path = `v1/channels/${encodeURIComponent(card.id)}/snapshot.jpg?overlay=1&width=${width}`;
  const answer = await ask(path, { headers: card.etag ? { "If-None-Match": card.etag } : {} });
  if (answer.status === 304) return;
  card.etag = answer.headers.get("ETag") || "";
  await showBlob(image, await answer.blob());
  card.node.querySelector(".blank").hidden = true;
}

async function showBlob(image, blob) {
  const before = image.src;
  image.src = URL.createObjectURL(blob);
  image.hidden = false;
  await image.decode().catch(() => {});
  if (before.startsWith("blob:")) URL.revokeObjectURL(before);
}

// The events: the newest ones, then each at the moment it is committed.

let cursor = 0;
let stream = new AbortController();

function restartEvents() {
  cursor = 0;
  byId("events").replaceChildren();
  stream.abort();
}

async function watchEvents() {
  for (;;) {
    stream = new AbortController();
    try {
      if (document.hidden) await new Promise((shown) => addEventListener("visibilitychange", shown, { once: true }));
      if (!cursor) await showNewest();
      await follow();
    } catch {
      await sleep(RETRY_MS);
    }
  }
}

async function showNewest() {
  const events = await (await ask(`v1/json/events?limit=${ROWS}&order=DESC`)).json();
  events.reverse().forEach((event) => showEvent(event, false));
}

async function follow() {
  const headers = { Accept: "text/event-stream" };
  const answer = await ask(`v1/sse/events?sinceId=${cursor}`, { headers, signal: stream.signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const blocks = (text + part.value).split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const line = block.split("\n").find((each) => each.startsWith("data: "));
      if (line) showEvent(JSON.parse(line.slice("data: ".length)), true);
    }
  }
}

function showEvent(event, fresh) {
  cursor = Math.max(cursor, event.event_id);
  const row = copyOf("event");
  row.classList.toggle("fresh", fresh);
  row.querySelector("strong").textContent = window.EVENT_NAMES[event.type] || event.type;
  row.querySelector("span").textContent = describe(event);
  row.querySelector("time").textContent = event.time.slice(11, 19);
  row.querySelector("time").dateTime = event.time_utc;
  row.title = event.time.slice(0, 19).replace("T", " ");
  showThumbnail(row.querySelector("img"), event.snapshot_path);
  const list = byId("events");
  list.prepend(row);
  while (list.childElementCount > ROWS) list.lastElementChild.remove();
  byId("quiet").hidden = true;
}

function describe(event) {
  const way = { a_to_b: "A\u00a0→\u00a0B", b_to_a: "B\u00a0→\u00a0A" }[event.direction];
  const what = event.object_id === "-1" ? "" : event.origin === "Unknown" ? "Object" : event.origin;
  const stayed = event.dwell_seconds === undefined ? "" : `${event.dwell_seconds.toFixed(1)}\u00a0s`;
  const inside = event.count === undefined ? "" : `${event.count} inside`;
  return [what, event.rule_name, way, stayed, inside, event.reason, cards.size > 1 ? event.channel_name : ""].filter(Boolean).join(" · ");
}

async function showThumbnail(image, path) {
  if (!path) return;
  image.onerror = () => { image.hidden = true; };
  if (!token) {
    image.src = path.slice(1);
    image.hidden = false;
    return;
  }
  await ask(path.slice(1)).then((answer) => answer.blob()).then((blob) => showBlob(image, blob)).catch(() => {});
}

byId("access").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  token = byId("token").value.trim();
  sessionStorage.setItem("token", token);
  location.reload();
});
addEventListener("visibilitychange", () => { if (document.hidden) stream.abort(); });

addEventListener("DOMContentLoaded", () => { watchStatus(); });
watchPictures();
watchEvents();
