import assert from 'node:assert/strict';
import {mkdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {suite} from 'node:test';
import {launch} from '../source/dashboard/terminal/launch.ts';
import {openerOf, savedFile} from '../source/dashboard/terminal/opener.ts';
import {folder, test} from './helpers/engine.ts';

const file = '/home/me/-rf; touch x.pdf';
const ssh = {SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22'};

const cases: ReadonlyArray<readonly [NodeJS.Platform, Record<string, string>, string]> = [
	['linux', {DISPLAY: ':0'}, 'xdg-open'],
	['linux', {WAYLAND_DISPLAY: 'wayland-0'}, 'xdg-open'],
	['linux', {...ssh, DISPLAY: 'localhost:10.0'}, 'xdg-open'],
	['freebsd', {DISPLAY: ':0'}, 'xdg-open'],
	['darwin', {}, 'open'],
	['win32', {}, 'explorer.exe'],
	['linux', ssh, `not opened, it is on the other side of ssh: ${file}`],
	['darwin', ssh, `not opened, it is on the other side of ssh: ${file}`],
	['linux', {}, `there is no display to open it on: ${file}`],
];

suite('the opener', () => {
	for (const [platform, env, expected] of cases) {
		test(`on ${platform} with ${JSON.stringify(env)}: ${expected}`, async () => {
			const opener = openerOf(file, {platform, env});
			if (typeof opener === 'string') assert.equal(opener, expected);
			else assert.deepEqual(opener, {command: expected, args: [file]});
		});
	}

	const isOpened = (name: string) =>
		typeof openerOf(`/x/${name}`, {platform: 'linux', env: {DISPLAY: ':0'}}) === 'object';

	test('opens nothing that would be run', () => {
		const windows = 'exe com bat msi lnk url hta vbs wsf wsc sct ps1 psm1 py pyw pyz chm hlp diagcab rdp xll theme';
		const shell = 'settingcontent-ms appref-ms appcontent-ms library-ms search-ms searchConnector-ms';
		const mac = 'command tool terminal inetloc fileloc ftploc webloc scpt scptd applescript workflow pkg mpkg';
		const linux = 'desktop sh run appimage deb rpm flatpakref jar';
		for (const ending of [windows, shell, mac, linux].join(' ').split(' '))
			for (const name of [`a.${ending}`, `a.pdf.${ending.toUpperCase()}`]) assert.equal(isOpened(name), false, name);
		assert.match(String(openerOf('/x/a.exe', {platform: 'win32', env: {}})), /^not opened, it may be a program: /);
	});

	test('sees an ending as Windows does, without the blanks and dots behind it', () => {
		for (const name of ['a.exe ', 'a.exe.', 'a.exe. .', '.exe']) assert.equal(isOpened(name), false, name);
	});

	test('opens what is only shown, and disk images, which are mounted and not run', () => {
		for (const name of 'a.pdf a.html a.docx a.iso a.dmg a.zip exe a.exe.txt a.ms a.'.split(' '))
			assert.equal(isOpened(name), true, name);
	});
});

suite('the saved file', () => {
	test('is the one in the folder, by its whole path', async t => {
		const dir = await folder(t);
		await mkdir(path.join(dir, 'sub'));
		await writeFile(path.join(dir, 'sub/a.txt'), 'a');
		const found = await savedFile(dir, 'sub/a.txt');
		assert.ok(path.isAbsolute(found));
		assert.equal(await readFile(found, 'utf8'), 'a');
	});

	test('is none that is gone, nor one outside of it, by whatever way', async t => {
		const outside = await folder(t);
		const dir = path.join(outside, 'dir');
		await mkdir(dir);
		await writeFile(path.join(outside, 'secret'), 's');
		await writeFile(path.join(outside, 'dir-too'), 's');
		await symlink('../secret', path.join(dir, 'link'));
		await assert.rejects(savedFile(dir, 'gone'), /^Error: the file is not there any more$/);
		for (const name of ['link', '../secret', '../dir-too', '.'])
			await assert.rejects(savedFile(dir, name), /^Error: the file is not in the folder$/, name);
		await rm(dir, {recursive: true});
		await assert.rejects(savedFile(dir, 'link'), /not there any more/);
	});
});

suite('a program that is started', () => {
	const node = (code: string, ...args: string[]) => ({command: process.execPath, args: ['-e', code, ...args]});

	test('gets its arguments as they are, and its input', async t => {
		const out = path.join(await folder(t), 'out');
		const code = `require('fs').writeFileSync(process.argv[1], process.argv[2] + require('fs').readFileSync(0))`;
		assert.equal(await launch(node(code, out, '$HOME; "x"'), 'input'), undefined);
		assert.equal(await readFile(out, 'utf8'), '$HOME; "x"input');
	});

	test('that fails says so', async () => {
		assert.match((await launch(node('process.exit(3)'), 'x'.repeat(1_000_000))) ?? '', / failed \(exit status 3\)$/);
	});

	test('that is not there says so', async () => {
		assert.equal(await launch({command: 'no-such-opener', args: []}), 'there is no no-such-opener here');
	});
});
