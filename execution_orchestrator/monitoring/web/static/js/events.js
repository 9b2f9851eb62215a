// The event log: the newest ones, filtered by level and words.
import { byId, row } from './dom.js';

const KEPT = 5000;
const SHOWN = 300;

export class EventLog {
  constructor() {
    this.events = [];
    this.form = byId('event-filter');
    this.form.addEventListener('input', () => this.draw());
    this.form.addEventListener('submit', (submit) => submit.preventDefault());
  }

  reset(events) {
    this.events = events.slice(-KEPT);
    this.draw();
  }

  add(event) {
    if (this.events.length && event.sequence <= this.events.at(-1).sequence) return;
    this.events.push(event);
    if (this.events.length > KEPT) this.events.splice(0, this.events.length - KEPT);
    this.drawSoon();
  }

  get last() { return this.events.at(-1)?.sequence ?? 0; }

  drawSoon() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => { this.pending = 0; this.draw(); });
  }

  draw() {
    const level = Number(this.form.elements.level.value);
    const words = this.form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = (event) => {
      if (event.level < level) return false;
      const text = `${event.type} ${event.action_id} ${event.description}`.toLowerCase();
      return words.every((word) => text.includes(word));
    };
    const shown = [];
    for (let i = this.events.length - 1; i >= 0 && shown.length < SHOWN; i -= 1) if (matches(this.events[i])) shown.push(this.events[i]);
    byId('events').tBodies[0].replaceChildren(...shown.map((event) => row([
      new Date(event.time * 1000).toLocaleTimeString(undefined, { hour12: false }),
      { text: event.type, classes: event.level >= 3 ? 'error' : event.level === 2 ? 'warning' : '' },
      event.action_id, event.description,
    ])));
  }
}
