// What is looked at has an address of its own: #/EXECUTION or #/EXECUTION/ACTION, to be kept and sent to others.
export interface Address { execution: string; action: string }

export function address(execution: string, action = ''): string {
  return `#/${[execution, ...(action ? [action] : [])].map(encodeURIComponent).join('/')}`;
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
