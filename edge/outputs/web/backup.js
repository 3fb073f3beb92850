"use strict";

// A backup to keep, and one to restore: for those without a command line. Both need a token, whatever else does.

const words = (text) => { byId("backup-said").textContent = text; };

// Every answer that is none says itself what to do.
async function tell(path, options) {
  const answer = await ask(path, options).catch((failed) => failed);
  if (answer instanceof Response) return answer;
  if (answer.status === 401) {
    tokenWanted = true;
    byId("access").hidden = false;
    byId("access").scrollIntoView();
    throw new Error("Enter a token above first, then try again.");
  }
  throw new Error(answer.detail || "The device does not answer; try again.");
}

// Do one thing at a time, and say how it went.
async function doing(text, work) {
  const buttons = document.querySelectorAll("#backup button, #backup input");
  buttons.forEach((each) => { each.disabled = true; });
  words(text);
  try {
    words(await work());
  } catch (failed) {
    words(failed.message);
  }
  buttons.forEach((each) => { each.disabled = false; });
}

function saveBackup() {
  const pictures = byId("with-pictures").checked ? 1 : 0;
  return doing("The backup is being made …", async () => {
    const answer = await tell(`v1/backup?pictures=${pictures}`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = (/filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition")) || [])[1] || "device.backup";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    return `Saved as ${link.download}. It holds passwords: keep it where nobody else reads it.`;
  });
}

function readBackup(file) {
  byId("offer").hidden = true;
  return doing("The backup is being uploaded and checked …", async () => {
    await tell("v1/backup", { method: "HEAD" }); // a token that is missing is asked for before the file is sent
    const options = { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } };
    showOffer(await (await tell("v1/restore", options)).json());
    return "";
  });
}

function showOffer(offer) {
  const made = new Date(offer.time_utc).toLocaleString();
  byId("offer-what").textContent =
    `Backup of ${offer.device_name} of ${made}: settings, ${offer.events} events, ${offer.pictures} pictures.`;
  byId("offer-notes").replaceChildren(...offer.notes.map((note) => {
    const line = document.createElement("p");
    line.textContent = `Note: ${note}.`;
    return line;
  }));
  byId("offer-keep").textContent = offer.keep;
  byId("offer-replace").textContent = offer.replace;
  document.querySelector("#offer [value=keep]").checked = true;
  document.querySelector("#offer-other").hidden = offer.same_device;
  byId("offer").hidden = false;
}

function restoreBackup() {
  const identity = document.querySelector("#offer [name=identity]:checked").value;
  return doing("The restore begins …", async () => {
    await tell(`v1/restore/begin?identity=${identity}`, { method: "POST" });
    byId("offer").hidden = true;
    return "The device restarts as what is in the backup. If it does not do well for a minute, it goes back by itself. "
      + "Its address, and the tokens that it takes, may be others then.";
  });
}

function cancelRestore() {
  return doing("", async () => {
    byId("offer").hidden = true;
    byId("backup-file").value = "";
    await tell("v1/restore/cancel", { method: "POST" });
    return "Nothing was changed.";
  });
}

byId("save-backup").addEventListener("click", saveBackup);
byId("read-backup").addEventListener("click", () => byId("backup-file").click());
byId("backup-file").addEventListener("change", ({ target }) => { if (target.files[0]) readBackup(target.files[0]); });
byId("restore-backup").addEventListener("click", restoreBackup);
byId("cancel-restore").addEventListener("click", cancelRestore);
