import {copying} from './clipboard.ts';
import {launch} from './launch.ts';
import {openerOf, savedFile} from './opener.ts';

/** Copies a text into the clipboard of whoever sits at the terminal. @returns a sentence if that cannot be */
export async function copyText(text: string, write: (sequence: string) => void): Promise<string | undefined> {
	const how = copying(text, process.env);
	if (typeof how === 'string') return how;
	if ('run' in how) return launch(how.run, how.input);
	write(how.write);
	return undefined;
}

/** Opens a saved file, by its path in the folder, with the program that the desktop has for it. @returns a sentence if that cannot be */
export async function openFile(folder: string, path: string): Promise<string | undefined> {
	try {
		const opener = openerOf(await savedFile(folder, path), process);
		return typeof opener === 'string' ? opener : await launch(opener);
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}
