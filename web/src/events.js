// The event log: the newest ones of one execution or of everything, filtered by level, type and words.
import { get } from './api.js';
import { breakable, byId, element, ofToday, row } from './dom.js';
import { Rows } from './rows';

const KEPT = 5000; // in memory
const PAGE = 1000; // read at once

export class EventLog {
  constructor(say) {
    this.say = say;
    this.execution = '';
    this.events = [];
    this.types = new Set();
    this.reading = 0;
    this.form = byId('event-filter');
    this.rows = new Rows(byId('events-scroll'), byId('events'), cells);
    this.matching = [];
    this.form.addEventListener('input', (input) => { if (input.target.name === 'scope') this.read(); else this.redraw(); });
    this.form.addEventListener('submit', (submit) => submit.preventDefault());
    byId('older').addEventListener('click', () => this.readOlder());
  }

  get scope() { return this.form.elements.scope.value === 'all' ? '' : this.execution; }

  async choose(execution) {
    this.execution = execution;
    await this.read();
  }

  async page(before) {
    return (await get(`/api/events?execution=${encodeURIComponent(this.scope)}&before=${before}&limit=${PAGE}`)).events;
  }

  async read() {
    this.reading += 1;
    const mine = this.reading;
    this.events = [];
    try {
      const found = await this.page(0);
      if (mine !== this.reading) return;
      const last = found.at(-1)?.sequence ?? 0;
      this.events = [...found, ...this.events.filter((event) => event.sequence > last)];
    } catch (failure) {
      this.say(failure.message, true);
    }
    this.redraw();
  }

  async readOlder() {
    const oldest = this.events[0]?.sequence;
    if (!oldest) return;
    const mine = this.reading;
    const found = await this.page(oldest).catch((failure) => { this.say(failure.message, true); return []; });
    if (mine !== this.reading) return;
    byId('older').disabled = found.length < PAGE;
    // Looking back takes the place of the newest ones, so that the memory stays what it is.
    this.events = [...found, ...this.events].slice(0, KEPT);
    this.redraw();
  }

  add(events) {
    const last = this.events.at(-1)?.sequence ?? 0;
    const fresh = events.filter((event) => event.sequence > last && (!this.scope || event.execution_id === this.scope));
    if (!fresh.length) return;
    this.events.push(...fresh);
    if (this.events.length > KEPT) this.events.splice(0, this.events.length - KEPT);
    const gone = this.events[0].sequence;
    this.show([...this.matching.filter((event) => event.sequence >= gone), ...fresh.filter(this.filter())]);
  }

  filter() {
    const { level, type, words } = this.form.elements;
    const least = Number(level.value);
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    return (event) => {
      if (event.level < least || (type.value && event.type !== type.value)) return false;
      if (!wanted.length) return true;
      const text = `${event.type} ${event.action_id} ${event.execution_id} ${event.description} ${JSON.stringify(event.data)}`.toLowerCase();
      return wanted.every((word) => text.includes(word));
    };
  }

  redraw() {
    this.show(this.events.filter(this.filter()));
  }

  // The newest is on top.
  show(matching) {
    this.matching = matching;
    const at = (index) => matching[matching.length - 1 - index];
    this.rows.show({ count: matching.length, at, key: (index) => at(index).sequence });
    byId('events-count').textContent = `${matching.length} of the ${this.events.length} that are loaded`;
    const known = this.types.size;
    for (const event of this.events.slice(-PAGE)) this.types.add(event.type);
    if (this.types.size === known) return;
    const select = this.form.elements.type;
    const chosen = select.value;
    select.replaceChildren(element('option', { value: '', text: 'all' }), ...[...this.types].sort().map((type) => element('option', { value: type, text: type })));
    select.value = chosen;
  }
}

// What every event has is in the row already.
function own({ type, time, execution_id: execution, key, attempt, ...data }) { return data; }

export const line = (event) => row(cells(event));

function cells(event) {
  const data = own(event.data);
  const details = Object.keys(data).length
    ? element('details', {}, [element('summary', { text: event.description }), element('pre', { text: JSON.stringify(data, null, 1) })])
    : element('span', { text: event.description });
  return [
    { text: `${ofToday(event.time)}.${String(Math.floor(1000 * event.time) % 1000).padStart(3, '0')}`, classes: 'time' },
    { text: event.type, classes: `type ${event.level >= 3 ? 'error' : event.level === 2 ? 'warning' : ''}` },
    breakable(event.action_id), details,
  ];
}
