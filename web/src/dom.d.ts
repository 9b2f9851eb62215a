export function byId<T extends HTMLElement = HTMLElement>(id: string): T;
export function element(name: string, attributes?: Record<string, string>, children?: (Node | string)[]): HTMLElement;
export function row(cells: unknown[]): HTMLElement;
export function chip(status: string): HTMLElement;
export function seconds(value: number | null): string;
export function redrawn<T>(holder: Element, value: T, draw: (value: T) => Node[]): void;
export function breakable(text: string, classes?: string): HTMLElement;
export function words(status: string): string;
export function escaped(text: string): string;
