type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variable by which the terminal cannot be thought to show more than ASCII, if there is one. As POSIX has it, the first of the three
 * that says anything says it all (8.2, Internationalization Variables). Where none does, the standard says ASCII, and htop follows it;
 * but that is what a container or a bare login shell has, in a terminal that shows everything. The Linux console has a font of 512 glyphs
 * at most, and neither the spinner nor the signs of the states are among them.
 */
export function whyAscii(env: Environment): string | undefined {
	if (env.TERM === 'linux') return 'TERM';
	const telling = ['LC_ALL', 'LC_CTYPE', 'LANG'].find(name => env[name]);
	return telling === undefined || /utf-?8/i.test(env[telling] ?? '') ? undefined : telling;
}

/** The variable that says that there shall be no color (no-color.org: what a user says to the program itself comes first). */
export function whyColorless({NO_COLOR, TERM}: Environment): string | undefined {
	if (NO_COLOR) return 'NO_COLOR';
	return TERM === 'dumb' ? 'TERM' : undefined;
}
