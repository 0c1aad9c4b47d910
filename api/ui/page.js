
"use strict";

const body = document.querySelector("#jobs tbody");
const message = document.querySelector("#message");
const door = document.querySelector("#door");
const jobs = new Map();  // name -> {job, seen, row, cells, buttons}

function headers() {
  const token = sessionStorage.getItem("token");
  return token ? {Authorization: "Bearer " + token} : {};
}

function say(text) {
  message.textContent = text;
}

function duration(seconds) {
  if (seconds === null || seconds === undefined) return "never in step";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return whole + " s";
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return minutes + " min " + whole % 60 + " s";
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? hours + " h " + minutes % 60 + " min" : Math.floor(hours / 24) + " days";
}

function moment(text) {
  return text ? new Date(text).toLocaleString() : "";
}

function small(cell, text, kind) {
  const line = document.createElement("small");
  line.textContent = text;
  if (kind) line.className = kind;
  cell.append(line);
}

function fill(cell, text, ...lines) {
  cell.textContent = text;
  for (const line of lines) if (line) small(cell, line);
}

function button(cell, word, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = word;
  made.addEventListener("click", action);
  cell.append(made);
  return made;
}

async function order(name, method, path, content) {
  const wish = {method, headers: headers()};
  if (content) {
    wish.headers["Content-Type"] = "application/json";
    wish.body = JSON.stringify(content);
  }
  try {
    const answer = await fetch("v1/jobs/" + encodeURIComponent(name) + path, wish);
    if (answer.ok) return say(name + ": done.");
    const problem = await answer.json();
    say(name + ": " + problem.detail);
    if (answer.status === 401) ask();
  } catch (error) {
    say(name + ": the daemon does not answer.");
  }
}

function rowOf(name) {
  const row = document.createElement("tr");
  const cells = Array.from({length: 7}, () => row.insertCell());
  cells[4].className = "number";
  const buttons = {
    toggle: button(cells[6], "", () => {
      const paused = jobs.get(name).job.state === "paused" || jobs.get(name).job.state === "failed";
      order(name, "PUT", paused ? "/resume" : "/pause");
    }),
    run: button(cells[6], "Run", () => order(name, "POST", "/runs", {type: "sync"})),
  };
  buttons.run.setAttribute("aria-label", "Run " + name + " now");
  const later = [...jobs.keys()].filter((other) => other > name).sort()[0];
  body.insertBefore(row, later === undefined ? null : jobs.get(later).row);
  return {row, cells, buttons};
}

function showRun(cell, run) {
  if (!run) return fill(cell, "none yet");
  const speed = run.progress ? run.progress.rows_per_second + " rows/s" : "";
  fill(cell, run.type + " " + run.run_seq + ": " + run.state,
       moment(run.finished_at || run.started_at), speed);
  if (run.rows_rejected) small(cell, run.rows_rejected + " rows rejected", "error");
  if (run.error && run.state !== "succeeded") small(cell, run.error, "error");
}

function showJob(job) {
  const known = jobs.get(job.name);
  const entry = known || rowOf(job.name);
  entry.job = job;
  entry.seen = Date.now();
  jobs.set(job.name, entry);
  const [name, state, , lastRun, written, next] = entry.cells;
  fill(name, job.name, job.source + " \u2192 " + job.sink, job.schedule);
  fill(state, job.state.replace("_", " "));
  state.className = job.state;
  if (job.last_error) small(state, job.last_error, "error");
  showRun(lastRun, job.last_run);
  fill(written, job.totals.rows_written.toLocaleString());
  fill(next, moment(job.next_run_at));
  const word = job.state === "paused" || job.state === "failed" ? "Resume" : "Pause";
  entry.buttons.toggle.textContent = word;
  entry.buttons.toggle.setAttribute("aria-label", word + " " + job.name);
  showLag(entry);
}

function showLag(entry) {
  const lag = entry.job.lag_seconds;
  const passed = (Date.now() - entry.seen) / 1000;
  fill(entry.cells[2], duration(lag === null ? null : lag + passed));
}

function showEvent(text) {
  let kind = "";
  let data = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("event: ")) kind = line.slice(7);
    if (line.startsWith("data: ")) data += line.slice(6);
  }
  if (kind === "job") showJob(JSON.parse(data));
  if (kind === "gone") {
    const gone = JSON.parse(data).name;
    jobs.get(gone)?.row.remove();
    jobs.delete(gone);
  }
  if (kind === "run") {
    const run = JSON.parse(data);
    const entry = jobs.get(run.job);
    if (entry && (!entry.job.last_run || run.id >= entry.job.last_run.id)) {
      entry.job.last_run = run;
      showRun(entry.cells[3], run);
    }
  }
}

async function readEvents(stream) {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let pending = "";
  for (;;) {
    const {done, value} = await reader.read();
    if (done) return;
    pending += decoder.decode(value, {stream: true});
    const events = pending.split("\n\n");
    pending = events.pop();
    events.forEach(showEvent);
  }
}

function ask() {
  sessionStorage.removeItem("token");
  door.hidden = false;
  document.querySelector("#token").focus();
}

async function listen() {
  try {
    const answer = await fetch("v1/events", {headers: headers(), cache: "no-store"});
    if (answer.status === 401) {
      say("A token is needed.");
      return ask();
    }
    if (!answer.ok) throw new Error((await answer.json()).detail);
    door.hidden = true;
    // Links carry no token.
    for (const link of document.querySelectorAll("footer .data")) {
      link.hidden = sessionStorage.getItem("token") !== null;
    }
    jobs.clear();
    body.replaceChildren();
    say("Up to date.");
    await readEvents(answer.body);
    say("The daemon ended the connection; trying again.");
  } catch (error) {
    say("The daemon cannot be asked (" + error.message + "); trying again.");
  }
  setTimeout(listen, 2000);
}

door.addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("token", document.querySelector("#token").value.trim());
  document.querySelector("#token").value = "";
  listen();
});

setInterval(() => jobs.forEach(showLag), 1000);
listen();
