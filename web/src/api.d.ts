export function get(path: string): Promise<any>;
export function post(path: string, body: unknown): Promise<any>;
