// Keep the strip that tells of the current job up to date, and what the page shows of its outcome ([data-live]).

const EVERY_MS = 2000;
const REFRESH_MS = 8000;

const strip = document.querySelector("[data-job-strip]");

async function refreshPage() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [now, then] = [fresh.querySelector("[data-live]"), document.querySelector("[data-live]")];
  // Never under the reader's hands: not while something in it has the focus or a filter is unfolded.
  if (now && then && !then.contains(document.activeElement) && !then.querySelector("details[open]")) {
    then.replaceWith(document.importNode(now, true));
  }
}

async function watch() {
  const message = strip.querySelector("[data-job-message]");
  const bar = strip.querySelector("[data-job-bar]");
  let refreshed = { at: Date.now(), id: 0, done: -1 };
  for (;;) {
    await new Promise((wake) => setTimeout(wake, EVERY_MS));
    if (document.hidden) continue;
    let job;
    try {
      job = (await (await fetch(strip.dataset.src)).json()).job;
    } catch {
      continue; // the site restarts, or the network is away
    }
    if (!job) break;
    if (message.textContent !== job.message) message.textContent = job.message;
    if (job.total) {
      bar.max = job.total;
      bar.value = job.done;
    }
    const changed = job.id !== refreshed.id || job.done !== refreshed.done;
    if (changed && (!job.active || Date.now() - refreshed.at > REFRESH_MS)) {
      refreshed = { at: Date.now(), id: job.id, done: job.done };
      await refreshPage().catch(() => {});
    }
    if (!job.active) {
      strip.dataset.state = job.state;
      break;
    }
  }
}

if (strip) watch();
