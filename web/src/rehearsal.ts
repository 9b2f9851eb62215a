// What would happen if a plan ran now: asked of the node, which runs it with the simulated robot.
import { post } from './api.js';

interface Failure { message: string; code: string }
interface Action { action: string; status: string; start: number | null; duration: number | null; supposed: boolean; error: Failure | null }
interface Collision { time: number; x: number; y: number }
interface Recovery { action: string; strategy: string; error: string; reason: string }
export interface Rehearsal {
  would_succeed: boolean; actions: Action[]; collisions: Collision[]; recoveries: Recovery[]; unknown: string[]; trajectories: Record<string, number[][]>;
}
interface Answer { rehearsal: Rehearsal | null; message: string }

// Fills the holder while and after the plan is rehearsed; null: it came to no result.
export async function rehearse(holder: HTMLElement, wanted: object, stillWanted: () => boolean): Promise<Rehearsal | null> {
  holder.hidden = false;
  holder.replaceChildren(made('p', 'Rehearsing: the plan runs with the simulated robot; the real one stays where it is.', 'soft'));
  try {
    const answer = await post('/api/rehearse', wanted) as Answer;
    if (!stillWanted()) return null;
    show(holder, answer);
    return answer.rehearsal;
  } catch (failure) {
    if (stillWanted()) holder.replaceChildren(made('p', (failure as Error).message, 'bad'));
    return null;
  }
}

function show(holder: HTMLElement, { rehearsal, message }: Answer): void {
  const verdict = made('p', `${message[0].toUpperCase()}${message.slice(1)}.`.replace(/\.\.$/, '.'), rehearsal?.would_succeed ? 'ok' : 'bad');
  if (!rehearsal) { holder.replaceChildren(verdict); return; }
  const table = made('table', '', 'rehearsed');
  const head = made('tr');
  head.append(...['action', 'begins', 'takes', 'would end'].map((name) => made('th', name)));
  table.append(head, ...rehearsal.actions.map(line));
  const wide = made('div', '', 'scroll');
  wide.tabIndex = 0;
  wide.setAttribute('role', 'group');
  wide.setAttribute('aria-label', 'Actions of the rehearsal');
  wide.append(table);
  const told = made('ul');
  told.append(
    ...rehearsal.collisions.map((one) => made('li', `The base would touch something at ${one.x.toFixed(2)}, ${one.y.toFixed(2)} after ${seconds(one.time)}.`, 'bad')),
    ...rehearsal.recoveries.map((one) => made('li', `${one.action} would recover with ${one.strategy.replaceAll('_', ' ')} from ${one.error}: ${one.reason}`)),
  );
  const open = made('details');
  const list = made('ul');
  list.append(...rehearsal.unknown.map((what) => made('li', what)));
  open.append(made('summary', `What a rehearsal cannot know (${rehearsal.unknown.length})`), list);
  holder.replaceChildren(verdict, wide, ...(told.childElementCount ? [told] : []), open);
}

function line(one: Action): HTMLElement {
  const cells = [one.action, seconds(one.start), seconds(one.duration), `${one.status.replaceAll('_', ' ').toLowerCase()}${one.supposed ? ' (supposed)' : ''}${one.error ? `: ${one.error.message}` : ''}`];
  const row = made('tr', '', one.error ? 'bad' : '');
  row.append(...cells.map((text) => made('td', text)));
  return row;
}

const seconds = (value: number | null): string => (value === null ? '–' : `${value.toFixed(1)} s`);

function made(name: string, text = '', classes = ''): HTMLElement {
  const one = document.createElement(name);
  if (text) one.textContent = text;
  if (classes) one.className = classes;
  if (name === 'th') one.setAttribute('scope', 'col');
  return one;
}
