import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {suite, test} from 'node:test';
import {stripVTControlCharacters} from 'node:util';
import {picture} from '../scripts/picture.ts';
import {frame} from '../source/dashboard/frame.ts';
import {stage} from './helpers/scene.ts';
import {busy} from './helpers/scenes.ts';

const root = path.resolve(import.meta.dirname, '..');
const file = path.join(root, 'docs/dashboard.svg');
const lines = frame(stage({...busy(), color: true}, {columns: 120, rows: 40})).lines.filter(line => line.trim() !== '');

suite('the picture in the README', () => {
	test('is the golden frame of a busy run, with its colors', () => {
		const golden = readFileSync(path.join(root, 'test/golden/busy-120x40.txt'), 'utf8').split('\n');
		assert.deepEqual(
			lines.map(line => stripVTControlCharacters(line).trimEnd()),
			golden.filter(line => line !== ''),
		);
		const made = picture(lines);
		if (process.env.UPDATE) writeFileSync(file, made);
		else assert.equal(readFileSync(file, 'utf8'), made, 'run `UPDATE=1 npm run unit`');
	});
});
