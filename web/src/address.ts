// What is looked at has an address of its own, to be kept and sent to others: #/EXECUTION, #/EXECUTION/ACTION,
// #/runs?FILTER and #/runs/compare/A/B.
export interface Address { execution: string; action: string }

// An execution may be called runs, too: its address is written otherwise.
const RUNS = 'runs';
const NAMED_RUNS = '%72uns';

export function address(execution: string, action = ''): string {
  const [name, ...rest] = [execution, ...(action ? [action] : [])].map(encodeURIComponent);
  return `#/${[name === RUNS ? NAMED_RUNS : name, ...rest].join('/')}`;
}

// Empty where the address names nothing, or is none of ours.
export function here(): Address {
  const [empty, execution = '', action = ''] = location.hash.slice(1).split('/');
  try {
    return empty === '' ? { execution: decodeURIComponent(execution), action: decodeURIComponent(action) } : { execution: '', action: '' };
  } catch {
    return { execution: '', action: '' };
  }
}

export function goTo(execution: string, action = ''): void {
  location.hash = address(execution, action);
}

export type RunsAddress = { filter: URLSearchParams; compared: [string, string] | null };

// What of the runs is looked at; null where the address means something else.
export function runsHere(): RunsAddress | null {
  const [path, filter = ''] = location.hash.slice(1).split('?');
  const [, view, what, before, after] = path.split('/');
  if (view !== RUNS) return null;
  try {
    const compared: [string, string] | null = what === 'compare' && before && after ? [decodeURIComponent(before), decodeURIComponent(after)] : null;
    return { filter: new URLSearchParams(filter), compared };
  } catch {
    return { filter: new URLSearchParams(), compared: null };
  }
}

export function goToRuns(filter: URLSearchParams): void {
  const written = String(filter);
  location.hash = `#/${RUNS}${written ? `?${written}` : ''}`;
}

export function compareRuns(before: string, after: string): void {
  location.hash = `#/${RUNS}/compare/${encodeURIComponent(before)}/${encodeURIComponent(after)}`;
}
