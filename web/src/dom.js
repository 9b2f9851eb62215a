// Small ways to build elements; text always goes in as text, never as markup.
export const byId = (id) => document.getElementById(id);

export function element(name, { text = '', classes = '', ...attributes } = {}, children = []) {
  const made = document.createElement(name);
  if (text !== '') made.textContent = text;
  if (classes) made.className = classes;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// A cell is a text, a node, or {text, classes}.
export const row = (cells) => element('tr', {}, cells.map((cell) => {
  if (cell instanceof Node) return element('td', {}, [cell]);
  return element('td', typeof cell === 'object' ? cell : { text: String(cell) });
}));

// A name that breaks behind its underscores and slashes, never inside a word.
export const breakable = (text, classes = '') => element('span', { classes }, text.split(/(?<=[_/.])/).flatMap((part, index) => (index ? [document.createElement('wbr'), part] : [part])));

// One action, two actions.
export const counted = (number, noun, plural = `${noun}s`) => `${number} ${number === 1 ? noun : plural}`;

// A moment as date and time of day, everywhere in the same order.
const TO_THE_MINUTE = { hour: '2-digit', minute: '2-digit' };
const day = (when) => when.toLocaleDateString('en-CA');
export const moment = (time, parts = TO_THE_MINUTE) => { const when = new Date(time * 1000); return `${day(when)} ${when.toLocaleTimeString('en-GB', parts)}`; };
export const toTheSecond = (time) => moment(time, { ...TO_THE_MINUTE, second: '2-digit' });
// The same without its date, if that is today.
export const ofToday = (time) => { const moment = toTheSecond(time); return moment.startsWith(day(new Date())) ? moment.slice(11) : moment; };

export function seconds(value) {
  if (value === null || value === undefined || value < 0) return '–';
  if (value < 60) return `${value.toFixed(value < 10 ? 1 : 0)} s`;
  const whole = Math.round(value);
  const minutes = Math.floor(whole / 60);
  // 16:42:49 would be read as a time of day.
  return minutes >= 60 ? `${Math.floor(minutes / 60)}h ${minutes % 60}m` : `${minutes}:${String(whole % 60).padStart(2, '0')}`;
}

const TONES = {
  asks: 'warn',
  COMPLETED: 'ok', SUCCEEDED: 'ok', CLOSED: 'ok', FAILED: 'bad', OPEN: 'bad', CANCELLED: 'warn', PARTIALLY_COMPLETED: 'warn',
  RECOVERING: 'warn', CANCELING: 'warn', PAUSED: 'warn', WAITING: 'warn', HALF_OPEN: 'warn', RUNNING: 'run', EXECUTING: 'run', DISPATCHED: 'run', PROCESSING: 'run',
};
export const tone = (status) => TONES[status] ?? '';
export const words = (status) => status.replaceAll('_', ' ').toLowerCase();
export const chip = (status) => element('span', { text: words(status), classes: `chip ${tone(status)}`.trim() });

// Draws only when what is drawn has changed, so that nothing flickers and a selection stays.
export function redrawn(holder, value, draw) {
  const written = JSON.stringify(value);
  if (holder.drawn === written) return;
  holder.drawn = written;
  holder.replaceChildren(...draw(value));
}

// For the libraries that take markup: a text is shown as it is.
export function escaped(text) {
  const holder = document.createElement('span');
  holder.textContent = text ?? '';
  return holder.innerHTML;
}
