// Requests to the node. A change carries the token that only this page was given.
const token = document.querySelector('meta[name="orchestrator-token"]').content;

async function answerOf(response) {
  const body = await response.json().catch(() => ({ error: `status ${response.status}` }));
  if (response.status === 401) location.reload(); // the session is over: the node answers with the way in
  if (!response.ok) throw new Error(body.error ?? `status ${response.status}`);
  return body;
}

export async function get(path) {
  return answerOf(await fetch(path, { cache: 'no-store' }));
}

export async function post(path, body) {
  return answerOf(await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-orchestrator-token': token },
    body: JSON.stringify(body),
  }));
}

// Events as they happen, in batches; onLost is called when some were missed and have to be read anew.
export function listen({ onEvents, onLost, onConnection, onRobots, onThings }) {
  const source = new EventSource('/api/stream');
  source.onopen = () => { onConnection('connected'); onLost(); };
  source.onerror = () => onConnection('connection lost, trying again');
  source.onmessage = (message) => onEvents(JSON.parse(message.data));
  source.addEventListener('lost', onLost);
  source.addEventListener('robots', (message) => onRobots(JSON.parse(message.data)));
  source.addEventListener('things', (message) => onThings(JSON.parse(message.data)));
  source.addEventListener('refused', (message) => { source.close(); onConnection(JSON.parse(message.data)); });
}
