// What would happen if a plan ran now: asked of the node, which runs it with the simulated robot.
import { post } from './api.js';
import { element, row, words } from './dom.js';

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
  holder.replaceChildren(element('p', { text: 'Rehearsing: the plan runs with the simulated robot; the real one stays where it is.', classes: 'soft' }));
  try {
    const answer = await post('/api/rehearse', wanted) as Answer;
    if (!stillWanted()) return null;
    show(holder, answer);
    return answer.rehearsal;
  } catch (failure) {
    if (stillWanted()) holder.replaceChildren(element('p', { text: (failure as Error).message, classes: 'bad' }));
    return null;
  }
}

function show(holder: HTMLElement, { rehearsal, message }: Answer): void {
  const verdict = element('p', { text: `${message[0].toUpperCase()}${message.slice(1)}.`.replace(/\.\.$/, '.'), classes: rehearsal?.would_succeed ? 'ok' : 'bad' });
  if (!rehearsal) { holder.replaceChildren(verdict); return; }
  const head = element('tr', {}, ['action', 'begins', 'takes', 'would end'].map((text) => element('th', { text, scope: 'col' })));
  const table = element('table', { classes: 'rehearsed' }, [head, ...rehearsal.actions.map(line)]);
  const wide = element('div', { classes: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Actions of the rehearsal' }, [table]);
  const findings = element('ul', {}, [
    ...rehearsal.collisions.map((one) => element('li', { text: `The base would touch something at ${one.x.toFixed(2)}, ${one.y.toFixed(2)} after ${seconds(one.time)}.`, classes: 'bad' })),
    ...rehearsal.recoveries.map((one) => element('li', { text: `${one.action} would recover with ${one.strategy.replaceAll('_', ' ')} from ${one.error}: ${one.reason}` })),
  ]);
  const open = element('details', {}, [
    element('summary', { text: `What a rehearsal cannot know (${rehearsal.unknown.length})` }),
    element('ul', {}, rehearsal.unknown.map((text) => element('li', { text }))),
  ]);
  holder.replaceChildren(verdict, wide, ...(findings.childElementCount ? [findings] : []), open);
}

function line(one: Action): HTMLElement {
  const end = `${words(one.status)}${one.supposed ? ' (supposed)' : ''}${one.error ? `: ${one.error.message}` : ''}`;
  const made = row([one.action, seconds(one.start), seconds(one.duration), end]);
  if (one.error) made.className = 'bad';
  return made;
}

const seconds = (value: number | null): string => (value === null ? '–' : `${value.toFixed(1)} s`);
