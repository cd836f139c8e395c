/**
 * The script of a thread or a process of ours. It stands beside the file that starts it, and has the same extension, in the source
 * and in the bundle: each of them is an entry point of `scripts/build.mjs`.
 * @param url `import.meta.url` of who starts it
 * @param name without the extension
 */
export const scriptBeside = (url: string, name: string): URL =>
	new URL(`./${name}${url.slice(url.lastIndexOf('.'))}`, url);
