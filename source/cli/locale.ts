/**
 * Whether the terminal can be thought to show more than ASCII. As POSIX has it, the first of the three variables that says anything
 * says it all (8.2, Internationalization Variables). Where none does, the standard says ASCII, and htop follows it; but that is what
 * a container or a bare login shell has, in a terminal that shows everything. The Linux console has a font of 512 glyphs at most, and
 * neither the spinner nor the signs of the states are among them.
 */
export function showsUnicode({LC_ALL, LC_CTYPE, LANG, TERM}: Readonly<Record<string, string | undefined>>): boolean {
	if (TERM === 'linux') return false;
	const locale = LC_ALL || LC_CTYPE || LANG;
	return !locale || /utf-?8/i.test(locale);
}
