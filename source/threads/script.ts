/**
 * A script that a thread or a process is started with: beside the code that starts it there is one of the same extension, in the source
 * and in the bundle.
 * @param url of the code, `import.meta.url`
 */
export function scriptBeside(url: string, name: string): URL {
	return new URL(`./${name}${url.slice(url.lastIndexOf('.'))}`, url);
}
