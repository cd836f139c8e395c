import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {suite, test} from 'node:test';
import {promisify} from 'node:util';

/** Makes garbage, of which some lives on for a while, for so many turns of the loop; tells how much room the young objects have. */
const program = (before: string) => `
	import v8 from 'node:v8';
	import {setTimeout} from 'node:timers/promises';
	import {limitYoungObjects} from ${JSON.stringify(new URL('../source/threads/young-objects.ts', import.meta.url).href)};
	${before}
	let kept = [];
	const room = () => v8.getHeapSpaceStatistics().find(({space_name}) => space_name === 'new_space').space_size / 2 ** 20;
	for (let turn = 0; turn < 100; turn++) {
		for (let count = 0; count < 20_000; count++) kept.push({count, some: [count]});
		if (turn % 10 === 9) kept = [];
		await setTimeout(1);
	}
	console.log(room());
`;

async function roomAfter(before: string): Promise<{room: number; stderr: string}> {
	const args = ['--import', 'tsx', '--input-type=module', '--eval', program(before)];
	const {stdout, stderr} = await promisify(execFile)(process.execPath, args);
	return {room: Number(stdout), stderr};
}

suite('young objects', () => {
	test('get no more than their room, where V8 would give them more', async () => {
		const [limited, free] = await Promise.all([roomAfter('limitYoungObjects(1)'), roomAfter('')]);
		assert.equal(limited.stderr, '', 'the flag is one that V8 knows');
		assert.ok(free.room >= 32, `${free.room} MB without a limit`);
		assert.ok(limited.room <= 16, `${limited.room} MB with a limit`);
	});
});
