import {realpath} from 'node:fs/promises';
import path from 'node:path';
import {errorCode, reasonOf} from '../../engine/failure.ts';
import {sanitize} from '../../format/sanitize.ts';
import type {Program} from './launch.ts';

export type Situation = {platform: NodeJS.Platform; env: Readonly<Record<string, string | undefined>>};

/** Names of what the desktop would run instead of showing it. It has just come from a stranger. */
const programs =
	/\.(appimage|application|bat|cmd|com|command|cpl|desktop|exe|gadget|hta|inf|jar|jnlp|jse?|lnk|msc|msi|msp|pif|ps1|reg|scf|scr|sh|terminal|tool|url|vbe?|vbs|webloc|workflow|wsf|wsh)$/i;

/** What opens a file with the program that the desktop has for it; a sentence if nothing here can. */
export function openerOf(file: string, {platform, env}: Situation): Program | string {
	if (programs.test(file.trimEnd())) return `not opened, it may be a program: ${sanitize(file)}`;
	const isRemote = Boolean(env.SSH_CONNECTION || env.SSH_TTY);
	switch (platform) {
		case 'darwin':
			return isRemote ? tooFar(file) : {command: 'open', args: [file]};
		case 'win32':
			return isRemote ? tooFar(file) : {command: 'explorer.exe', args: [file]};
		default:
			// Without a display, xdg-open starts a browser in this very terminal.
			if (env.DISPLAY || env.WAYLAND_DISPLAY) return {command: 'xdg-open', args: [file]};
			return isRemote ? tooFar(file) : `there is no display to open it on: ${sanitize(file)}`;
	}
}

const tooFar = (file: string): string => `not opened, it is on the other side of ssh: ${sanitize(file)}`;

/** The file at a path relative to `dir`. Rejects with a sentence if it is not there, or leads out of the folder. */
export async function savedFile(dir: string, name: string): Promise<string> {
	try {
		const folder = await realpath(dir);
		const file = await realpath(path.join(folder, name));
		if (file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep)) return file;
	} catch (error) {
		throw new Error(errorCode(error) === 'ENOENT' ? 'the file is not there any more' : reasonOf(error));
	}
	throw new Error('the file is not in the folder');
}
