import {sanitize} from './sanitize.ts';

/** An operating system command (ECMA-48, 8.3.89), with the end that the standard names: VTE takes no BEL in its place. */
export const osc = (...parts: ReadonlyArray<string | number>): string =>
	`\u001b]${parts.map(part => sanitize(String(part))).join(';')}\u001b\\`;
