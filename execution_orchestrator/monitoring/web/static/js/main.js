// The page: reads the state, follows the events, and hands each part what it shows.
import { get, listen, post } from './api.js';
import { byId, element, row, seconds } from './dom.js';
import { EventLog } from './events.js';
import { PlanGraph } from './graph.js';
import { ResourceTimeline } from './timeline.js';
import { setUpValidation } from './validate.js';

const REFRESH = 500; // milliseconds between readings while something runs
const FINAL = new Set(['COMPLETED', 'PARTIALLY_COMPLETED', 'FAILED', 'CANCELLED']);

let chosen = '';
let state = null;
let pending = 0;
const log = new EventLog();
const timeline = new ResourceTimeline(byId('timeline'));
const graph = new PlanGraph(byId('graph'));
const say = (text) => { byId('message').textContent = text; };

async function refresh() {
  try {
    state = await get('/api/state');
    if (!chosen && state.executions.length) await choose(state.executions[0].execution_id);
    drawList();
    if (chosen) drawDetail(await get(`/api/executions/${encodeURIComponent(chosen)}`));
  } catch (failure) {
    say(failure.message);
  }
}

function refreshSoon() {
  if (pending) return;
  pending = setTimeout(async () => { pending = 0; await refresh(); }, 100);
}

async function choose(executionId) {
  chosen = executionId;
  const { events } = await get(`/api/executions/${encodeURIComponent(executionId)}/events`);
  log.reset(events);
}

function drawList() {
  const banner = byId('banner');
  banner.hidden = !state.emergency_stopped;
  banner.textContent = state.emergency_stopped ? `Emergency stop: ${state.emergency_reason}` : '';
  byId('emergency').textContent = state.emergency_stopped ? 'Reset the emergency stop' : 'Emergency stop';
  const focused = document.activeElement?.dataset?.execution;
  byId('executions').replaceChildren(...state.executions.map((execution) => {
    const button = element('button', { type: 'button', 'data-execution': execution.execution_id, 'aria-current': String(execution.execution_id === chosen) }, [
      element('span', { text: execution.command || execution.execution_id }),
      element('span', { text: `${execution.status} ${execution.percentage.toFixed(0)}%`, classes: `status ${execution.status}` }),
      element('progress', { max: '100', value: String(execution.percentage), 'aria-label': 'progress' }),
      element('small', { text: execution.reason }),
    ]);
    button.addEventListener('click', async () => { await choose(execution.execution_id); await refresh(); });
    return element('li', {}, [button]);
  }));
  if (focused) document.querySelector(`[data-execution="${CSS.escape(focused)}"]`)?.focus();
  byId('resources').tBodies[0].replaceChildren(...state.resources.map((resource) => row([
    resource.resource, `${resource.available} of ${resource.capacity}`, resource.holders.join(', ') || '-',
  ])));
  byId('alerts').replaceChildren(...(state.alerts.length ? state.alerts.map((alert) => element('li', { text: alert.message, classes: alert.severity })) : [element('li', { text: 'none' })]));
}

function drawDetail(execution) {
  byId('detail-title').textContent = execution.command || execution.execution_id;
  const status = byId('detail-status');
  const left = FINAL.has(execution.status) ? `took ${seconds(execution.elapsed)}` : `about ${seconds(execution.estimated_remaining)} left`;
  status.replaceChildren(element('span', { text: execution.status, classes: `status ${execution.status}` }), ` ${execution.reason} — ${left}`);
  byId('detail-progress').hidden = false;
  byId('detail-progress').value = execution.percentage;
  byId('controls').hidden = FINAL.has(execution.status);
  timeline.show(execution.execution_id, execution.bars, execution.now);
  graph.show(execution.graph);
  byId('actions').tBodies[0].replaceChildren(...execution.actions.map((action) => row([
    action.action_id, action.action_type, { text: action.status, classes: `status ${action.status}` }, action.attempt || '-', action.reason,
  ])));
}

async function act(verb, body) {
  try {
    const answer = await post(`/api/act/${verb}`, body);
    say(answer.message || (answer.success ? `${verb}: done` : `${verb}: refused`));
    refreshSoon();
  } catch (failure) {
    say(failure.message);
  }
}

byId('controls').addEventListener('click', (click) => {
  const { verb, approve } = click.target.dataset;
  if (verb) act(verb, { execution_id: chosen, ...(approve ? { approve: approve === 'true' } : {}) });
});
byId('emergency').addEventListener('click', () => act(state?.emergency_stopped ? 'reset_emergency_stop' : 'emergency_stop', { reason: 'stopped from the web page' }));

function show(view) {
  for (const name of ['executions', 'validate']) {
    byId(`${name}-view`).hidden = name !== view;
    byId(`show-${name}`).setAttribute('aria-pressed', String(name === view));
  }
}
byId('show-executions').addEventListener('click', () => show('executions'));
byId('show-validate').addEventListener('click', () => show('validate'));
setUpValidation(say);

listen({
  onConnection: (up) => { byId('connection').textContent = up ? 'connected' : 'connection lost, trying again'; },
  onLost: refreshSoon,
  onEvent: (event) => { if (event.execution_id === chosen) log.add(event); refreshSoon(); },
});
setInterval(() => { if (state?.executions.some((execution) => !FINAL.has(execution.status))) refreshSoon(); }, REFRESH);
refresh();
