// The page: reads the state, follows the events, and hands each part what it shows.
import { ChosenAction } from './action';
import { Breakpoints } from './breakpoints';
import { editHere, goTo, goToEdit, goToRuns, here } from './address';
import { get, listen, post } from './api.js';
import { byId } from './dom.js';
import { Detail } from './detail.js';
import { EventLog } from './events.js';
import { Overview } from './list.js';
import { FloorMap } from './map';
import { Pictures } from './pictures';
import { Runs } from './runs';
import { Say } from './say';
import { setUpVisitor } from './visitor';

import 'leaflet/dist/leaflet.css';
import 'vis-timeline/styles/vis-timeline-graph2d.min.css';
import './style.css';

const REFRESH = 500; // milliseconds between readings while something runs
const AT_REST = 5000; // milliseconds between readings while nothing runs: no page is older than that
const SOON = 80; // milliseconds that events are gathered before the state is read again
const PAINTED = 30; // milliseconds until what was changed is on the screen
const REREAD = 2000; // milliseconds between two readings of the log when events were missed
const FINAL = new Set(['COMPLETED', 'PARTIALLY_COMPLETED', 'FAILED', 'CANCELLED']);

// What changes the list of runs, of dead letters, or of who did what.
const TURNS = new Set(['EXECUTION_REQUESTED', 'EXECUTION_ACCEPTED', 'EXECUTION_FINISHED', 'DEAD_LETTER_ADDED', 'DEAD_LETTER_CHANGED', 'COMMAND_GIVEN']);

let chosen = '';
let choice = false; // whether a person chose: then it stays, else the newest is followed
let state = null;
let pending = 0;
let reading = false;

function say(text, wrong = false) {
  byId('message').textContent = text;
  byId('message').classList.toggle('wrong', wrong);
}

async function act(verb, body) {
  try {
    const answer = await post(`/api/act/${verb}`, body);
    say(answer.message, !answer.success);
    refreshSoon();
  } catch (failure) {
    say(failure.message, true);
  }
}

const log = new EventLog(say);
const breakpoints = new Breakpoints(act);
const detail = new Detail(act, say, (id) => breakpoints.turn(id), () => refresh());
const map = new FloorMap(say, (words) => command.use(words));
const command = new Say(say, goTo, (rehearsal) => map.showRehearsal(rehearsal));
const action = new ChosenAction(say);
const pictures = new Pictures();
const overview = new Overview(goTo, act);
const runs = new Runs(say, act);

// The editor is a third of the page: it comes when it is opened first.
let editor = null;
async function edit(wanted) {
  try {
    editor ??= import('./editor/editor').then(({ PlanEditor }) => new PlanEditor(say, (plan) => { goTo(chosen); show('executions'); command.check(plan); }));
    await (await editor).show(wanted);
  } catch (failure) {
    editor = null;
    say(`The editor could not be loaded: ${failure.message}`, true);
  }
}

async function refresh() {
  if (reading) { refreshSoon(); return; }
  reading = true;
  try {
    state = await get('/api/state');
    const ids = state.executions.map((execution) => execution.execution_id);
    if (ids.length && !choice) [chosen] = ids;
    overview.draw(state, chosen);
    command.remember(state.executions);
    pictures.offer(state.cameras);
    if (chosen) {
      // What happened last is there at once; the drawing of a large plan takes longer.
      if (log.execution !== chosen) {
        await log.choose(chosen);
        await new Promise((done) => { setTimeout(done, PAINTED); });
      }
      const execution = await get(`/api/executions/${encodeURIComponent(chosen)}?bars_to=${detail.timeline.barsTo(chosen)}`);
      await action.read();
      breakpoints.show(execution);
      map.showTargets(execution.execution_id, execution.targets);
      pictures.draw(execution.execution_id, execution.pictures);
      await detail.draw(execution);
    }
  } catch (failure) {
    say(failure.message, true);
  } finally {
    reading = false;
  }
}

function refreshSoon() {
  pending ||= setTimeout(() => { pending = 0; refresh(); }, SOON);
}

// In a flood some events are always missed: reading them again and again would only add to it.
let lastRead = 0;
let rereading = 0;
function readSoon() {
  rereading ||= setTimeout(() => { rereading = 0; lastRead = Date.now(); log.read(); }, Math.max(0, lastRead + REREAD - Date.now()));
}

// The stop never turns into its own undo: pressed twice, it stops twice. The reset takes two steps.
byId('emergency').addEventListener('click', () => act('emergency_stop', { reason: 'stopped from the web page' }));
byId('safe').addEventListener('change', () => { byId('reset').disabled = !byId('safe').checked; });
byId('reset').addEventListener('click', () => { byId('safe').checked = false; byId('reset').disabled = true; act('reset_emergency_stop', {}); });

// The address says what a person has chosen; without one the newest execution is followed.
function follow() {
  if (runs.follow()) { show('runs'); action.choose('', ''); return; }
  const edited = editHere();
  if (edited) { show('edit'); action.choose('', ''); edit(edited); return; }
  if (!byId('runs-view').hidden || !byId('edit-view').hidden) show('executions');
  const at = here();
  choice = at.execution !== '';
  if (choice) chosen = at.execution;
  action.choose(chosen, at.action);
  breakpoints.choose(at.action);
  refresh();
}
addEventListener('hashchange', follow);

function show(view) {
  if (byId(`${view}-view`).hidden) say(''); // what was said belongs to the view that is left
  byId('say').hidden = view !== 'executions';
  for (const name of ['executions', 'runs', 'edit']) {
    byId(`${name}-view`).hidden = name !== view;
    byId(`show-${name}`).setAttribute('aria-pressed', String(name === view));
  }
}
// The runs and the editor have addresses; to leave them is to go to another one.
const leave = () => { if (runs.shown || !byId('edit-view').hidden) goTo(chosen); };
byId('show-executions').addEventListener('click', () => { leave(); show('executions'); });
byId('show-edit').addEventListener('click', () => goToEdit(new URLSearchParams()));
byId('show-runs').addEventListener('click', () => goToRuns(new URLSearchParams()));
setUpVisitor(say);
byId('run-again').addEventListener('click', () => command.again(chosen));
byId('edit-again').addEventListener('click', () => goToEdit(new URLSearchParams({ run: chosen })));
byId('go-on').addEventListener('click', () => act('go_on', { execution_id: chosen }));

listen({
  onConnection: (words) => { byId('connection').textContent = words; byId('connection').classList.toggle('up', words === 'connected'); },
  onLost: () => { map.read(); readSoon(); refreshSoon(); },
  onRobots: (robots) => map.move(robots),
  onThings: (things) => { map.showThings(things); editor?.then((open) => open.showThings(things)); },
  onEvents: (events) => {
    log.add(events);
    action.add(events);
    if (events.some((event) => TURNS.has(event.type))) runs.refresh();
    refreshSoon();
  },
});
const header = document.querySelector('header');
new ResizeObserver(() => document.documentElement.style.setProperty('--header', `${header.offsetHeight}px`)).observe(header);
let lastDue = 0;
setInterval(() => {
  const running = state?.executions.some((execution) => !FINAL.has(execution.status));
  if (document.hidden || (!running && Date.now() - lastDue < AT_REST)) return;
  lastDue = Date.now();
  refreshSoon();
}, REFRESH);
follow();
