// Keep the page of a job at work up to date: its words, its bar, its log. When it has ended the page is read anew.

const EVERY_MS = 1500;

const live = document.querySelector("[data-live-job]");
const log = document.querySelector("[data-job-log]");

function show(job) {
  const words = live.querySelector("[data-job-words]");
  const bar = live.querySelector("[data-job-progress]");
  const state = document.querySelector("[data-job-state]");
  if (words.textContent !== job.message) words.textContent = job.message;
  if (state.textContent !== job.state) state.textContent = job.state;
  if (job.total) {
    bar.max = job.total;
    bar.value = job.done;
  } else bar.removeAttribute("value");
  if (log && job.log && log.textContent !== job.log) {
    const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
    log.textContent = job.log;
    if (atEnd) log.scrollTop = log.scrollHeight; // whoever has scrolled up goes on reading there
  }
}

async function watch() {
  for (;;) {
    await new Promise((wake) => setTimeout(wake, EVERY_MS));
    if (document.hidden) continue;
    let job;
    try {
      const answer = await fetch(live.dataset.src);
      if (answer.redirected || [403, 404].includes(answer.status)) break; // signed out
      if (!answer.ok) continue; // in a moment, perhaps: something before the site answers while it restarts
      job = await answer.json();
    } catch {
      continue; // the site restarts, or the network is away
    }
    show(job);
    if (!job.active) {
      location.reload(); // what came of it is there now
      break;
    }
  }
}

if (live) watch();
