// What is looked at has an address of its own, to be kept and sent to others: #/EXECUTION, #/EXECUTION/ACTION,
// #/runs?FILTER, #/runs/compare/A/B, #/edit, #/edit?plan=NAME and #/edit?run=EXECUTION.
export interface Address { execution: string; action: string }

// An execution may be called runs or edit, too: its address is written otherwise.
const RUNS = 'runs';
const EDIT = 'edit';
const OTHERWISE: Record<string, string> = { [RUNS]: '%72uns', [EDIT]: '%65dit' };

export function address(execution: string, action = ''): string {
  const [name, ...rest] = [execution, ...(action ? [action] : [])].map(encodeURIComponent);
  return `#/${[OTHERWISE[name] ?? name, ...rest].join('/')}`;
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

// What is edited; null where the address means something else.
export function editHere(): URLSearchParams | null {
  const [path, what = ''] = location.hash.slice(1).split('?');
  return path === `/${EDIT}` ? new URLSearchParams(what) : null;
}

const editAddress = (what: string): string => `#/${EDIT}${what ? `?${what}` : ''}`;

export function goToEdit(what: URLSearchParams): void {
  location.hash = editAddress(String(what));
}

// The address follows what is open, without a step back of its own.
export function replaceEdit(what: string): void {
  history.replaceState(null, '', editAddress(what));
}
