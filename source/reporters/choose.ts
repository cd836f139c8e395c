/** Where the person watches the run. `why` says what decided it. */
export type Choice = {
	screen: 'dashboard' | 'plain' | 'quiet';
	/** Where the screen is: stdout, stderr when stdout carries data, or the controlling terminal when it is redirected. */
	on: 'stdout' | 'stderr' | 'terminal';
	why: string;
};

export type Situation = {
	stdoutIsTerminal: boolean;
	env: Readonly<Record<string, string | undefined>>;
	options: {json: boolean; events?: string; output?: string; plain: boolean; quiet: boolean; dashboard: boolean};
};

/** The dashboard where a person can see it, log lines where a program reads. Pure: the first rule that applies decides. */
export function chooseScreen({stdoutIsTerminal, env, options}: Situation): Choice {
	const data = options.json || options.events === '-' || options.output === '-';
	const text = data ? 'stderr' : 'stdout';
	if (options.dashboard && !(stdoutIsTerminal && !data))
		return {screen: 'dashboard', on: 'terminal', why: '--dashboard'};
	if (options.dashboard) return {screen: 'dashboard', on: 'stdout', why: '--dashboard'};
	if (options.quiet) return {screen: 'quiet', on: text, why: '--quiet'};
	// Records and lines of the same tasks side by side would say everything twice.
	if (options.json || options.events === '-') return {screen: 'quiet', on: text, why: 'stdout carries records'};
	if (options.output === '-') return {screen: 'plain', on: text, why: 'stdout carries the body'};
	if (options.plain) return {screen: 'plain', on: text, why: '--plain'};
	if (!stdoutIsTerminal) return {screen: 'plain', on: text, why: 'stdout is no terminal'};
	if (isSet(env.CI)) return {screen: 'plain', on: text, why: 'CI is set'};
	if (env.TERM === 'dumb') return {screen: 'plain', on: text, why: 'TERM=dumb'};
	return {screen: 'dashboard', on: 'stdout', why: 'stdout is a terminal'};
}

const isSet = (value: string | undefined): boolean =>
	value !== undefined && value !== '' && value !== '0' && value !== 'false';
