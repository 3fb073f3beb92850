"""What a spreadsheet's web app does: runs its script on a POST, and answers with a one-time address for its result.

The script is the one of docs/google-sheets.md, run by Node where that is installed, over a sheet that works.
"""

import json
import re
import secrets
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

from tests.support.receivers import Received, Receiver, answer

PAGE = Path(__file__).parents[2] / "docs" / "google-sheets.md"
HOST = """
const state = JSON.parse(require("fs").readFileSync(0, "utf8"));
function sheetOf(kept) {
  return {
    getLastColumn: () => (kept.rows[0] || []).length,
    getRange: (row, column, height, width) => ({
      getValues: () => [kept.rows[row - 1].slice(column - 1, column - 1 + width)],
      setValues: (values) => { kept.rows.splice(row - 1, height, ...values); },
    }),
    appendRow: (values) => kept.rows.push(values),
  };
}
const file = {
  getSheets: () => state.sheets.map(sheetOf),
  getSheetByName: (name) => state.sheets.filter((kept) => kept.name === name).map(sheetOf)[0] || null,
  insertSheet: (name) => sheetOf(state.sheets[state.sheets.push({ name, rows: [] }) - 1]),
};
const LockService = { getScriptLock: () => ({ waitLock: () => {}, releaseLock: () => {} }) };
const SpreadsheetApp = { getActiveSpreadsheet: () => file };
const ContentService = {
  MimeType: { JSON: "json" },
  createTextOutput: (text) => ({ text, setMimeType() { return this; } }),
};
SCRIPT
const result = doPost({ postData: { contents: state.body } });
process.stdout.write(JSON.stringify({ sheets: state.sheets, answer: result.text }));
"""


def script() -> str:
    """Return the script as the page shows it."""
    found = re.search(r"```js\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


class Spreadsheet:
    """A web app on two ports, as there are two hosts; `sheets` is what is in the file, by name."""

    def __init__(self, header: list[str]) -> None:
        self.node = shutil.which("node")
        self.sheets: list[dict[str, Any]] = [{"name": "Sheet1", "rows": [header]}]
        self._results: dict[str, str] = {}
        self.app = Receiver(self._execute)
        self.results = Receiver(self._result)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.app.port}/macros/s/AKfycb/exec"

    def rows(self, name: str = "Sheet1") -> list[list[Any]]:
        return next(sheet["rows"] for sheet in self.sheets if sheet["name"] == name)

    def _execute(self, connection: socket.socket, received: Received) -> None:
        assert self.node is not None
        if received.method != "POST":
            answer(405)(connection, received)
            return
        state = json.dumps({"sheets": self.sheets, "body": received.body.decode()})
        program = HOST.replace("SCRIPT", script())
        done = subprocess.run(
            [self.node, "-e", program], input=state, capture_output=True, text=True, timeout=30, check=True
        )
        told = json.loads(done.stdout)
        self.sheets = told["sheets"]
        path = f"/macros/echo?user_content_key={secrets.token_hex(8)}"
        self._results[path] = told["answer"]
        answer(302, Location=f"http://127.0.0.1:{self.results.port}{path}")(connection, received)

    def _result(self, connection: socket.socket, received: Received) -> None:
        text = self._results.pop(received.path, None)
        if received.method != "GET" or text is None:
            answer(405 if received.method != "GET" else 404)(connection, received)
            return
        answer(200, text.encode(), Content_Type="application/json")(connection, received)
