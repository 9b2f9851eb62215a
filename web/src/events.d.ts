export function line(event: object): HTMLElement;
