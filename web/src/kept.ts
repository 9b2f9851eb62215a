// What this browser tab keeps until it is closed. A browser may forbid that, or have too little room for it; then it is
// forgotten sooner.
export function kept(name: string): string {
  try { return sessionStorage.getItem(name) ?? ''; } catch { return ''; }
}

export function keep(name: string, value: string): void {
  // What is there is older than what there was no room for.
  try { sessionStorage.setItem(name, value); } catch { forget(name); }
}

function forget(name: string): void {
  try { sessionStorage.removeItem(name); } catch { /* forbidden */ }
}
