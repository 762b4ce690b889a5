/* global sessionStorage, location, history, URLSearchParams */
/** The page: the grid (or one stream) as motion JPEG, and a table of the streams. No framework, nothing external. */

const POLL_MS = 2000;
const TOKEN_KEY = 'lanecast-token';

const element = (id) => document.getElementById(id);
const picture = element('picture');
const note = element('picture-note');

let token = takeToken();
let shownStream = null;
let pictureRetry;
let retryDelayMs = 1000;

/** The token comes in the address once (?token=), or from the form; it stays in this tab, and out of the address bar. */
function takeToken() {
  const query = new URLSearchParams(location.search);
  const given = query.get('token');
  if (given !== null) {
    sessionStorage.setItem(TOKEN_KEY, given);
    history.replaceState(null, '', location.pathname);
  }
  return given ?? sessionStorage.getItem(TOKEN_KEY);
}

function withToken(path) {
  return token ? `${path}?token=${encodeURIComponent(token)}` : path;
}

async function ask(path) {
  const response = await fetch(path, { headers: token ? { Authorization: `Bearer ${token}` } : {}, cache: 'no-store' });
  if (response.status === 401) {
    showLogin();
    throw new Error('A token is needed');
  }
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

function showLogin() {
  element('login').hidden = false;
  element('content').hidden = true;
  element('login-error').textContent = token ? 'This token is not the right one' : '';
  element('summary').textContent = '';
  stopPicture();
  element('token').focus();
}

element('login').addEventListener('submit', (event) => {
  event.preventDefault();
  token = element('token').value;
  sessionStorage.setItem(TOKEN_KEY, token);
  element('token').value = '';
  void refresh();
});

function startPicture() {
  clearTimeout(pictureRetry);
  const path = shownStream === null ? '/stream' : `/stream/${encodeURIComponent(shownStream)}`;
  picture.src = withToken(path);
  picture.alt =
    shownStream === null
      ? 'Live pictures of all cameras with tracked vehicles and speeds'
      : `Live picture of ${shownStream} with tracked vehicles and speeds`;
}

function stopPicture() {
  clearTimeout(pictureRetry);
  picture.removeAttribute('src');
}

picture.addEventListener('load', () => {
  note.hidden = true;
  retryDelayMs = 1000;
});

picture.addEventListener('error', () => {
  if (!picture.hasAttribute('src')) return;
  note.textContent = 'The picture stream ended; connecting again';
  note.hidden = false;
  pictureRetry = setTimeout(startPicture, retryDelayMs);
  retryDelayMs = Math.min(10_000, 2 * retryDelayMs);
});

function show(streamId) {
  shownStream = streamId;
  startPicture();
  for (const button of element('views').children)
    button.setAttribute('aria-pressed', String((button.dataset.stream ?? null) === streamId));
}

function updateViews(streams) {
  const views = element('views');
  const wanted = [null, ...streams.map(({ id }) => id)];
  if (views.children.length === wanted.length) return;
  views.replaceChildren(
    ...wanted.map((id) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = id ?? 'All';
      if (id !== null) button.dataset.stream = id;
      button.setAttribute('aria-pressed', String(id === shownStream));
      button.addEventListener('click', () => show(id));
      return button;
    }),
  );
}

function cell(text, label, className = '') {
  const td = document.createElement('td');
  td.textContent = text;
  td.dataset.label = label;
  td.className = className;
  return td;
}

function streamRow(stream) {
  const row = document.createElement('tr');
  const name = document.createElement('th');
  name.scope = 'row';
  name.textContent = stream.id;
  const { rates } = stream;
  const size = stream.width > 0 ? `${stream.width} × ${stream.height} ${(stream.codec ?? '').toUpperCase()}` : '';
  row.append(
    name,
    cell(stream.state, 'State', `state ${stream.state}`),
    cell(`${rates.fps.toFixed(1)} fps`, 'Detected', 'number'),
    cell(`${rates.decodedFps.toFixed(1)} fps`, 'Decoded', 'number'),
    cell(`${(100 * rates.dropRate).toFixed(1)} %`, 'Dropped', 'number'),
    cell(`${(rates.bitrateKbps / 1000).toFixed(2)} Mbit/s`, 'Bit rate', 'number'),
    cell(size, 'Picture', 'size'),
    cell(stream.reason?.message ?? '', 'Reason', 'reason bad'),
  );
  return row;
}

function updateStats(streams, stats) {
  const live = streams.filter(({ state }) => state === 'live').length;
  const parts = [`${live} of ${streams.length} live`, `${stats.consumerFps.toFixed(0)} frames/s`];
  const { detector } = stats;
  parts.push(
    detector
      ? `${detector.model} ${detector.precision} on ${detector.executionProvider}, ${stats.stages.endToEnd.p95Ms.toFixed(0)} ms p95`
      : 'detection is off',
  );
  element('summary').textContent = parts.join('  ·  ');
  document.title = live === streams.length ? 'Lanecast' : `(${streams.length - live} down) Lanecast`;
  const notices = element('notices');
  notices.hidden = stats.notices.length === 0;
  notices.replaceChildren(
    ...stats.notices.map((text) => {
      const item = document.createElement('li');
      item.textContent = text;
      return item;
    }),
  );
}

async function refresh() {
  try {
    const [streams, stats] = await Promise.all([ask('/api/streams'), ask('/api/stats')]);
    if (element('content').hidden || !picture.hasAttribute('src')) {
      element('login').hidden = true;
      element('content').hidden = false;
      startPicture();
    }
    updateViews(streams);
    element('streams').replaceChildren(...streams.map(streamRow));
    updateStats(streams, stats);
  } catch {
    if (element('login').hidden) element('summary').textContent = 'The server does not answer; trying again';
  }
}

// Links open in this tab without the token's header: hand it over where the server takes it from the address.
for (const link of document.querySelectorAll('.links a'))
  link.addEventListener('click', () => {
    const path = link.getAttribute('href').split('?')[0];
    if (/^\/(stream|snapshot|api\/tracks)/.test(path)) link.setAttribute('href', withToken(path));
  });

async function poll() {
  if (document.visibilityState === 'visible' && element('login').hidden) await refresh();
  setTimeout(poll, POLL_MS);
}

window.addEventListener('pagehide', stopPicture);
window.addEventListener('pageshow', (event) => {
  if (event.persisted) startPicture();
});
void poll();
