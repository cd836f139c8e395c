export function guessCharset(_bytes: Uint8Array): string { return 'windows-1252'; }
