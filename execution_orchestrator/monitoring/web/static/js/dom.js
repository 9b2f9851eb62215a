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

export const row = (cells) => element('tr', {}, cells.map((cell) => (
  cell instanceof Node ? element('td', {}, [cell]) : element('td', typeof cell === 'object' ? cell : { text: String(cell) })
)));

export function seconds(value) {
  if (value === null || value === undefined || value < 0) return '?';
  if (value < 60) return `${value.toFixed(value < 10 ? 1 : 0)} s`;
  const whole = Math.round(value);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
