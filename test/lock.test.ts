import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, stat, symlink} from 'node:fs/promises';
import {connect} from 'node:net';
import path from 'node:path';
import type {TestContext} from 'node:test';
import {lockFolder} from '../source/storage/lock.ts';
import {folder, test} from './helpers/engine.ts';

const module = JSON.stringify(new URL('../source/storage/lock.ts', import.meta.url).href);

/** Another process that locks `dir`, says so and stays; resolves with what it said. */
async function rival(
	t: TestContext,
	dir: string,
	then = 'setInterval(() => {}, 1e6)',
): Promise<[ChildProcess, string]> {
	const code = `import(${module}).then(async ({lockFolder}) => {
		process.stdout.write(await lockFolder(${JSON.stringify(dir)}) ? 'locked' : 'refused');
		${then};
	})`;
	const child = spawn(process.execPath, ['--import', 'tsx', '-e', code], {stdio: ['ignore', 'pipe', 'inherit']});
	t.after(async () => {
		const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
		child.kill('SIGKILL');
		// The next folder may get the number of this one, which it holds as long as it lives.
		await exited;
	});
	const [said] = await once(child.stdout, 'data');
	return [child, String(said)];
}

test('a folder is held by one process at a time, and killing it frees the folder at once', async t => {
	const dir = await folder(t);
	const [child, said] = await rival(t, dir);
	assert.equal(said, 'locked');
	assert.equal(await lockFolder(dir), undefined);
	child.kill('SIGKILL');
	await once(child, 'exit');
	const unlock = await lockFolder(dir);
	assert.ok(unlock);
	assert.equal((await rival(t, dir))[1], 'refused');
	await unlock();
	assert.equal((await rival(t, dir))[1], 'locked');
});

test('a folder is the same by whatever path, and another one has another lock', async t => {
	const dir = await folder(t);
	const [one, other, link] = ['one', 'other', 'link'].map(name => path.join(dir, name)) as [string, string, string];
	await Promise.all([mkdir(one), mkdir(other)]);
	await symlink(one, link, 'dir');
	const unlocks = [await lockFolder(link), await lockFolder(other)];
	assert.ok(unlocks.every(unlock => unlock));
	assert.equal(await lockFolder(one), undefined);
	assert.equal(await lockFolder(path.join(other, '..', 'one')), undefined);
	for (const unlock of unlocks) await unlock?.();
});

test('giving up a folder twice is harmless, and it can be locked again', async t => {
	const dir = await folder(t);
	const unlock = await lockFolder(dir);
	await unlock?.();
	await unlock?.();
	const again = await lockFolder(dir);
	assert.ok(again);
	await again();
});

test('a lock keeps no process alive', async t => {
	const [child, said] = await rival(t, await folder(t), '');
	assert.equal(said, 'locked');
	if (child.exitCode === null) await once(child, 'exit');
	assert.equal(child.exitCode, 0);
});

test('a folder that is not there cannot be locked', async t => {
	await assert.rejects(lockFolder(path.join(await folder(t), 'missing')), {code: 'ENOENT'});
});

const onLinux = process.platform === 'linux' ? test : () => {};
onLinux('whoever connects to the lock is turned away', async t => {
	const dir = await folder(t);
	const unlock = await lockFolder(dir);
	const {dev, ino} = await stat(dir, {bigint: true});
	const socket = connect(`\0fetchtop-${dev}-${ino}`);
	await once(socket.resume(), 'close');
	await unlock?.();
});
