// Keep the page of a training at work up to date: its words, its bar, its curves. The list is read anew now and then.

const EVERY_MS = 3000;
const LIST_EVERY_MS = 10000;

const live = document.querySelector("[data-training]");
const list = document.querySelector("[data-trainings-live]");

async function showCurves(address) {
  const shown = document.querySelector("[data-training-curves]");
  if (!shown || !address || shown.getAttribute("src") === address) return;
  const fresh = new Image(376);
  fresh.src = address;
  fresh.alt = live.dataset.curvesWords;
  fresh.dataset.trainingCurves = "";
  await fresh.decode(); // no flicker: the old curves stay until the new ones are there
  shown.replaceWith(fresh);
}

async function watch() {
  const words = live.querySelector("[data-training-words]");
  const bar = live.querySelector("[data-training-bar]");
  for (;;) {
    await new Promise((wake) => setTimeout(wake, EVERY_MS));
    if (document.hidden) continue;
    let training;
    try {
      const answer = await fetch(live.dataset.src);
      if (answer.redirected || [403, 404].includes(answer.status)) break; // signed out, or the run is gone
      if (!answer.ok) continue; // in a moment, perhaps: something before the site answers while it restarts
      training = await answer.json();
    } catch {
      continue; // the site restarts, or the network is away
    }
    if (training.state !== "running") {
      location.reload(); // its numbers and its report are there now
      break;
    }
    if (words.textContent !== training.words) words.textContent = training.words;
    if (training.share === null) bar.removeAttribute("value");
    else bar.value = training.share;
    await showCurves(training.curves).catch(() => {});
  }
}

async function watchList() {
  let shown = list;
  while (shown) {
    await new Promise((wake) => setTimeout(wake, LIST_EVERY_MS));
    if (document.hidden || shown.contains(document.activeElement)) continue;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) continue;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".training-list");
    if (!fresh) break;
    const next = document.importNode(fresh, true);
    shown.replaceWith(next);
    shown = next.hasAttribute("data-trainings-live") ? next : null;
  }
}

if (live) watch();
if (list) watchList();
