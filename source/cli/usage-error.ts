/** The command line asks for something that cannot be: one line on stderr, exit status 2, nothing started. */
export class UsageError extends Error {
	override name = 'UsageError';
}
