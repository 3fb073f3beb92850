"use strict";

// Updates: how the device stands, and a bundle from this computer. Called by status.js with each new state.

const QUIET = ["idle", "waiting for a restart"];
let uploading = false;
let lastOfDevice = ""; // told once: what the page itself had to say after that is not wiped out by the next state

function showUpdate(update) {
  byId("system").textContent = `System ${update.version}${update.slot ? `, slot ${update.slot}` : ""}`;
  byId("bundle-form").hidden = !update.supported;
  if (uploading && update.phase === "idle") return; // on its way here, not yet there
  const quiet = QUIET.includes(update.phase);
  const said = `${update.phase} ${update.text}`;
  if (!quiet || (update.text && said !== lastOfDevice)) tellUpdate(update.text, quiet ? null : update.percent);
  lastOfDevice = said;
  if (!quiet) byId("update").open = true;
  byId("install").disabled = uploading || !quiet;
}

// A text, and a bar where something goes on.
function tellUpdate(text, percent) {
  byId("update-text").textContent = text;
  byId("update-bar").hidden = percent === null;
  byId("update-bar").value = percent || 0;
}

function upload(file) {
  const request = new XMLHttpRequest(); // fetch does not tell how much has been sent
  request.open("POST", "v1/update?restart=now");
  request.setRequestHeader("Content-Type", "application/octet-stream");
  if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
  request.upload.onprogress = ({ loaded, total }) => tellUpdate(`sending ${file.name}`, (100 * loaded) / total);
  request.onload = () => ended(request);
  request.onerror = () => finish("The upload was broken off. The running system is untouched; begin it again.");
  uploading = true;
  byId("install").disabled = true;
  request.send(file);
}

function ended(request) {
  let answer = {};
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    // no answer of the device itself
  }
  if (request.status === 401) byId("access").hidden = false;
  if (request.status === 200) finish(`${answer.text}. The device restarts now; this page comes back by itself.`);
  else finish(`Not updated: ${answer.detail || `the device answers ${request.status}`}`);
}

function finish(text) {
  uploading = false;
  byId("install").disabled = false;
  tellUpdate(text, null);
}

byId("bundle-form").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  upload(byId("bundle").files[0]);
});
