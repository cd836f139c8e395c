import {realpath} from 'node:fs/promises';
import path from 'node:path';
import {errorCode, reasonOf} from '../../engine/failure.ts';
import {sanitize} from '../../format/sanitize.ts';
import type {Program} from './launch.ts';

export type Situation = {platform: NodeJS.Platform; env: Readonly<Record<string, string | undefined>>};

/**
 * Endings of what some desktop would run, install or connect to, instead of showing it. It has just come from a stranger. On every
 * platform, for Wine, Java and Python are everywhere. Not those of disk images: they are mounted, and nothing in them is run by that.
 */
const programs = new Set(
	[
		// Windows: programs and scripts, what is a script inside, and what only points to one.
		'exe com scr pif cpl msi msp mst msu appx appxbundle msix msixbundle appinstaller application gadget xbap xll wll',
		'bat cmd hta inf ins isp job js jse msc ps1 ps1xml ps2 psc1 psc2 psd1 psm1 reg sct shb shs vb vbe vbs ws wsb wsc wsf wsh',
		'ade adp accde mde chm hlp diagcab diagcfg diagpkg lnk rdp scf url website theme themepack deskthemepack',
		// macOS; the `…loc` open whatever address is in them, `file:` too.
		'action app applescript command definition mobileconfig mpkg osax pkg prefpane saver scpt scptd shortcut terminal tool',
		'afploc fileloc ftploc inetloc mailloc vncloc webloc workflow',
		// Linux.
		'appimage bash csh deb desktop fish flatpak flatpakref kdelnk ksh rpm run sh snap zsh',
		// Of languages whose installers take the double click.
		'jar jnlp pl py pyc pyo pyw pyz pyzw rb tcl',
	]
		.join(' ')
		.split(' '),
);

/**
 * Windows passes over blanks and dots at the end of a name, and needs nothing before the ending. Those in `-ms` are its shell's own,
 * and all of them do something.
 */
function mayBeProgram(file: string): boolean {
	const [, ending = ''] = /\.([^./\s]*)[\s.]*$/.exec(file.toLowerCase()) ?? [];
	return programs.has(ending) || ending.endsWith('-ms');
}

/** Of platforms that have one desktop, which is where the files are. */
const openers: Readonly<Partial<Record<NodeJS.Platform, string>>> = {darwin: 'open', win32: 'explorer.exe'};

/** What opens a file with the program that the desktop has for it; a sentence if nothing here can. */
export function openerOf(file: string, {platform, env}: Situation): Program | string {
	if (mayBeProgram(file)) return `not opened, it may be a program: ${sanitize(file)}`;
	const isRemote = Boolean(env.SSH_CONNECTION || env.SSH_TTY);
	const command = openers[platform];
	if (command !== undefined) return isRemote ? tooFar(file) : {command, args: [file]};
	// Without a display, xdg-open starts a browser in this very terminal.
	if (env.DISPLAY || env.WAYLAND_DISPLAY) return {command: 'xdg-open', args: [file]};
	return isRemote ? tooFar(file) : `there is no display to open it on: ${sanitize(file)}`;
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
