import {errorCode} from '../engine/failure.ts';

/** The command line asks for something that cannot be: one line on stderr, exit status 2, nothing started. */
export class UsageError extends Error {
	override name = 'UsageError';
}

const reasons: Readonly<Record<string, string>> = {
	ENOENT: 'no such file',
	EACCES: 'permission denied',
	EISDIR: 'it is a folder',
};

/** That a file named on the command line cannot be read. */
export function unreadable(what: string, file: string, error: unknown): UsageError {
	const code = errorCode(error) ?? '';
	const reason = reasons[code] ?? (code || (error instanceof Error ? error.message : String(error)));
	return new UsageError(`cannot read the ${what} ${JSON.stringify(file)}: ${reason}`);
}
