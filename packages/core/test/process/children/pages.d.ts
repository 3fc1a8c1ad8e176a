export function bodyOf(key: string, version: number, size: number): Buffer;
export function versionIn(bytes: Uint8Array, key: string, size: number): number;
export const html: { readonly 'content-type': string };
export function get(target: string): { method: string; target: string; headers: Record<string, string> };
export function turn(): Promise<void>;
